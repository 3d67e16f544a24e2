import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Masks } from '../../server/masking.js'
import { createReplica, type Replica } from '../../store/replica.js'
import type { Store } from '../../store/store.js'
import type { Change } from '../../world/change.js'
import { jsonText } from '../../world/json.js'
import { readExactly } from '../../world/load/exact-json.js'
import type { Reporter } from '../findings/report.js'
import type { JournalSettings } from '../journal/journal.js'
import type { Behind, SavedWorld } from '../worlds/world.js'
import { beginTurn, endTurn } from './hooks.js'
import { createPassage, type Passage, type PassageSettings, type StoreReads } from './passage.js'
import { createSharedJournal, type SharedJournal } from './shared-journal.js'
import { createSharedReporter } from './shared-report.js'

/** Keeps the worlds of this mock in step with those of others, by the logs of a store. Loaded where there is one. */

export interface Replication {
  store: Store
  follow(world: string, behind: Behind): Replica
  openJournal(world: string, settings: JournalSettings): SharedJournal
  openReport(masks: Masks): Reporter
  /** The way of requests. */
  passage(settings: PassageSettings): Passage
  /** The way of control requests. */
  beginTurn(request: FastifyRequest, reply: FastifyReply): Promise<void>
  endTurn(request: FastifyRequest, reply: FastifyReply): Promise<void>
}

export function createReplication(store: Store, reads: StoreReads): Replication {
  return {
    store,
    passage: (settings) => createPassage(store, reads, settings),
    beginTurn,
    endTurn,
    openJournal: (world, settings) => createSharedJournal(store, world, settings),
    openReport: (masks) => createSharedReporter(store, masks),
    follow: (world, { replay, save, restore }) =>
      createReplica({
        store,
        log: world,
        textOf: jsonText,
        followed: {
          begin: (snapshot) => restore(snapshot === undefined ? undefined : (parse(snapshot) as SavedWorld)),
          apply: (entry) => replay(parse(entry) as Change[]),
          save: () => jsonText(save()),
        },
      }),
  }
}

/** What may be an integer that a number cannot hold, which is above 9,007,199,254,740,991. */
const LONG_NUMBER = /[[:,]-?(?:\d{17}|9\d{15})/

function parse(text: string): unknown {
  return LONG_NUMBER.test(text) ? readExactly(text).value : JSON.parse(text)
}
