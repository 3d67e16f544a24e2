import type { Seeds } from '../../src/index.js'
import { TEST_KEYS } from '../../src/world/kinds/keys.js'

/** What every client does as an application would, and what comes of it. */

/** What the program of a client is told, as JSON in the variable `TASK`. */
export interface Task {
  issuer: string
  client_id: string
  /** Not for a client that runs in a browser. */
  client_secret?: string
  redirect_uri: string
  /** `GET {browser}?url=…` has a person visit a URL, sign in, agree; it answers where they were sent in the end. */
  browser: string
  /** Who signs in. */
  user: string
  /** To the API, for what revokes by it. */
  key?: string
}

/** What the program of a client prints of a step, a line of JSON each. */
export interface Outcome {
  step: string
  /** What the client told of it. */
  detail?: unknown
  /** The client has nothing for this; the program did it by plain HTTP. */
  plain?: boolean
  /** The client has nothing for this; the program did not do it. */
  absent?: boolean
  /** What it failed with. */
  error?: string
}

export const USER = 'jane.doe'
const EMAIL = 'jane.doe@example.com'
const SECRET = 'aSecretOfTheseTestsAlone'

/** Whatever the client checks of an id_token, its signature and nonce among it, must hold for a step to come so far. */
const EXPECTED: Outcome[] = [
  { step: 'discovery', detail: { token_endpoint: true } },
  { step: 'sign-in', detail: { sub: USER, refresh_token: true } },
  { step: 'userinfo', detail: { sub: USER, email: EMAIL } },
  { step: 'refresh', detail: { sub: USER, rotated: true } },
  { step: 'refresh again', detail: { sub: USER, rotated: true } },
  { step: 'introspection', detail: { active: true, sub: USER } },
  { step: 'revocation', detail: {} },
  { step: 'refused', detail: { error: 'invalid_grant' } },
  { step: 'introspection of the revoked', detail: { active: false } },
  { step: 'device', detail: { sub: USER } },
]

/** A page may send a revocation, and it counts; but authentik lets no page of another origin read the answer. */
const EXPECTED_IN_PAGE = EXPECTED.map((outcome) =>
  outcome.step === 'revocation' ? { ...outcome, detail: { readable: false } } : outcome,
)

export function expectedOf(as: 'server' | 'page'): Outcome[] {
  return as === 'page' ? EXPECTED_IN_PAGE : EXPECTED
}

/** @param redirectUri where the client awaits those who signed in */
export function worldWith(redirectUri: string): Seeds {
  const scopes = ['openid', 'email', 'profile', 'offline_access']
  const redirect_uris = [{ matching_mode: 'strict' as const, url: redirectUri }]
  return {
    users: [{ username: USER, name: 'Jane Doe', email: EMAIL }],
    flows: [{ slug: 'default-device-code-flow' }],
    providers: [
      {
        ...{ name: 'Server', client_id: 'server', client_secret: SECRET, sub_mode: 'user_username' },
        ...{ application: { slug: 'server', name: 'Server' }, scopes, redirect_uris, signing_key: TEST_KEYS.rsa },
      },
      {
        ...{ name: 'Page', client_id: 'page', client_type: 'public', sub_mode: 'user_username' },
        ...{ application: { slug: 'page', name: 'Page' }, scopes, redirect_uris, signing_key: TEST_KEYS.rsa },
      },
    ],
  }
}

/**
 * @param url where the world is found
 * @param key to its API
 */
export function taskOf(url: string, as: 'server' | 'page', redirect_uri: string, browser: string, key = ''): Task {
  const issuer = `${url}/application/o/${as}/`
  const secret = as === 'server' ? { client_secret: SECRET } : {}
  return { issuer, client_id: as, ...secret, redirect_uri, browser, user: USER, key }
}

/** Why a step did not go as on authentik, if so. */
export function faultIn(expected: Outcome, outcome: Outcome | undefined): string | undefined {
  if (outcome === undefined) return 'the step was not taken'
  if (outcome.error !== undefined) return outcome.error
  if (outcome.absent === true || isSame(outcome.detail, expected.detail)) return undefined
  return `the outcome was ${JSON.stringify(outcome.detail)}`
}

function isSame(some: unknown, other: unknown): boolean {
  return sorted(some) === sorted(other)
}

function sorted(detail: unknown): string {
  return JSON.stringify(Object.entries(detail ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)))
}
