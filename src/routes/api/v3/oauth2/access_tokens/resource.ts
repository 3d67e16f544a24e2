import type { AccessToken } from '../../../../../world/kinds/access-tokens.js'
import { grantResource, grantViews } from '../grant-resource.js'
import { refreshTokenText } from '../refresh_tokens/body.js'
import { documentedSchemas } from '../refresh_tokens/body-schemas.js'

/** /api/v3/oauth2/access_tokens/: bodies are those of refresh tokens. */
export const accessTokens = grantResource(
  {
    section: 'access_tokens',
    undocumented: true,
    routes: { list: 'access_token_list', detail: 'access_token_detail', usedBy: 'access_token_used_by' },
    titles: { list: 'Access Token List', detail: 'Access Token Instance' },
    description: 'AccessToken Viewset',
    model: { permission: 'accesstoken', name: 'AccessToken' },
    text: (row: AccessToken, { database, release }, included) =>
      refreshTokenText(row, { database, release, ...included }),
    schemas(release) {
      const { RefreshToken, RefreshTokenList, UsedBy } = documentedSchemas(release)
      return { one: RefreshToken, list: RefreshTokenList, usedBy: UsedBy }
    },
  },
  'revoked',
)

export const accessTokenViews = grantViews(accessTokens)
