import { memoize } from '../world/memoize.js'
import { type Answer, bodyOf } from './answer.js'
import type { RequestContext } from './context.js'
import { type Message, translate } from './messages.js'

/** Every refusal of the application. What authentik translates is worded in `messages.ts`. */

export const notFound = (ctx: RequestContext) => translated(ctx, 404, 'notFound')

export function notAuthenticated(ctx: RequestContext): Answer {
  ctx.reason = whyNobody(ctx.request.headers.authorization?.trim() ?? '')
  return translated(ctx, 403, 'notAuthenticated')
}

/** authentik says that nothing was sent, also where something was. */
function whyNobody(authorization: string): string | undefined {
  if (authorization === '') return undefined
  return /^bearer$/i.test(authorization)
    ? 'Authorization has no key behind "Bearer"'
    : 'Authorization does not begin with "Bearer" and a space'
}

export const permissionDenied = (ctx: RequestContext) => translated(ctx, 403, 'permissionDenied')
export const notAcceptable = (ctx: RequestContext) => translated(ctx, 406, 'notAcceptable')
export const invalidPage = (ctx: RequestContext) => translated(ctx, 404, 'invalidPage')

export const invalidToken = () => detail(403, 'Token invalid/expired')
export const csrfFailed = (mistake: string) => detail(403, `CSRF Failed: ${mistake}`)
export const unsupportedScheme = () => detail(403, 'Unsupported authentication type')

/** An id that is an integer, but of no row that the caller sees. */
export const missingRow = (ctx: RequestContext, { model }: { model: { name: string } }) =>
  ctx.release.missingRow === 'Not found.'
    ? notFound(ctx)
    : detail(404, ctx.release.missingRow.replace('{model}', model.name))

export const methodNotAllowed = (ctx: RequestContext) =>
  detail(
    405,
    say(ctx, 'methodNotAllowed').replace('{method}', () => ctx.method),
  )

/** A parameter of the query that cannot be read as what it filters by. */
export interface WrongParameter {
  parameter: string
  message: Message
  /** What stands for `{value}` in the message. */
  value?: string
}

/** `{"user":["Select a valid choice. …"]}`, for each parameter that is wrong. */
export function invalidFilters(ctx: RequestContext, wrong: WrongParameter[]): Answer {
  const said = wrong.map(({ parameter, message, value = '' }) => [
    parameter,
    [say(ctx, message).replace('{value}', () => value)],
  ])
  return json(400, Object.fromEntries(said))
}

/** `{"is_active":["Must be a valid boolean."]}`, for each field of a body that is wrong. */
export const invalidFields = (wrong: Record<string, string[]>) => json(400, wrong)

export const parseError = (what: string) => detail(400, `JSON parse error - ${what}`)
export const unsupportedMediaType = (type: string) => detail(415, `Unsupported media type "${type}" in request.`)

/** What authentik does and this mock does not: the difference to a refusal of authentik is plain to see. */
export const notServed = (ctx: RequestContext, what: string) => {
  ctx.reason = `this mock does not serve ${what}`
  return json(501, { detail: `authentik-mock does not serve this: ${what}` })
}

/** What is wrong with `for_user`: a bare sentence, unlike all the others. */
export const wrongUser = (sentence: string) => json(400, { for_user: sentence })

/** What a filter of authentik's own says: a bare array. */
export const badFilter = (sentence: string) => json(400, [sentence])

/** A bare array, unlike all the others. */
export const nullCharacters = (ctx: RequestContext) => json(400, [say(ctx, 'nullCharacters')])

function say({ language, release }: RequestContext, message: Message): string {
  return translate(message, language, !release.languages)
}

function translated(ctx: RequestContext, status: number, message: Message): Answer {
  return detail(status, say(ctx, message))
}

function detail(status: number, sentence: string): Answer {
  return json(status, { detail: sentence })
}

/** There are few, and they are said often. */
const bodyOfRefusal = memoize(100, bodyOf)

function json(status: number, value: unknown): Answer {
  return { status, body: bodyOfRefusal(JSON.stringify(value)) }
}
