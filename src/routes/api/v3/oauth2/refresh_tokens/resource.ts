import * as Type from 'typebox'
import { detailView } from '../../../../../authentik/resource/detail.js'
import { listView } from '../../../../../authentik/resource/list.js'
import { usedByView } from '../../../../../authentik/resource/used-by.js'
import type { Resource } from '../../../../../authentik/resource.js'
import type { View } from '../../../../../authentik/view.js'
import type { RefreshToken } from '../../../../../world/kinds/refresh-tokens.js'
import { refreshTokenText } from './body.js'
import { documentedSchemas } from './schema.js'

/** /api/v3/oauth2/refresh_tokens/: what is special about refresh tokens. */
export const refreshTokens: Resource = {
  section: 'refresh_tokens',
  url: '/api/v3/oauth2/refresh_tokens/',
  operations: 'oauth2_refresh_tokens',
  routes: { list: 'list', detail: 'detail', usedBy: 'used_by' },
  titles: { list: 'Refresh Token List', detail: 'Refresh Token Instance' },
  description: 'RefreshToken Viewset',
  model: { permission: 'refreshtoken', name: 'RefreshToken' },
  filters: { user: 'users', provider: 'providers' },
  ordering: {
    terms: ['pk', 'provider', 'user', 'expires', 'revoked'],
    byDefault: [
      { by: 'provider', descending: false },
      { by: 'expires', descending: false },
    ],
  },
  owner: 'user',
  joins: ['groups', 'users', 'providers', 'applications'],
  text: (row: RefreshToken, { database, release }, included) =>
    refreshTokenText(row, { database, release, ...included }),
  expires: (row: RefreshToken) => row.expires,
  querystring: Type.Object({
    ordering: Type.Optional(Type.String({ openapi: { component: 'QueryPaginationOrdering' } })),
    page: Type.Optional(Type.Integer({ openapi: { component: 'QueryPaginationPage' } })),
    page_size: Type.Optional(Type.Integer({ openapi: { component: 'QueryPaginationPageSize' } })),
    provider: Type.Optional(Type.Integer()),
    search: Type.Optional(Type.String({ openapi: { component: 'QuerySearch' } })),
    user: Type.Optional(Type.Integer()),
  }),
  schemas(release) {
    const { RefreshToken, RefreshTokenList, UsedBy } = documentedSchemas(release)
    return { one: RefreshToken, list: RefreshTokenList, usedBy: UsedBy }
  },
}

export const refreshTokenViews: View[] = [listView(refreshTokens), detailView(refreshTokens), usedByView(refreshTokens)]
