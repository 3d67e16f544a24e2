import type { Release } from '../authentik/releases.js'
import type { Site } from '../authentik/site.js'
import type { Visit } from '../authentik/visit.js'
import { createClock } from '../world/clock.js'
import { createDatabase } from '../world/database.js'
import type { Snapshot } from '../world/snapshot.js'
import { createFaults, type Faults } from './faults.js'
import { createJournal, type Journal } from './journal.js'

/** A world as a test sees it: its rows at a release, with a clock, faults and a journal of its own. */
export interface Realm extends Site {
  /** Empty: the one without a prefix. */
  readonly name: string
  readonly faults: Faults
  readonly journal: Journal
  /** What a reset goes back to. */
  readonly beginning: { snapshot: Snapshot; release: Release }
}

export interface RealmSettings {
  snapshot: Snapshot
  release: Release
  /** How many requests the journal remembers. */
  journal: number
  keepsOf: (snapshot: Snapshot, release: Release) => Site['shared']
}

export function createRealm(name: string, { snapshot, release, journal, keepsOf }: RealmSettings): Realm {
  return {
    name,
    world: createDatabase(snapshot, createClock()),
    release,
    shared: keepsOf(snapshot, release),
    faults: createFaults(),
    journal: createJournal(journal),
    beginning: { snapshot, release },
  }
}

/** The realm that a request came to: every site that requests are located at is one. */
export function realmOf(visit: Visit): Realm {
  return visit.site as Realm
}
