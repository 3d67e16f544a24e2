import * as Type from 'typebox'
import { bodyOf } from '../../../../../authentik/answer.js'
import { requirePermission } from '../../../../../authentik/permissions.js'
import { findRow } from '../../../../../authentik/resource/row.js'
import type { Resource } from '../../../../../authentik/resource.js'
import { restView } from '../../../../../authentik/rest-view.js'
import type { View } from '../../../../../authentik/view.js'
import type { ApiToken } from '../../../../../world/kinds/api-tokens.js'

const TokenView = Type.Object(
  { key: Type.String() },
  { additionalProperties: false, openapi: { component: 'TokenView' } },
)

/** The key of an API token: owning it is not enough. */
export function viewKeyView(tokens: Resource): View {
  return restView({
    route: 'token_view_key',
    url: '/api/v3/core/tokens/:identifier([^.]+)/view_key/',
    name: 'View key',
    description: 'Return token key and log access',
    allow: 'GET, HEAD, OPTIONS',
    methods: {
      GET: {
        operationId: 'core_tokens_view_key_retrieve',
        undocumented: true,
        schema: { params: Type.Object({ identifier: Type.String() }), response: () => TokenView },
        handle(ctx) {
          const found = findRow(ctx, tokens)
          if (found.refused !== undefined) return found.refused
          const denied = requirePermission(ctx, 'view_token_key')
          if (denied !== undefined) return denied
          const { key } = found.row as unknown as ApiToken
          return { status: 200, body: bodyOf(JSON.stringify({ key })) }
        },
      },
    },
  })
}
