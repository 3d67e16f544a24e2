import * as Type from 'typebox'
import { pick } from '../../world/kinds/shared/shapes.js'
import type { Answer } from '../answer.js'
import type { RequestContext } from '../context.js'
import { notServed } from '../errors.js'
import { MAX_JSON_BYTES } from '../json-body.js'
import { requirePermission } from '../permissions.js'
import type { Release } from '../releases.js'
import type { Resource } from '../resource.js'
import { restView } from '../rest-view.js'
import type { View } from '../view.js'
import { buffersOf, findFiltered, MAX_WHOLE, readIncluded, rowBody } from './row.js'
import { updateRow } from './update.js'

/** GET, HEAD, PATCH and DELETE of one row. */
export function detailView(resource: Resource): View {
  const { operations, undocumented, routes, titles, description, schemas, allow, isDeletable, update } = resource
  const params = paramsOf(resource)
  const { includes, querystring } = resource
  const included = Object.keys(includes ?? {}).map((name) => `include_${name}`)
  return restView({
    resource,
    route: routes.detail,
    url: urlOfRow(resource),
    name: titles.detail,
    description,
    allow: allow.detail,
    methods: {
      GET: {
        operationId: `${operations}_retrieve`,
        undocumented,
        schema: {
          params,
          ...(includes && { querystring: pick(querystring, included) }),
          response: (release) => schemas(release).one,
        },
        handle: (ctx) => retrieve(ctx, resource),
      },
      ...(update !== undefined && {
        PATCH: {
          operationId: `${operations}_partial_update`,
          undocumented,
          bodyLimit: MAX_JSON_BYTES,
          schema: { params, body: update.schema, response: (release: Release) => schemas(release).one },
          handle: (ctx: RequestContext) => updateRow(ctx, resource, update),
        },
      }),
      ...(isDeletable && {
        DELETE: {
          operationId: `${operations}_destroy`,
          undocumented,
          schema: { params },
          handle: (ctx: RequestContext) => destroy(ctx, resource),
        },
      }),
    },
    unserved: (ctx) => refuseUnserved(ctx, resource),
  })
}

/** The path of a row, as Fastify writes it. */
export function urlOfRow({ url, lookup }: Resource): string {
  return `${url}:${lookup.parameter}([^.]+)/`
}

export function paramsOf({ lookup: { parameter, field, form } }: Resource) {
  const text = Type.String(form === 'uuid' ? { format: 'uuid' } : {})
  return Type.Object({ [parameter]: field === undefined ? Type.Integer() : text })
}

function retrieve(ctx: RequestContext, resource: Resource): Answer | Promise<Answer> {
  const found = findFiltered(ctx, resource)
  if (found.refused !== undefined) return found.refused
  const { pieces } = resource
  const pending = pieces?.prepare(ctx)
  if (pending !== undefined) return pending.then(() => retrieve(ctx, resource))
  const included = readIncluded(ctx, resource)
  if (pieces !== undefined && pieces.count(found.row as never, ctx) > MAX_WHOLE)
    return { status: 200, parts: buffersOf(pieces.of(found.row as never, ctx, included)) }
  return { status: 200, body: rowBody(ctx, resource, found.key, included) }
}

/** Seeing a row is not enough to delete it, mostly not even one's own. */
function destroy(ctx: RequestContext, resource: Resource): Answer {
  const found = findFiltered(ctx, resource)
  if (found.refused !== undefined) return found.refused
  const isOwn = resource.owner !== undefined && found.row[resource.owner] === ctx.caller?.pk
  if (!(isOwn && resource.ownerMayDelete)) {
    const denied = requirePermission(ctx, `delete_${resource.model.permission}`)
    if (denied !== undefined) return denied
  }
  ctx.apply([{ type: 'delete', section: resource.section, key: found.key }])
  return { status: 204, ends: 'unsaid' }
}

function refuseUnserved(ctx: RequestContext, resource: Resource): Answer {
  const found = findFiltered(ctx, resource)
  if (found.refused !== undefined) return found.refused
  const action = ctx.method === 'DELETE' ? 'delete' : 'change'
  const denied = requirePermission(ctx, `${action}_${resource.model.permission}`)
  return denied ?? notServed(ctx, `${ctx.method} of ${resource.url}`)
}
