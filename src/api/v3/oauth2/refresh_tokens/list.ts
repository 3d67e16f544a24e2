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
import { ErrorDetail, FilterErrors } from './schema.js'

/** GET and HEAD /api/v3/oauth2/refresh_tokens/ */
export const list: View = {
  url: '/api/v3/oauth2/refresh_tokens/',
  allow: 'GET, HEAD, OPTIONS',
  name: 'Refresh Token List',
  description: 'RefreshToken Viewset',
  schema: {
    querystring: Type.Object({
      ordering: Type.Optional(Type.String()),
      page: Type.Optional(Type.Integer()),
      page_size: Type.Optional(Type.Integer()),
      provider: Type.Optional(Type.Integer()),
      search: Type.Optional(Type.String()),
      user: Type.Optional(Type.Integer()),
    }),
    response: { 400: FilterErrors, 403: ErrorDetail, 404: ErrorDetail, 405: ErrorDetail, 406: ErrorDetail },
  },
  admit: admitToList,
  get: listRows,
}

function listRows(visit: Visit): Answer {
  if (visit.caller === undefined) return notAuthenticated(visit)
  const filters = readFilters(visit)
  if ('refused' in filters) return filters.refused
  const selection = {
    order: readOrdering(visit.parameter('ordering')),
    owner: ownerSeenBy(visit, visit.caller),
    ...filters,
  }
  const pks = visit.world.select(selection)
  const size = readPageSize(visit.parameter('page_size'), visit.release)
  const pagination = paginate(pks.length, visit.parameter('page'), size, visit.release)
  if (pagination === undefined) return invalidPage(visit)
  const included = readIncluded(visit)
  const keep = keepOfPages(visit.site)
  const name = JSON.stringify([selection, pagination, included])
  const shown = () => pks.subarray(Math.max(0, pagination.start_index - 1), pagination.end_index)
  return {
    status: 200,
    body: keep.get(name, visit.world.clock.now()) ?? keep.put(name, pageBody(visit, pagination, shown(), included)),
  }
}

/** Holds as long as all of its rows do. */
function pageBody(visit: Visit, pagination: Pagination, pks: Int32Array, included: Included): KeptBody {
  const rows = Array.from(pks, (pk) => rowBody(visit, pk, included))
  const tail = visit.release.listKeys.includes('autocomplete') ? '],"autocomplete":{}}' : ']}'
  const parts: Uint8Array[] = [Buffer.from(`{"pagination":${JSON.stringify(pagination)},"results":[`)]
  for (const [i, row] of rows.entries()) parts.push(...(i === 0 ? [row.plain] : [COMMA, row.plain]))
  return {
    plain: Buffer.concat([...parts, Buffer.from(tail)]),
    after: Math.max(...rows.map((row) => row.after)),
    until: Math.min(...rows.map((row) => row.until)),
  }
}

const COMMA = Buffer.from(',')
