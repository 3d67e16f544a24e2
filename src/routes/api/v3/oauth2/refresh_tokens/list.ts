import * as Type from 'typebox'
import type { Answer } from '../../../../authentik/answer.js'
import { invalidPage, notAuthenticated } from '../../../../authentik/errors.js'
import { readFilters } from '../../../../authentik/filters.js'
import type { KeptBody } from '../../../../authentik/keep.js'
import { readOrdering } from '../../../../authentik/ordering.js'
import { type Pagination, paginate, readPageSize } from '../../../../authentik/pagination.js'
import { admitToList, ownerSeenBy } from '../../../../authentik/permissions.js'
import { keepOfPages } from '../../../../authentik/site.js'
import type { View } from '../../../../authentik/view.js'
import type { Visit } from '../../../../authentik/visit.js'
import type { Included } from './body.js'
import { readIncluded, rowBody } from './row.js'
import { documentedSchemas } from './schema.js'

/** GET and HEAD /api/v3/oauth2/refresh_tokens/ */
export const list: View = {
  route: 'list',
  url: '/api/v3/oauth2/refresh_tokens/',
  allow: 'GET, HEAD, OPTIONS',
  name: 'Refresh Token List',
  description: 'RefreshToken Viewset',
  querystring: Type.Object({
    ordering: Type.Optional(Type.String({ openapi: { component: 'QueryPaginationOrdering' } })),
    page: Type.Optional(Type.Integer({ openapi: { component: 'QueryPaginationPage' } })),
    page_size: Type.Optional(Type.Integer({ openapi: { component: 'QueryPaginationPageSize' } })),
    provider: Type.Optional(Type.Integer()),
    search: Type.Optional(Type.String({ openapi: { component: 'QuerySearch' } })),
    user: Type.Optional(Type.Integer()),
  }),
  body: (release) => documentedSchemas(release).RefreshTokenList,
  operations: { get: 'oauth2_refresh_tokens_list' },
  admit: admitToList,
  get: listRows,
}

function listRows(visit: Visit): Answer {
  if (visit.caller === undefined) return notAuthenticated(visit)
  const filters = readFilters(visit)
  if ('refused' in filters) return filters.refused
  const selection = {
    order: readOrdering(visit.parameter('ordering')),
    where: Object.entries({ ...filters }).map(([column, pk]): [string, number] => [column, pk]),
  }
  const owner = ownerSeenBy(visit, visit.caller)
  if (owner !== undefined) selection.where.push(['user', owner])
  const pks = visit.world.select('refresh_tokens', selection) as Int32Array
  const size = readPageSize(visit.parameter('page_size'), visit.release)
  const pagination = paginate(pks.length, visit.parameter('page'), size, visit.release)
  if (pagination === undefined) return invalidPage(visit)
  visit.pagination = pagination
  const included = readIncluded(visit)
  const shown = pks.subarray(Math.max(0, pagination.start_index - 1), pagination.end_index)
  if (shown.length > MAX_WHOLE)
    return { status: 200, parts: partsOf(visit, pagination, rowsOf(visit, shown, included)) }
  const keep = keepOfPages(visit.site)
  const name = JSON.stringify([selection, pagination, included])
  const body = keep.get(name, visit.world.clock.now()) ?? keep.put(name, pageBody(visit, pagination, shown, included))
  return { status: 200, body }
}

/** Holds as long as all of its rows do. */
function pageBody(visit: Visit, pagination: Pagination, pks: Int32Array, included: Included): KeptBody {
  const rows = [...rowsOf(visit, pks, included)]
  return {
    plain: Buffer.concat([...partsOf(visit, pagination, rows)]),
    after: Math.max(...rows.map((row) => row.after)),
    until: Math.min(...rows.map((row) => row.until)),
  }
}

function* rowsOf(visit: Visit, pks: Int32Array, included: Included): Generator<KeptBody> {
  for (const pk of pks) if (visit.world.refresh_tokens.get(pk) !== undefined) yield rowBody(visit, pk, included)
}

function* partsOf({ release }: Visit, pagination: Pagination, rows: Iterable<KeptBody>): Generator<Buffer> {
  yield Buffer.from(`{"pagination":${JSON.stringify(pagination)},"results":[`)
  let isFirst = true
  for (const { plain } of rows) {
    if (!isFirst) yield COMMA
    isFirst = false
    yield plain
  }
  yield Buffer.from(release.listKeys.includes('autocomplete') ? '],"autocomplete":{}}' : ']}')
}

const COMMA = Buffer.from(',')
/** Larger pages are sent row by row. */
const MAX_WHOLE = 1000
