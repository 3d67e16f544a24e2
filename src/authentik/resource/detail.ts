import * as Type from 'typebox'
import type { Answer } from '../answer.js'
import type { RequestContext } from '../context.js'
import { readFilters } from '../filters.js'
import { requirePermission } from '../permissions.js'
import type { Resource } from '../resource.js'
import { restView } from '../rest-view.js'
import type { View } from '../view.js'
import { findRow, readIncluded, rowBody } from './row.js'

export const IdParams = Type.Object({ id: Type.Integer() })

/** GET, HEAD and DELETE of one row. */
export function detailView(resource: Resource): View {
  const { url, operations, derived = false, routes, titles, description, schemas } = resource
  return restView({
    resource,
    route: routes.detail,
    url: `${url}:id([^.]+)/`,
    name: titles.detail,
    description,
    allow: 'GET, DELETE, HEAD, OPTIONS',
    methods: {
      GET: {
        operationId: `${operations}_retrieve`,
        derived,
        schema: { params: IdParams, response: (release) => schemas(release).one },
        handle: (ctx) => retrieve(ctx, resource),
      },
      DELETE: {
        operationId: `${operations}_destroy`,
        derived,
        schema: { params: IdParams },
        handle: (ctx) => destroy(ctx, resource),
      },
    },
  })
}

function retrieve(ctx: RequestContext, resource: Resource): Answer {
  const filters = readFilters(ctx, resource)
  if ('refused' in filters) return filters.refused
  const found = findRow(ctx, resource, filters.where)
  if ('refused' in found) return found.refused
  return { status: 200, body: rowBody(ctx, resource, found.row.pk, readIncluded(ctx)) }
}

/** Seeing a row is not enough to delete it, not even one's own. */
function destroy(ctx: RequestContext, resource: Resource): Answer {
  const filters = readFilters(ctx, resource)
  if ('refused' in filters) return filters.refused
  const found = findRow(ctx, resource, filters.where)
  if ('refused' in found) return found.refused
  const denied = requirePermission(ctx, `delete_${resource.model.permission}`)
  if (denied !== undefined) return denied
  ctx.world.apply({ type: 'delete', section: resource.section, key: found.row.pk })
  return { status: 204, ends: 'unsaid' }
}
