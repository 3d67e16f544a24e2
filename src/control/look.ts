import { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { Answer } from '../authentik/answer.js'
import { RequestContext } from '../authentik/context.js'
import { authorizeRows, seesRows } from '../authentik/permissions.js'
import { selectRows } from '../authentik/resource/list.js'
import type { Resource } from '../authentik/resource.js'
import { dispatch, type View } from '../authentik/view.js'
import { RESOURCE_VIEWS } from '../routes/resources.js'
import { viewAt } from '../routes/views.js'
import type { Mount } from '../server/target.js'
import type { ApiToken } from '../world/kinds/api-tokens.js'
import { FixtureError, quote } from '../world/load/mistakes.js'
import type { Look } from './look-bodies.js'
import { ControlError } from './problem.js'
import type { World } from './worlds/world.js'

/** What authentik's API answers to a GET, without a request: nothing is noted, used up or changed. */

/** More is no answer to look at. */
const MAX_BYTES = 8 * 1024 * 1024

export interface Looking {
  mount: Mount
  world: World
  /** How the mock itself is asked just now: URLs in the answer begin as its address. */
  request: IncomingMessage
}

export function lookingFor(request: FastifyRequest): Looking {
  return { mount: request.control.mount, world: request.findWorld(), request: request.raw }
}

/**
 * @param path of the API, with its query, without what authentik is served below
 * @param as the name of an API token; empty: nobody
 * @throws FixtureError for another path, ControlError where there is no such token, or the answer is too large
 */
export async function look(looking: Looking, path: string, as: string): Promise<Look> {
  const { world, mount } = looking
  const { routable, decoded, query } = mount.parse(mount.base + path)
  const found = path.startsWith('/api/v3/') ? viewAt(routable) : undefined
  if (found === undefined || !isApi(found.view)) throw wrongPath(path)
  const token = as === '' ? undefined : world.database.tokens.get(as)
  if (as !== '' && token === undefined) throw new ControlError(404, `there is no API token ${as}`)
  const ctx = contextOf(looking, decoded, query.slice(1), token?.key)
  ctx.isServed = true
  ctx.view = found.view
  ctx.params = found.params
  const answer = await dispatch(found.view, ctx)
  return {
    status: answer.status,
    content_type: answer.contentType === undefined ? world.release.jsonType : answer.contentType,
    body: textOf(answer),
    reason: ctx.reason ?? null,
  }
}

/** How many rows a list of the API shows to the holder of an API token; undefined: it is refused, with the reason. */
export async function countSeen(
  looking: Looking,
  { resource, url, before }: View & { resource: Resource },
  { name, key }: ApiToken,
): Promise<{ count: number | undefined; reason: string | undefined }> {
  // Such a list is asked for: it decides by itself what it shows.
  if (resource.list !== undefined) {
    const { status, body, reason } = await look(looking, url, name)
    const { pagination } = (status === 200 ? JSON.parse(body) : {}) as { pagination?: { count: number } }
    return { count: pagination?.count, reason: reason ?? undefined }
  }
  // By their names, made-up users would all have to be made first.
  const ctx = contextOf(looking, url, 'ordering=pk', key)
  for (const step of before) if ((await step(ctx)) !== undefined) return { count: undefined, reason: ctx.reason }
  if (authorizeRows(ctx, resource) !== undefined) return { count: undefined, reason: ctx.reason }
  const found = seesRows(ctx, resource) ? selectRows(ctx, resource) : { keys: [] }
  return { count: 'refused' in found ? undefined : found.keys.length, reason: ctx.reason }
}

/** A request that nobody made. What would change the world by it changes nothing. */
export function contextOf(
  { world, mount, request: asked }: Looking,
  path: string,
  query = '',
  key?: string,
): RequestContext {
  const request = new IncomingMessage(asked.socket)
  const target = `${mount.base}${path}${query === '' ? '' : `?${query}`}`
  Object.assign(request, { method: 'GET', url: target })
  const { host = '', 'x-forwarded-proto': scheme } = asked.headers
  Object.assign(request.headers, {
    ...{ host, accept: '*/*' },
    ...(scheme !== undefined && { 'x-forwarded-proto': scheme }),
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
  })
  const ctx = new RequestContext(request, world, target, path, query)
  ctx.base = mount.base
  ctx.apply = () => {}
  ctx.note = () => {}
  return ctx
}

function isApi(view: View): boolean {
  return RESOURCE_VIEWS.includes(view)
}

function wrongPath(path: string): FixtureError {
  const allowed = 'a path that the mock serves below /api/v3/, such as /api/v3/oauth2/refresh_tokens/?user=1'
  return new FixtureError([{ file: 'querystring', path: 'path', found: quote(path), allowed }])
}

function textOf({ body, parts = [] }: Answer): string {
  const texts: Buffer[] = body === undefined ? [] : [body.plain]
  let bytes = 0
  for (const part of parts) {
    texts.push(part)
    bytes += part.length
    if (bytes > MAX_BYTES)
      throw new ControlError(422, `the answer has more than ${MAX_BYTES} bytes; ask for a smaller page_size`)
  }
  return Buffer.concat(texts).toString('utf8')
}
