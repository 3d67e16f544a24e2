import type { RefreshToken } from '../../../../../world/kinds/refresh-tokens.js'
import { grantResource, grantViews } from '../grant-resource.js'
import { refreshTokenText } from './body.js'
import { documentedSchemas } from './body-schemas.js'

/** /api/v3/oauth2/refresh_tokens/: what is special about refresh tokens. */
export const refreshTokens = grantResource(
  {
    section: 'refresh_tokens',
    routes: { list: 'list', detail: 'detail', usedBy: 'used_by' },
    titles: { list: 'Refresh Token List', detail: 'Refresh Token Instance' },
    description: 'RefreshToken Viewset',
    model: { permission: 'refreshtoken', name: 'RefreshToken' },
    text: (row: RefreshToken, { database, release }, included) =>
      refreshTokenText(row, { database, release, ...included }),
    schemas(release) {
      const { RefreshToken, RefreshTokenList, UsedBy } = documentedSchemas(release)
      return { one: RefreshToken, list: RefreshTokenList, usedBy: UsedBy }
    },
  },
  'revoked',
)

export const refreshTokenViews = grantViews(refreshTokens)
