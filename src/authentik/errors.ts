import { memoize } from '../world/memoize.js'
import { type Answer, bodyOf } from './answer.js'
import type { RequestContext } from './context.js'
import { type Message, translate } from './messages.js'
import type { Resource } from './resource.js'

/** Every refusal of the application: the only place that words one. */

export const notFound = (ctx: RequestContext) => translated(ctx, 404, 'notFound')
export const notAuthenticated = (ctx: RequestContext) => translated(ctx, 403, 'notAuthenticated')
export const permissionDenied = (ctx: RequestContext) => translated(ctx, 403, 'permissionDenied')
export const notAcceptable = (ctx: RequestContext) => translated(ctx, 406, 'notAcceptable')
export const invalidPage = (ctx: RequestContext) => translated(ctx, 404, 'invalidPage')

export const invalidToken = () => detail(403, 'Token invalid/expired')
export const unsupportedScheme = () => detail(403, 'Unsupported authentication type')

/** An id that is an integer, but of no row that the caller sees. */
export const missingRow = (ctx: RequestContext, { model }: Resource) =>
  ctx.release.missingRow === 'Not found.'
    ? notFound(ctx)
    : detail(404, ctx.release.missingRow.replace('{model}', model.name))

export const methodNotAllowed = (ctx: RequestContext) =>
  detail(
    405,
    translate('methodNotAllowed', ctx.language).replace('{method}', () => ctx.method),
  )

/** `{"user":["Select a valid choice. …"]}`, for each parameter that is wrong. */
export function invalidFilters(ctx: RequestContext, wrong: { parameter: string; message: Message }[]): Answer {
  return json(
    400,
    Object.fromEntries(wrong.map(({ parameter, message }) => [parameter, [translate(message, ctx.language)]])),
  )
}

/** A bare array, unlike all the others. */
export const nullCharacters = (ctx: RequestContext) => json(400, [translate('nullCharacters', ctx.language)])

function translated(ctx: RequestContext, status: number, message: Message): Answer {
  return detail(status, translate(message, ctx.language))
}

function detail(status: number, sentence: string): Answer {
  return json(status, { detail: sentence })
}

/** There are few, and they are said often. */
const bodyOfRefusal = memoize(100, bodyOf)

function json(status: number, value: unknown): Answer {
  return { status, body: bodyOfRefusal(JSON.stringify(value)) }
}
