import type * as Type from 'typebox'
import type { Release } from '../../../../../authentik/releases.js'
import { listSchema, pickFields, usedBySchema } from '../../../../../authentik/wire-types.js'
import type { AuthorizationCode } from '../../../../../world/kinds/authorization-codes.js'
import { objectText } from '../../components/projection.js'
import { grantValues } from '../grant-body.js'
import { grantResource, grantViews } from '../grant-resource.js'
import { refreshTokenFieldsOf } from '../refresh_tokens/body-schemas.js'

const KEYS = ['pk', 'provider', 'user', 'is_expired', 'expires', 'scope']

/** /api/v3/oauth2/authorization_codes/: the code itself is never shown. */
export const authorizationCodes = grantResource({
  section: 'authorization_codes',
  undocumented: true,
  routes: {
    list: 'authorization_code_list',
    detail: 'authorization_code_detail',
    usedBy: 'authorization_code_used_by',
  },
  titles: { list: 'Authorization Code List', detail: 'Authorization Code Instance' },
  description: 'AuthorizationCode Viewset',
  model: { permission: 'authorizationcode', name: 'AuthorizationCode' },
  text: (row: AuthorizationCode, { database, release }, included) =>
    objectText(KEYS, grantValues, row, { database, release, ...included }),
  schemas(release) {
    const one = codeSchema(release)
    return {
      one,
      list: listSchema(release, one, 'PaginatedExpiringBaseGrantModelList'),
      usedBy: usedBySchema(release),
    }
  },
})

function codeSchema(release: Release): Type.TSchema {
  return pickFields(refreshTokenFieldsOf(release), KEYS, 'ExpiringBaseGrantModel')
}

export const authorizationCodeViews = grantViews(authorizationCodes)
