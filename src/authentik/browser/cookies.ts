import { nearestMoment } from '../../world/instant.js'
import type { Session } from '../../world/kinds/sessions.js'
import { prefixOf, type RequestContext } from '../context.js'
import { isByHttps } from '../own-url.js'
import type { ServedWorld } from '../served-world.js'
import { CSRF_COOKIE, type Notes, SESSION_COOKIE, sessionCookieOf } from './browser.js'

/** The cookies that authentik sets, as headers. Those of a world are for its paths alone. */

const CSRF_SECONDS = 31_449_600

export function sessionCookie(ctx: RequestContext, session: Session | undefined, notes: Notes): string {
  const value = sessionCookieOf(ctx.database, session, notes)
  return `${SESSION_COOKIE}=${value}; HttpOnly; Path=${ctx.prefix}/; SameSite=${sameSite(ctx)}`
}

/**
 * The same without a request, for a browser that was not here yet.
 *
 * @param base the path that authentik is served below, without a slash at its end
 */
export function newSessionCookie(
  { database, name }: Pick<ServedWorld, 'database' | 'name'>,
  session: Session,
  base: string,
): string {
  const path = `${prefixOf(name, base)}/`
  const value = sessionCookieOf(database, session, { message: true })
  return `${SESSION_COOKIE}=${value}; HttpOnly; Path=${path}; SameSite=Lax`
}

/** The same session with other notes. */
export function notedCookie(ctx: RequestContext, notes: Notes): string {
  const { session, notes: before = {} } = ctx.browser ?? {}
  return sessionCookie(ctx, session, Object.fromEntries(Object.entries({ ...before, ...notes }).filter(([, v]) => v)))
}

export function droppedSession(ctx: RequestContext): string {
  return `${SESSION_COOKIE}=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=${ctx.prefix}/; SameSite=${sameSite(ctx)}`
}

export function csrfCookie(ctx: RequestContext, token: string): string {
  const expires = new Date(nearestMoment(ctx.database.clock.now() + CSRF_SECONDS * 1e6) / 1e3).toUTCString()
  return `${CSRF_COOKIE}=${token}; expires=${expires}; Max-Age=${CSRF_SECONDS}; Path=${ctx.prefix}/; SameSite=Lax`
}

/** authentik lets its session be used in frames of other sites, where browsers allow that: over https. */
function sameSite({ request }: RequestContext): string {
  return isByHttps(request) ? 'None; Secure' : 'Lax'
}
