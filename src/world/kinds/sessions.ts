import { createHash } from 'node:crypto'
import * as Type from 'typebox'
import { formatInstant, type Instant, nearestMoment } from '../instant.js'
import { alphanumeric } from '../random.js'
import type { Kind } from './kind.js'
import { instant, key, object, reference, secret, text, uuid } from './shared/grammar.js'
import { momentsOf } from './shared/moments.js'
import { UserSeed } from './users.js'

/** A browser in which somebody signed in. */
export interface Session {
  pk: string
  /** What the session cookie leads to. */
  key: string
  user: number
  /** How the user signed in: `pwd`, `mfa` and the like. */
  amr: string[]
  auth_time: Instant
  expires: Instant
  last_used: Instant
  last_ip: string
  last_user_agent: string
}

export const SessionSeed = object(
  {
    pk: uuid(),
    key: secret('a text of lower-case letters and digits', { minLength: 1, pattern: '^[0-9a-z]+$' }),
    user: reference(key(), 'username', UserSeed),
    amr: Type.Array(text(), { description: 'a list of texts such as "pwd" and "mfa"' }),
    auth_time: instant(),
    expires: instant(),
    last_used: instant(),
    last_ip: text(),
    last_user_agent: text(),
  },
  'a session',
)
export type SessionSeed = Type.Static<typeof SessionSeed>

/** authentik's default. */
export const TWO_WEEKS = 14 * 8.64e10

export const sessions: Kind<string, Session, typeof SessionSeed> = {
  word: 'session',
  seed: SessionSeed,
  key: 'pk',
  keys: 'drawn',
  form: 'list',
  secrets: { key: null },
  unique: ['key'],
  references: { user: { kind: 'users', otherwise: 'any', onDelete: 'cascade' } },
  columns: { pk: (row) => row.pk, user: (row) => row.user, expires: (row) => row.expires },
  complete(given, pk, context, before) {
    const { seed, now } = context
    const fresh = {
      pk,
      key: alphanumeric(seed, `session ${pk}`, 0, 32).toLowerCase(),
      amr: ['pwd'],
      auth_time: formatInstant(now),
      expires: formatInstant(nearestMoment(now + TWO_WEEKS)),
      last_used: formatInstant(now),
      last_ip: '127.0.0.1',
      last_user_agent: '',
    }
    const moments = momentsOf(given, ['auth_time', 'expires', 'last_used'], context)
    return { ...(before ?? fresh), ...given, ...moments } as Session
  },
  seedOf: (session) => ({ ...session }),
}

/** The `sid` of tokens that come of a session. */
export function sidOf({ key }: Session): string {
  return createHash('sha256').update(key).digest('hex')
}
