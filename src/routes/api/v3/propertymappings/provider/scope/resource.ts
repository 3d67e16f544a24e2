import * as Type from 'typebox'
import { type Answer, bodyOf } from '../../../../../../authentik/answer.js'
import type { RequestContext } from '../../../../../../authentik/context.js'
import { missingRow, notAuthenticated, notServed } from '../../../../../../authentik/errors.js'
import { anyRow, exactField, flag, passes, readFilters } from '../../../../../../authentik/filters.js'
import { readOrdering } from '../../../../../../authentik/ordering.js'
import { requirePermission } from '../../../../../../authentik/permissions.js'
import { pageOf } from '../../../../../../authentik/resource/list.js'
import type { Resource } from '../../../../../../authentik/resource.js'
import { restView } from '../../../../../../authentik/rest-view.js'
import { listParameters, listSchema } from '../../../../../../authentik/wire-types.js'
import { orderOf } from '../../../../../../world/index/selection.js'
import { ScopeMappingBody, textOf } from './body.js'
import { type ScopeMapping, scopeMappings } from './mappings.js'

/** /api/v3/propertymappings/provider/scope/: what scopes stand for; read only, and without the code of a mapping. */

const URL = '/api/v3/propertymappings/provider/scope/'
const MODEL = { permission: 'scopemapping', name: 'ScopeMapping' }
const VIEW_PERMISSION = 'view_scopemapping'

const listView = restView({
  route: 'scope_mapping_list',
  url: URL,
  name: 'Scope Mapping List',
  description: 'ScopeMapping Viewset',
  allow: 'GET, POST, HEAD, OPTIONS',
  authorize: (ctx) => {
    if (ctx.caller === undefined) return notAuthenticated(ctx)
    return ctx.method === 'POST' ? requirePermission(ctx, 'add_scopemapping') : undefined
  },
  methods: {
    GET: {
      operationId: 'propertymappings_provider_scope_list',
      undocumented: true,
      schema: {
        querystring: listParameters({
          managed: Type.Array(Type.String()),
          managed__isnull: Type.Boolean(),
          name: Type.String(),
          scope_name: Type.String(),
        }),
        response: (release) => listSchema(release, ScopeMappingBody, 'PaginatedScopeMappingList'),
      },
      handle: (ctx) => requirePermission(ctx, VIEW_PERMISSION) ?? list(ctx),
    },
  },
  unserved: (ctx) => notServed(ctx, `${ctx.method} of ${URL}`),
})

const detailView = restView({
  route: 'scope_mapping_detail',
  url: `${URL}:pm_uuid([^.]+)/`,
  name: 'Scope Mapping Instance',
  description: 'ScopeMapping Viewset',
  allow: 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS',
  methods: {
    GET: {
      operationId: 'propertymappings_provider_scope_retrieve',
      undocumented: true,
      schema: { params: Type.Object({ pm_uuid: Type.String({ format: 'uuid' }) }), response: () => ScopeMappingBody },
      handle(ctx) {
        const denied = requirePermission(ctx, VIEW_PERMISSION)
        if (denied !== undefined) return denied
        const found = scopeMappings(ctx.database).find(({ pk }) => pk === ctx.params['pm_uuid'])
        return found === undefined ? missingRow(ctx, { model: MODEL }) : { status: 200, body: bodyOf(textOf(found)) }
      },
    },
  },
  unserved: (ctx) => requirePermission(ctx, VIEW_PERMISSION) ?? notServed(ctx, `${ctx.method} of ${URL}`),
})

/** How queries choose among them, as in a list of rows. */
const CHOICE: Pick<Resource, 'filters' | 'search' | 'ordering'> = {
  filters: {
    managed: anyRow(
      ({ database }, managed) => scopeMappings(database).find((mapping) => mapping.managed === managed),
      (row, { managed }) => row['managed'] === managed,
    ),
    managed__isnull: flag((row) => row['managed'] === null),
    name: exactField,
    scope_name: exactField,
  },
  search: ({ name, scope_name }: ScopeMapping) => [name, scope_name],
  ordering: {
    terms: ['pk', 'managed', 'name', 'scope_name', 'description'],
    byDefault: [{ by: 'scope_name', descending: false }],
  },
}

function list(ctx: RequestContext): Answer {
  const filters = readFilters(ctx, CHOICE)
  if ('refused' in filters) return filters.refused
  const compare = orderOf(readOrdering(ctx.parameter('ordering'), CHOICE, ctx.release))
  const chosen = scopeMappings(ctx.database).filter((mapping) => passes(filters, { ...mapping }))
  return pageOf(ctx, chosen.sort((a, b) => compare({ ...a }, { ...b })).map(textOf))
}

export const scopeMappingViews = [listView, detailView]
