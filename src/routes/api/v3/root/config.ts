import * as Type from 'typebox'
import { bodyOf } from '../../../../authentik/answer.js'
import { restView } from '../../../../authentik/rest-view.js'

/** /api/v3/root/config/: what a freshly installed authentik tells everybody of itself. */

const ERROR_REPORTING = {
  enabled: false,
  sentry_dsn: 'https://151ba72610234c4c97c5bcff4e1cffd8@authentik.error-reporting.a7k.io/4504163677503489',
  environment: 'customer',
  send_pii: false,
  traces_sample_rate: 0.1,
}

export const Config = Type.Object(
  {
    error_reporting: Type.Object(
      {
        enabled: Type.Boolean(),
        sentry_dsn: Type.String(),
        environment: Type.String(),
        send_pii: Type.Boolean(),
        traces_sample_rate: Type.Number(),
      },
      { additionalProperties: false, openapi: { component: 'ErrorReportingConfig' } },
    ),
    capabilities: Type.Array(Type.String()),
    cache_timeout: Type.Integer(),
    cache_timeout_flows: Type.Integer(),
    cache_timeout_policies: Type.Integer(),
    cache_timeout_reputation: Type.Optional(Type.Integer()),
  },
  { additionalProperties: false, openapi: { component: 'Config' } },
)

export const configView = restView({
  route: 'config',
  url: '/api/v3/root/config/',
  name: 'Config',
  description: 'Read-only view set that returns the current session config',
  allow: 'GET, HEAD, OPTIONS',
  methods: {
    GET: {
      operationId: 'root_config_retrieve',
      undocumented: true,
      schema: { response: () => Config },
      handle({ release }) {
        const config = {
          error_reporting: ERROR_REPORTING,
          capabilities: ['can_impersonate', 'is_enterprise'],
          cache_timeout: 300,
          cache_timeout_flows: 300,
          cache_timeout_policies: 300,
          ...(release.reputationCache && { cache_timeout_reputation: 0 }),
        }
        return { status: 200, body: bodyOf(JSON.stringify(config)) }
      },
    },
  },
})
