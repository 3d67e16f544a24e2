import type { Answer } from '../../../../authentik/answer.js'
import { refuseUnsafeMethods } from '../../../../authentik/browser/csrf.js'
import type { RequestContext } from '../../../../authentik/context.js'
import { errorPage } from '../../../../authentik/error-pages.js'
import { jsonAnswer, oauthView } from '../../../../authentik/oauth-view.js'
import { providerOfPath } from './provider-of-path.js'

/** /application/o/{slug}/jwks/: the public keys of a provider, for pages of any origin. */
export const jwksView = oauthView({
  route: 'jwks',
  url: '/application/o/:slug([-a-zA-Z0-9_]+)/jwks/',
  allow: 'GET, HEAD, OPTIONS',
  before: [refuseUnsafeMethods],
  methods: { GET: answerJwks },
})

async function answerJwks(ctx: RequestContext): Promise<Answer> {
  const found = providerOfPath(ctx)
  if (found === undefined) return errorPage(ctx, 404)
  const { jwksOf } = await import('../../../../oauth2/jwks.js')
  return { ...jsonAnswer(await jwksOf(ctx.database, found.provider)), headers: { 'Access-Control-Allow-Origin': '*' } }
}
