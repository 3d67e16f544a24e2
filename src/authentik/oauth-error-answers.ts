import { BEARER_ERRORS, type BearerRefusal, ERRORS, Refusal } from '../oauth2/errors.js'
import type { Answer } from './answer.js'
import type { RequestContext } from './context.js'
import { emptyPage } from './error-pages.js'
import { tokenAnswer } from './oauth-view.js'

/** What a client reads of a refusal. */
export function refusalAnswer(ctx: RequestContext, refusal: unknown, status: number): Answer {
  if (!(refusal instanceof Refusal)) throw refusal
  ctx.reason = refusal.reason
  ctx.refusedAs = refusal.code
  const said = { error: refusal.code, error_description: ERRORS[refusal.code] }
  return tokenAnswer(status, ctx.release.oauth2.errorRequestId ? { ...said, request_id: ctx.id } : said)
}

/** The same where a bearer token is asked for: all of it stands in a header. */
export function bearerRefusalAnswer(ctx: RequestContext, { code, reason }: BearerRefusal): Answer {
  ctx.reason = reason
  const { status, description } = BEARER_ERRORS[code]
  return emptyPage(status, { 'Www-Authenticate': `error="${code}", error_description="${description}"` })
}
