import * as Type from 'typebox'
import type { Answer } from '../answer.js'
import type { RequestContext } from '../context.js'
import { notServed } from '../errors.js'
import { readFilters } from '../filters.js'
import { errorPage } from '../pages.js'
import { authorizeRows, requirePermission } from '../permissions.js'
import type { Resource } from '../resource.js'
import { restView } from '../rest-view.js'
import type { View } from '../view.js'
import { findRow, readIncluded, rowBody } from './row.js'

/** GET, HEAD and DELETE of one row. */
export function detailView(resource: Resource): View {
  const { operations, derived = false, routes, titles, description, schemas, allow, isDeletable } = resource
  const params = paramsOf(resource)
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
        derived,
        schema: { params, response: (release) => schemas(release).one },
        handle: (ctx) => retrieve(ctx, resource),
      },
      ...(isDeletable && {
        DELETE: {
          operationId: `${operations}_destroy`,
          derived,
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

export function paramsOf({ lookup }: Resource) {
  return Type.Object({ [lookup.parameter]: lookup.field === undefined ? Type.Integer() : Type.String() })
}

function retrieve(ctx: RequestContext, resource: Resource): Answer {
  const found = findFiltered(ctx, resource)
  if (found.refused !== undefined) return found.refused
  return { status: 200, body: rowBody(ctx, resource, found.key, readIncluded(ctx)) }
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
  ctx.world.apply({ type: 'delete', section: resource.section, key: found.key })
  return { status: 204, ends: 'unsaid' }
}

function refuseUnserved(ctx: RequestContext, resource: Resource): Answer {
  const found = findFiltered(ctx, resource)
  if (found.refused !== undefined) return found.refused
  const action = ctx.method === 'DELETE' ? 'delete' : 'change'
  const denied = requirePermission(ctx, `${action}_${resource.model.permission}`)
  return denied ?? notServed(ctx, `${ctx.method} of ${resource.url}`)
}

function findFiltered(ctx: RequestContext, resource: Resource) {
  if (ctx.caller === undefined && resource.crashesWhenAnonymous) return { refused: errorPage(ctx, 500) }
  const refused = authorizeRows(ctx, resource)
  if (refused !== undefined) return { refused }
  const filters = readFilters(ctx, resource)
  return 'refused' in filters ? filters : findRow(ctx, resource, filters)
}
