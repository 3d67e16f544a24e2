import { randomBytes, timingSafeEqual } from 'node:crypto'
import { signWithSecret } from '../../oauth2/jwt.js'
import { uidOf } from '../../world/computed-fields.js'
import type { Database } from '../../world/database.js'
import { isOver } from '../../world/instant.js'
import type { Session } from '../../world/kinds/sessions.js'
import type { User } from '../../world/kinds/users.js'
import { alphanumeric } from '../../world/random.js'

/**
 * A browser, as its session cookie describes it. Only a sign-in makes a row. What authentik would keep in its sessions
 * beyond that stands in the cookie, so visitors who never sign in leave nothing behind.
 */
export interface Browser {
  /** Undefined: nobody is signed in. */
  session: Session | undefined
  user: User | undefined
  notes: Notes
}

/** What authentik would keep in a session. */
export interface Notes {
  /** The slug of the application that a sign-in is for. */
  application?: string | undefined
  /** The session that `prompt=login` found, and sent away to sign in again. */
  relogin?: string | undefined
  /** The flow that is under way: its slug, and what it is for. */
  flow?: { slug: string; purpose: 'consent' | 'device' | 'ended' } | undefined
  /** A message about the sign-in was not shown so far. */
  message?: true | undefined
}

export const SESSION_COOKIE = 'authentik_session'
export const CSRF_COOKIE = 'authentik_csrf'

/** The values of all cookies with one name: the last one counts most. */
export function cookiesIn(header: string | undefined, name: string): string[] {
  const pairs = header?.split(';').map((pair) => pair.trim()) ?? []
  return pairs.flatMap((pair) => (pair.startsWith(`${name}=`) ? pair.slice(name.length + 1) : [])).reverse()
}

/**
 * The browser of a request. Undefined: it shows no session, or one that is not good any more. It may show that of the
 * world without a prefix beside the one of its own.
 */
export function readBrowser(database: Database, header: string | undefined): Browser | undefined {
  if (header === undefined) return undefined
  const browsers = cookiesIn(header, SESSION_COOKIE).flatMap((cookie) => browserOf(database, cookie) ?? [])
  return browsers.find(({ session }) => session !== undefined) ?? browsers[0]
}

function browserOf(database: Database, cookie: string): Browser | undefined {
  const payload = readPayload(database, cookie)
  if (payload === undefined) return undefined
  const { sid, authenticated, notes = {} } = payload
  if (!authenticated) return { session: undefined, user: undefined, notes }
  const session = database.sessions.find('key', sid)
  if (session === undefined || isOver(session.expires, database.clock.now())) return undefined
  const user = database.users.get(session.user)
  return user?.is_active === true ? { session, user, notes } : undefined
}

/** The language that a user chose. */
export function localeOf(user: User | undefined): string | undefined {
  const settings = user?.attributes['settings']
  const locale = settings !== null && typeof settings === 'object' && !Array.isArray(settings) && settings['locale']
  return typeof locale === 'string' && locale !== '' ? locale : undefined
}

/** The value of the cookie that describes a browser: a JWT, as authentik's. */
export function sessionCookieOf(database: Database, session: Session | undefined, notes: Notes): string {
  const { installId } = database.snapshot
  const payload: Payload = {
    sid: session?.key ?? randomBytes(16).toString('hex'),
    iss: 'authentik',
    sub:
      session === undefined ? 'anonymous' : (database.users.get(session.user)?.uid ?? uidOf(session.user, installId)),
    authenticated: session !== undefined,
    acr: 'goauthentik.io/core/default',
    ...(Object.keys(notes).length > 0 && { notes }),
  }
  return signWithSecret(secretOf(database), Buffer.from(JSON.stringify(payload)))
}

interface Payload {
  sid: string
  iss: string
  sub: string
  authenticated: boolean
  acr: string
  notes?: Notes
}

/** Who can sign a cookie can write what it likes in it. */
function readPayload(database: Database, cookie: string): Payload | undefined {
  const [header, body = '', signature] = cookie.split('.')
  if (header === undefined || signature === undefined) return undefined
  const bytes = Buffer.from(body, 'base64url')
  const [wanted, got] = [signWithSecret(secretOf(database), bytes), cookie].map((text) => Buffer.from(text)) as [
    Buffer,
    Buffer,
  ]
  return wanted.length === got.length && timingSafeEqual(wanted, got) ? JSON.parse(bytes.toString()) : undefined
}

/** Of the world that it belongs to: a cookie of another one is none here. */
function secretOf({ snapshot }: Database): string {
  return alphanumeric(snapshot.seed, `cookies of ${snapshot.installId}`, 0, 50)
}
