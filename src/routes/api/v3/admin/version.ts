import * as Type from 'typebox'
import { bodyOf } from '../../../../authentik/answer.js'
import { notAuthenticated } from '../../../../authentik/errors.js'
import { restView } from '../../../../authentik/rest-view.js'

const Version = Type.Object(
  {
    version_current: Type.String(),
    version_latest: Type.String(),
    version_latest_valid: Type.Boolean(),
    build_hash: Type.String(),
    outdated: Type.Boolean(),
    outpost_outdated: Type.Boolean(),
  },
  { additionalProperties: false, openapi: { component: 'Version' } },
)

/** /api/v3/admin/version/: the release that the mock stands for. There never is a newer one. */
export const versionView = restView({
  route: 'version',
  url: '/api/v3/admin/version/',
  name: 'Version',
  description: 'Get running and latest version.',
  allow: 'GET, HEAD, OPTIONS',
  authorize: (ctx) => (ctx.caller === undefined ? notAuthenticated(ctx) : undefined),
  methods: {
    GET: {
      operationId: 'admin_version_retrieve',
      undocumented: true,
      schema: { response: () => Version },
      handle({ release: { name } }) {
        const version = {
          version_current: name,
          version_latest: name,
          version_latest_valid: true,
          build_hash: '',
          outdated: false,
          outpost_outdated: false,
        }
        return { status: 200, body: bodyOf(JSON.stringify(version)) }
      },
    },
  },
})
