import type { WireAnswer } from '../src/upstream/wire.js'
import type { Facts } from './facts.js'
import { shorten } from './match.js'
import type { Step } from './recording.js'
import type { Server } from './server.js'
import { usernameOf } from './sign-ins.js'
import { membersOf } from './values.js'

/** The cookies of a browser. */
export type Cookies = Map<string, string>

/** The browsers of a replay: one of each person, and one of nobody. */
export interface Sessions {
  /** By the mock's own means. What it answers instead of a session; undefined: it did. */
  signIn(username: string): Promise<string | undefined>
  /** The browser that sends a step. A browser of its own for a step that keeps no cookie. */
  browserOf(step: Step): Cookies
  /** Keeps what an answer sets: for the next step of the same person, or of nobody. */
  take(step: Step, cookies: Cookies, answer: WireAnswer): void
}

export const SESSION_COOKIE = 'authentik_session'
export const CSRF_COOKIE = 'authentik_csrf'
const CSRF_HEADER = 'x-authentik-csrf'
/** Any 32 letters and digits do: the cookie only has to agree with the header. */
const CSRF_VALUE = 'c'.repeat(32)

export function createSessions(server: Server, facts: Facts): Sessions {
  const people = new Map<string, Cookies>()
  const nobody: Cookies = new Map()

  return {
    async signIn(username) {
      const { status, body } = await server.control('POST', '/_mock/sessions', { user: username })
      const cookie = membersOf(body)['cookie']
      if (status >= 400 || typeof cookie !== 'string') return `${status} ${shorten(body)}`
      people.set(username, new Map([pairOf(cookie)]))
      return undefined
    },
    browserOf(step) {
      const username = usernameOf(step, facts)
      const kept = username === undefined ? nobody : people.get(username)
      const session = step.session === undefined ? undefined : kept?.get(SESSION_COOKIE)
      const cookies: Cookies = step.session === undefined ? new Map() : (kept ?? new Map())
      cookies.delete(CSRF_COOKIE)
      if (step.csrfCookie) cookies.set(CSRF_COOKIE, step.headers?.[CSRF_HEADER] ?? CSRF_VALUE)
      if (step.session === null && session === undefined) cookies.set(SESSION_COOKIE, 'nobody')
      return cookies
    },
    take(step, cookies, answer) {
      takeCookies(cookies, answer)
      if (step.session === undefined) takeCookies(nobody, answer)
    },
  }
}

export function cookieHeader(cookies: Cookies): string | null {
  return cookies.size === 0 ? null : [...cookies].map((pair) => pair.join('=')).join('; ')
}

/** Keeps the cookies that an answer sets, and drops those that it takes away. */
export function takeCookies(cookies: Cookies, answer: WireAnswer): void {
  for (const line of setCookies(answer)) {
    const [name, value] = pairOf(line)
    if (value === '' || value === '""' || /;\s*max-age=0\b/i.test(line)) cookies.delete(name)
    else cookies.set(name, value)
  }
}

export function setCookies({ headers }: WireAnswer): string[] {
  return [headers['set-cookie'] ?? []].flat()
}

function pairOf(line: string): [string, string] {
  const [pair = ''] = line.split(';')
  const equals = pair.indexOf('=')
  return [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()]
}
