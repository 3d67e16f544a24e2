import { createHash, createPrivateKey, type KeyObject } from 'node:crypto'
import { microsOf, parseIso } from '../src/world/instant.js'
import { type Recording, ReplayError, readJson } from './recording.js'

/** What the world file and the recording say of people, clients and keys, as far as a replay needs it. */
export interface Facts {
  /** Usernames by username and by uid. */
  usernames: Map<string, string>
  /** Primary keys by username. */
  pks: Map<string, string>
  /** Primary keys of the rows that the world file holds, as `section key`. */
  keys: Set<string>
  /** Slugs of applications that have a provider. */
  slugs: string[]
  /** Every secret that a client has had, by client id. Secrets set by a recorded request stand under ''. */
  secrets: Map<string, string[]>
  /** Private keys by kid, for tokens that are encrypted. */
  privateKeys: Map<string, KeyObject>
  /** The world file holds the signing keys, so kid and JWKS are as recorded. */
  knowsKeys: boolean
  /** Moments that stand in the world file, in microseconds and in seconds: an answer has exactly these. */
  moments: Set<number>
  /** The world file, to see whether a value comes from it. */
  text: string
}

interface WorldFile {
  install_id?: string
  users?: { pk?: number; username: string; last_login?: string | null }[]
  providers?: { client_id?: string; client_secret?: string; application?: { slug: string } }[]
  applications?: { slug: string; provider?: unknown }[]
  keys?: { kid?: string; private_key?: string }[]
}

/** The sections whose rows a server counts on. */
const COUNTED = ['users', 'refresh_tokens', 'access_tokens', 'authorization_codes']

/** @throws ReplayError */
export function readFacts(file: string, { steps }: Recording): Facts {
  const world = readJson(file, '--world') as WorldFile
  if (typeof world !== 'object' || world === null || Array.isArray(world))
    throw new ReplayError(`--world: ${file} is no world; allowed: seeds, an object with users and providers`)
  const { users = [], providers = [], applications = [], keys = [], install_id } = world
  const text = JSON.stringify(world)
  const bodies = steps.flatMap(({ body }) => body ?? [])
  return {
    usernames: new Map(
      users.flatMap(({ pk, username }) => [uidOf(pk, install_id), username].map((id) => [id, username])),
    ),
    pks: new Map(users.map(({ pk, username }) => [username, String(pk)])),
    keys: new Set(COUNTED.flatMap((section) => keysIn(world, section))),
    slugs: [
      ...applications.flatMap(({ slug, provider }) => (provider === null ? [] : slug)),
      ...providers.flatMap(({ application }) => application?.slug ?? []),
    ],
    secrets: new Map([
      ...providers.map(({ client_id, client_secret }): [string, string[]] => [client_id ?? '', [client_secret ?? '']]),
      [
        '',
        bodies.flatMap((body) => [...body.matchAll(/"client_secret":\s*"([^"]*)"/g)].map(([, secret]) => secret ?? '')),
      ],
    ]),
    privateKeys: new Map(
      keys.flatMap(({ kid, private_key }) =>
        kid === undefined || private_key === undefined ? [] : [[kid, createPrivateKey(private_key)]],
      ),
    ),
    knowsKeys: keys.length > 0,
    moments: momentsIn(text),
    text,
  }
}

/** authentik's uid of a user, which its session cookie holds. */
function uidOf(pk: number | undefined, installId: string | undefined): string {
  return createHash('sha256').update(`${pk}-${installId}`).digest('hex')
}

/** Rows without a key of their own are counted. */
function keysIn(world: WorldFile, section: string): string[] {
  const rows = (world as Record<string, { pk?: number }[] | undefined>)[section] ?? []
  return rows.map(({ pk }, i) => `${section} ${pk ?? i + 1}`)
}

function momentsIn(text: string): Set<number> {
  const moments = new Set<number>()
  for (const [, found = ''] of text.matchAll(/"(\d{4}-\d\d-\d\d[T ][^"]*)"/g)) {
    const instant = parseIso(found)
    if (instant === undefined) continue
    moments.add(microsOf(instant))
    moments.add(Math.floor(microsOf(instant) / 1e6))
  }
  for (const [, seconds] of text.matchAll(/"(?:exp|iat|auth_time)\\?": ?(\d+)/g)) moments.add(Number(seconds))
  return moments
}
