import * as Type from 'typebox'
import { type Answer, bodyOf } from '../../../../../authentik/answer.js'
import type { RequestContext } from '../../../../../authentik/context.js'
import { wrongUser } from '../../../../../authentik/errors.js'
import { originOf } from '../../../../../authentik/own-url.js'
import { isAdministrator } from '../../../../../authentik/permissions.js'
import { findFiltered } from '../../../../../authentik/resource/row.js'
import type { Resource } from '../../../../../authentik/resource.js'
import { restView } from '../../../../../authentik/rest-view.js'
import type { View } from '../../../../../authentik/view.js'
import { anything } from '../../../../../authentik/wire-types.js'
import { applicationOf } from '../../../../../oauth2/find.js'
import { parseInteger } from '../../../../../python/integer.js'
import { idTokenClaims, issueClaims } from '../../../../../world/id-token.js'
import type { Provider } from '../../../../../world/kinds/providers.js'
import type { User } from '../../../../../world/kinds/users.js'

/** How long a token of the preview would live. */
const HALF_AN_HOUR = 30 * 60 * 1e6

const PropertyMappingPreview = Type.Object(
  { preview: anything() },
  { additionalProperties: false, openapi: { component: 'PropertyMappingPreview' } },
)

/** What an id_token with all scopes would say of the caller, or of the user that `for_user` names. */
export const previewUserView = (providers: Resource): View =>
  restView({
    route: 'oauth2_provider_preview_user',
    url: '/api/v3/providers/oauth2/:id([^.]+)/preview_user/',
    name: 'Preview user',
    description: 'Preview user data for provider',
    allow: 'GET, HEAD, OPTIONS',
    methods: {
      GET: {
        operationId: 'providers_oauth2_preview_user_retrieve',
        undocumented: true,
        schema: {
          params: Type.Object({ id: Type.Integer() }),
          querystring: Type.Object({ for_user: Type.Optional(Type.Integer()) }),
          response: () => PropertyMappingPreview,
        },
        handle(ctx) {
          const found = findFiltered(ctx, providers)
          if (found.refused !== undefined) return found.refused
          const asked = userOf(ctx)
          if ('refused' in asked) return asked.refused
          const said = preview(ctx, found.row as never, asked.user)
          return { status: 200, body: bodyOf(JSON.stringify({ preview: said })) }
        },
      },
    },
  })

/** Somebody else is found by superusers alone. */
function userOf(ctx: RequestContext): { user: User } | { refused: Answer } {
  const caller = ctx.caller as User
  const wanted = ctx.parameter('for_user')
  if (wanted === undefined) return { user: caller }
  const pk = parseInteger(wanted)
  if (pk === undefined) return { refused: wrongUser('input must be numerical') }
  const user = isAdministrator(ctx, caller) ? ctx.database.users.get(pk) : undefined
  return user === undefined ? { refused: wrongUser('User not found') } : { user }
}

function preview(ctx: RequestContext, provider: Provider, user: User) {
  const { database, release } = ctx
  const now = database.clock.now()
  const issue = { scope: provider.scopes, expires: now + HALF_AN_HOUR, issued: now, authTime: now, jti: '' }
  const parties = { provider: { ...provider, include_claims_in_id_token: true }, user }
  const { jti, ...claims } = idTokenClaims(
    issueClaims(
      issue,
      { ...parties, application: applicationOf(database, provider) },
      { installId: database.snapshot.installId, baseUrl: originOf(ctx), groups: database.groups },
    ),
    release,
  )
  return claims
}
