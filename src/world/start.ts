import { type Baseline, createBaseline, type Entities } from './baseline.js'
import type { Before, Document } from './fixtures/collect.js'
import { BUILT_IN, type Directory } from './fixtures/drafts.js'
import { load } from './fixtures/load.js'
import { createGenerator } from './generator/generator.js'
import { loadPeople } from './generator/people.js'
import { uuid } from './generator/random.js'
import type { Micros } from './instant.js'

export interface StartSettings {
  documents: Document[]
  /** How many refresh tokens to generate beside those of the documents. */
  generate: number
  seed: number
  /** The key of the superuser that every world has. */
  token: string
  installId?: string | undefined
  baseUrl?: string | undefined
  /** Relative times in the documents count from here. */
  begin: Micros
}

export interface Start {
  baseline: Baseline
  /** Sentences about what is odd in the documents, but not wrong. */
  warnings: string[]
}

const DEFAULT_BASE_URL = 'http://localhost:9000'

/**
 * Puts a world together as it begins.
 *
 * @throws FixtureError with every mistake in the documents
 */
export async function startWorld(settings: StartSettings): Promise<Start> {
  const { documents, generate, seed, token, begin } = settings
  const { entities, warnings, ...place } = await load([superuser(token), ...documents], emptyBefore(), {
    seed,
    now: begin,
    defaults: { installId: uuid(seed, 'install_id', 0), baseUrl: DEFAULT_BASE_URL },
    overrides: settings,
  })
  const generator =
    generate === 0
      ? undefined
      : createGenerator({ seed, count: generate, taken: keysOf(entities), place, people: await loadPeople(seed) })
  return { baseline: createBaseline({ ...place, begin }, entities, generator), warnings }
}

/** authentik's own first administrator. */
function superuser(key: string): Document {
  const group = { name: 'authentik Admins', is_superuser: true }
  const user = {
    // Its own, as another mock may have made up the rows of the documents.
    uuid: uuid(0, 'akadmin', 0),
    username: 'akadmin',
    name: 'authentik Default Admin',
    email: 'root@example.com',
    groups: [group.name],
  }
  const tokens = { [BUILT_IN]: { key, user: user.username } }
  return { file: BUILT_IN, json: { groups: [group], users: [user], tokens }, trusted: true }
}

function keysOf({ users, providers, refreshTokens }: Entities) {
  return { users: users.keys(), providers: providers.keys(), refreshTokens: refreshTokens.keys() }
}

function emptyBefore(): Before {
  let group = 0
  return {
    groups: empty(() => uuid(0, 'group', group++)),
    users: empty(counter()),
    providers: empty(counter()),
    refreshTokens: empty(counter()),
    tokens: [],
  }
}

function empty<K, V>(nextKey: () => K): Directory<K, V> {
  return { get: () => undefined, find: () => undefined, written: () => [], keys: () => [], size: 0, nextKey }
}

function counter(): () => number {
  let last = 0
  return () => ++last
}
