import type { Answer } from './answer.js'
import { BodyTooLarge } from './body-bytes.js'
import type { RequestContext } from './context.js'
import { notServed, parseError, unsupportedMediaType } from './errors.js'

/** How much of a body the routes of the REST API read. */
export const MAX_JSON_BYTES = 2.5 * 1024 * 1024

/** What a client sent as JSON; nothing at all is an empty object, whatever its type. */
export async function readJson(ctx: RequestContext): Promise<{ value: unknown } | { refused: Answer }> {
  const bytes = await bytesOf(ctx)
  if (bytes === undefined) return { refused: notServed(ctx, `a body of more than ${MAX_JSON_BYTES} bytes`) }
  if (bytes.length === 0) return { value: {} }
  const type = ctx.request.headers['content-type'] ?? ''
  if (!/^\s*application\/(?:json|\*)\s*(?:;|$)/i.test(type)) return { refused: unsupportedMediaType(type) }
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) }
  } catch (error) {
    return { refused: parseError((error as Error).message) }
  }
}

async function bytesOf(ctx: RequestContext): Promise<Buffer | undefined> {
  try {
    return await ctx.body()
  } catch (error) {
    if (error instanceof BodyTooLarge) return undefined
    throw error
  }
}
