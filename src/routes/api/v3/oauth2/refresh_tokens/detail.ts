import * as Type from 'typebox'
import type { Answer } from '../../../../authentik/answer.js'
import { readFilters } from '../../../../authentik/filters.js'
import { requirePermission } from '../../../../authentik/permissions.js'
import type { View } from '../../../../authentik/view.js'
import type { Visit } from '../../../../authentik/visit.js'
import { findRow, readIncluded, rowBody } from './row.js'
import { documentedSchemas } from './schema.js'

/** GET, HEAD and DELETE /api/v3/oauth2/refresh_tokens/{id}/ */
export const detail: View = {
  route: 'detail',
  url: '/api/v3/oauth2/refresh_tokens/:id([^.]+)/',
  allow: 'GET, DELETE, HEAD, OPTIONS',
  name: 'Refresh Token Instance',
  description: 'RefreshToken Viewset',
  params: Type.Object({ id: Type.Integer() }),
  body: (release) => documentedSchemas(release).RefreshToken,
  operations: { get: 'oauth2_refresh_tokens_retrieve', delete: 'oauth2_refresh_tokens_destroy' },
  get: retrieve,
  delete: destroy,
}

function retrieve(visit: Visit, id: string): Answer {
  const filters = readFilters(visit)
  if ('refused' in filters) return filters.refused
  const row = findRow(visit, id, filters)
  if ('refused' in row) return row.refused
  return { status: 200, body: rowBody(visit, row.pk, readIncluded(visit)) }
}

/** Seeing a row is not enough to delete it, not even one's own. */
function destroy(visit: Visit, id: string): Answer {
  const filters = readFilters(visit)
  if ('refused' in filters) return filters.refused
  const row = findRow(visit, id, filters)
  if ('refused' in row) return row.refused
  const denied = requirePermission(visit, 'delete_refreshtoken')
  if (denied !== undefined) return denied
  visit.world.apply([{ type: 'delete', section: 'refresh_tokens', key: row.pk }])
  return { status: 204, ends: 'unsaid' }
}
