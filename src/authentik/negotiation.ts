import type { Answer } from './answer.js'
import type { RequestContext } from './context.js'
import { notAcceptable, notFound } from './errors.js'

/** Everything is JSON here: `?format=` and Accept may only agree with that. */
export function refuseOtherFormats(ctx: RequestContext): Answer | undefined {
  const { accept } = ctx.request.headers
  if (!meansFormat(ctx.parameter('format'), 'json')) return notFound(ctx)
  if (accept === undefined || accept === 'application/json' || accept === '*/*') return undefined
  return rangesOf(accept).some((range) => matches('application/json', range)) ? undefined : notAcceptable(ctx)
}

/** What a route may be rendered as. */
export interface Renderer {
  type: string
  /** Its name for `?format=`. */
  format: string
}

/**
 * The renderer that a request asks for: of those that `?format=` leaves, the first that the most specific part of
 * Accept names. As in Django REST framework, q-values count for nothing.
 */
export function negotiate<R extends Renderer>(
  ctx: RequestContext,
  renderers: R[],
): R | 'no such format' | 'not acceptable' {
  const left = renderers.filter(({ format }) => meansFormat(ctx.parameter('format'), format))
  if (left.length === 0) return 'no such format'
  const ranges = rangesOf(ctx.request.headers.accept ?? '*/*')
  for (const level of [3, 2, 1, 0]) {
    const named = ranges.filter((range) => specificity(range) === level)
    const renderer = left.find(({ type }) => named.some((range) => matches(type, range)))
    if (renderer !== undefined) return renderer
  }
  return 'not acceptable'
}

function meansFormat(requested: string | undefined, format: string): boolean {
  return requested === undefined || requested === '' || requested === format
}

interface Range {
  type: string
  subtype: string
  parameters: string[]
}

function rangesOf(accept: string): Range[] {
  return accept.split(',').map((entry) => {
    const [range = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase())
    const [type = '', subtype = ''] = range.split('/')
    return { type, subtype, parameters }
  })
}

function matches(full: string, { type, subtype }: Range): boolean {
  const [ownType, ownSubtype] = full.split('/')
  return (type === ownType || type === '*') && (subtype === ownSubtype || subtype === '*')
}

function specificity({ type, subtype, parameters }: Range): number {
  if (type === '*') return 0
  if (subtype === '*') return 1
  return parameters.every((parameter) => parameter.startsWith('q=')) ? 2 : 3
}
