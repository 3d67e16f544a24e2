import * as Type from 'typebox'
import { bodyOf } from '../../../../../authentik/answer.js'
import { originOf } from '../../../../../authentik/own-url.js'
import { findRow } from '../../../../../authentik/resource/row.js'
import type { Resource } from '../../../../../authentik/resource.js'
import { restView } from '../../../../../authentik/rest-view.js'
import type { View } from '../../../../../authentik/view.js'
import { orNull } from '../../../../../authentik/wire-types.js'
import { applicationOf } from '../../../../../oauth2/find.js'
import { issuerOf } from '../../../../../world/claims.js'
import type { Provider } from '../../../../../world/kinds/providers.js'

const ProviderSetupUrls = Type.Object(
  {
    issuer: orNull(Type.String()),
    authorize: Type.String(),
    token: Type.String(),
    user_info: Type.String(),
    provider_info: orNull(Type.String()),
    logout: orNull(Type.String()),
    jwks: Type.Optional(Type.String()),
  },
  { additionalProperties: false, openapi: { component: 'OAuth2ProviderSetupURLs' } },
)

/** Where clients of a provider find its endpoints; for everybody. */
export const setupUrlsView = (providers: Resource): View =>
  restView({
    route: 'oauth2_provider_setup_urls',
    url: '/api/v3/providers/oauth2/:id([^.]+)/setup_urls/',
    name: 'Setup urls',
    description: 'Get Providers setup URLs',
    allow: 'GET, HEAD, OPTIONS',
    methods: {
      GET: {
        operationId: 'providers_oauth2_setup_urls_retrieve',
        undocumented: true,
        schema: { params: Type.Object({ id: Type.Integer() }), response: () => ProviderSetupUrls },
        handle(ctx) {
          const found = findRow(ctx, providers)
          if (found.refused !== undefined) return found.refused
          const provider = found.row as unknown as Provider
          const application = applicationOf(ctx.database, provider)
          const origin = originOf(ctx)
          const endpoint = (name: string) => `${origin}/application/o/${name}/`
          const urls = {
            issuer: issuerOf(provider, application, origin) ?? null,
            authorize: endpoint('authorize'),
            token: endpoint('token'),
            user_info: endpoint('userinfo'),
            provider_info: application
              ? `${origin}/application/o/${application.slug}/.well-known/openid-configuration`
              : null,
            logout: application ? endpoint(`${application.slug}/end-session`) : null,
            ...(application && { jwks: endpoint(`${application.slug}/jwks`) }),
          }
          return { status: 200, body: bodyOf(JSON.stringify(urls)) }
        },
      },
    },
  })
