import { createHash } from 'node:crypto'
import type { StoreAddress } from '../../store/address.js'
import type { Store } from '../../store/store.js'
import { openValkey } from '../../store/valkey.js'
import type { Micros } from '../../world/instant.js'
import { jsonText } from '../../world/json.js'
import type { FixtureSource } from '../../world/load/source.js'
import type { StoreReads } from './passage.js'
import { createReplication, type Replication } from './replication.js'

/** Joins the mocks that share a store. All of them have to be alike in what they answer without any change. */

export interface JoinSettings {
  store: StoreAddress | Store
  storeReads: StoreReads
  /** In seconds. */
  storeExpiry: number
  /** How many worlds with a name there may be. */
  worlds: number
  /** How many requests the journal of each remembers. */
  journal: number
  version: string
  /** What mocks have to have in common, by the names of their options. */
  common: { [option: string]: unknown }
  sources: FixtureSource[]
  now: Micros
  warn: (text: string) => void
}

/** What the journal of a world takes in the store, at the most. */
const NOTE_BYTES = 4 * 1024 * 1024

/** What is written in the logs, and how. Another one is not understood. */
const FORMAT = 4

/** The store is that of mocks which are not like this one. */
export class StoreMismatch extends Error {
  override name = 'StoreMismatch'
}

export interface Joined {
  replication: Replication
  begin: Micros
  leave(): Promise<void>
}

/**
 * @returns the moment that the mock which came first began at, which relative times of fixtures count from; and what a
 *   mock calls that cannot begin after all: it leaves nothing there that others would have to agree with
 * @throws StoreAway
 * @throws StoreMismatch
 */
export async function joinReplicas(settings: JoinSettings): Promise<Joined> {
  const { storeReads, worlds, storeExpiry, version, common, sources, now, warn } = settings
  const limits = { logs: worlds, expiry: storeExpiry, notes: settings.journal, noteBytes: NOTE_BYTES }
  const store = 'shown' in settings.store ? await openValkey(settings.store, limits, warn) : settings.store
  const name = 'shown' in settings.store ? `the store ${settings.store.shown}` : 'the store'
  const fixtures = digest(jsonText(sources.map(({ json, text }) => json ?? text ?? null)))
  const shown = Object.entries(common).map(([option, value]) => [
    option,
    SECRETS.includes(option) && value !== undefined ? digest(value) : value,
  ])
  const own = { format: FORMAT, version, ...Object.fromEntries(shown), fixtures }
  const text = JSON.stringify({ begin: now, ...own })
  try {
    const { begin, ...theirs } = readCommon(await store.agree(text), name)
    refuseOthers(own, theirs, name)
    const leave = () =>
      store
        .disagree(text)
        .catch(() => {})
        .finally(() => store.close())
    return { replication: createReplication(store, storeReads), begin, leave }
  } catch (error) {
    store.close()
    throw error
  }
}

/** @throws StoreMismatch where no mock wrote it */
function readCommon(text: string, store: string): Common & { begin: Micros } {
  try {
    const read = JSON.parse(text)
    if (typeof read.begin === 'number' && 'format' in read) return read
  } catch {}
  throw new StoreMismatch(`${store} has keys of somebody else; allowed: a ?prefix= in its URL that nobody else uses`)
}

/** @throws StoreMismatch that names all of what differs */
function refuseOthers(own: Common, theirs: Common, store: string): void {
  const names = own['format'] === theirs['format'] ? ['version', ...Object.keys(own)] : ['format', 'version']
  const differs = [...new Set(names)].filter((name) => JSON.stringify(own[name]) !== JSON.stringify(theirs[name]))
  if (differs.length === 0) return
  const found = differs.map((name) =>
    HIDDEN.includes(name)
      ? `other ${flagOf(name)}`
      : `${flagOf(name)} ${theirs[name] ?? 'unset'} (this mock: ${own[name] ?? 'unset'})`,
  )
  throw new StoreMismatch(
    `${store} has the log of mocks with ${found.join(', ')}; allowed: the same, or a ?prefix= of its own in its URL`,
  )
}

/** As people give the option: `web-path` for `webPath`. */
function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

type Common = { [name: string]: unknown }

const SECRETS = ['token', 'controlToken']
const HIDDEN = [...SECRETS, 'fixtures']

/** Secrets and long texts are compared, and not told. */
function digest(text: unknown): string {
  return createHash('sha256').update(`authentik-mock ${text}`).digest('base64url')
}
