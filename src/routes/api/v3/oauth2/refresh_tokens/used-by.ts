import * as Type from 'typebox'
import { type Answer, bodyOf } from '../../../../authentik/answer.js'
import { missingRow } from '../../../../authentik/errors.js'
import { admitToUsedBy, hasPermission } from '../../../../authentik/permissions.js'
import type { View } from '../../../../authentik/view.js'
import type { Visit } from '../../../../authentik/visit.js'
import { findRow } from './row.js'
import { documentedSchemas } from './schema.js'

const NOTHING = bodyOf('[]')

/** GET and HEAD /api/v3/oauth2/refresh_tokens/{id}/used_by/ */
export const usedBy: View = {
  route: 'used_by',
  url: '/api/v3/oauth2/refresh_tokens/:id([^.]+)/used_by/',
  allow: 'GET, HEAD, OPTIONS',
  name: 'Used by',
  description: 'Get a list of all objects that use this object',
  params: Type.Object({ id: Type.Integer() }),
  body: (release) => documentedSchemas(release).UsedBy,
  operations: { get: 'oauth2_refresh_tokens_used_by_list' },
  get: listUsers,
}

/** Nothing refers to a refresh token. The filters of the other routes are not read. */
function listUsers(visit: Visit, id: string): Answer {
  const refused = admitToUsedBy(visit)
  if (refused !== undefined) return refused
  const row = findRow(visit, id)
  if ('refused' in row) return row.refused
  // An outpost is let in without the permission, and then sees no row.
  if (!hasPermission(visit, 'view_refreshtoken')) return missingRow(visit)
  return { status: 200, body: NOTHING }
}
