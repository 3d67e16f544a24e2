import { timingSafeEqual } from 'node:crypto'
import type { Answer } from '../answer.js'
import type { RequestContext } from '../context.js'
import { forbidden } from '../error-pages.js'
import type { Form } from '../form.js'
import { hostOrigin } from '../own-url.js'
import { CSRF_FIELD, csrfSecret, unmasked } from './csrf-token.js'

/** Django's protection of what a browser sends along with cookies: a token in a cookie, and again in header or form. */

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Outside the API, and beside the endpoints for programs, unsafe methods ask for a CSRF token. */
export function refuseUnsafeMethods(ctx: RequestContext): Answer | undefined {
  return refuseForgery(ctx)
}

/** The same where the token may stand in a form. */
export function refuseForgery(ctx: RequestContext, form?: Form): Answer | undefined {
  const mistake = csrfMistake(ctx, form)
  if (mistake === undefined) return undefined
  ctx.reason = mistake
  return forbidden()
}

/** Why a request may not be one that its browser's user wanted, in Django's words. Undefined: it may. */
export function csrfMistake(ctx: RequestContext, form?: Form): string | undefined {
  if (SAFE_METHODS.has(ctx.method)) return undefined
  const { origin, 'x-authentik-csrf': header } = ctx.request.headers
  if (origin !== undefined && origin !== hostOrigin(ctx))
    return `Origin checking failed - ${origin} does not match any trusted origins.`
  const secret = csrfSecret(ctx)
  if (secret === undefined) return 'CSRF cookie not set.'
  const shown = form?.get(CSRF_FIELD) ?? header
  if (shown === undefined) return 'CSRF token missing.'
  const token = unmasked(String(shown))
  return token !== undefined && timingSafeEqual(Buffer.from(token), Buffer.from(secret))
    ? undefined
    : 'CSRF token incorrect.'
}
