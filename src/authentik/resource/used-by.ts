import { type Answer, bodyOf } from '../answer.js'
import type { RequestContext } from '../context.js'
import { missingRow } from '../errors.js'
import { authorizeUsedBy, hasPermission } from '../permissions.js'
import type { Resource } from '../resource.js'
import { restView } from '../rest-view.js'
import type { View } from '../view.js'
import { paramsOf, urlOfRow } from './detail.js'
import { findRow } from './row.js'

const NOTHING = bodyOf('[]')

/** GET and HEAD of what refers to a row. */
export function usedByView(resource: Resource): View {
  const { operations, undocumented, routes, schemas } = resource
  return restView({
    resource,
    route: routes.usedBy,
    url: `${urlOfRow(resource)}used_by/`,
    name: 'Used by',
    description: 'Get a list of all objects that use this object',
    allow: 'GET, HEAD, OPTIONS',
    methods: {
      GET: {
        operationId: `${operations}_used_by_list`,
        undocumented,
        schema: { params: paramsOf(resource), response: (release) => schemas(release).usedBy },
        handle: (ctx) => listUsers(ctx, resource),
      },
    },
  })
}

/** What refers to a row and is of a kind that the caller may view. The filters of the other routes are not read. */
function listUsers(ctx: RequestContext, resource: Resource): Answer | Promise<Answer> {
  const refused = authorizeUsedBy(ctx, resource)
  if (refused !== undefined) return refused
  const found = findRow(ctx, resource)
  if (found.refused !== undefined) return found.refused
  // An outpost is let in without the permission, and then sees no row.
  if (!hasPermission(ctx, `view_${resource.model.permission}`)) return missingRow(ctx, resource)
  const { usedBy } = resource
  if (usedBy === undefined) return { status: 200, body: NOTHING }
  const pending = resource.pieces?.prepare(ctx)
  if (pending !== undefined) return pending.then(() => listUsers(ctx, resource))
  const shown = usedBy(found.row as never, ctx).filter(({ model_name }) => hasPermission(ctx, `view_${model_name}`))
  return { status: 200, body: bodyOf(JSON.stringify(shown)) }
}
