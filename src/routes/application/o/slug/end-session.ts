import type { Answer } from '../../../../authentik/answer.js'
import { bodyOf } from '../../../../authentik/answer.js'
import { refuseUnsafeMethods } from '../../../../authentik/browser/csrf.js'
import { admitted, isAnswer, toFlow } from '../../../../authentik/browser/visitor.js'
import type { RequestContext } from '../../../../authentik/context.js'
import { emptyPage, errorPage } from '../../../../authentik/error-pages.js'
import { methodNotAllowedPage, oauthView } from '../../../../authentik/oauth-view.js'
import { flowOf } from '../../../../oauth2/flows.js'
import { providerOfPath } from './provider-of-path.js'

const ALLOW = 'GET, HEAD, OPTIONS'
const DURING_A_FLOW: Answer = {
  status: 200,
  contentType: 'text/html',
  body: bodyOf('<html><body>Logout successful</body></html>'),
}

/**
 * /application/o/{slug}/end-session/: the way to the invalidation flow of a provider. The hint, and the address to go to
 * afterwards, are carried along and never looked at.
 */
export const endSessionView = oauthView({
  route: 'end_session',
  url: '/application/o/:slug([-a-zA-Z0-9_]+)/end-session/',
  allow: ALLOW,
  before: [refuseUnsafeMethods],
  methods: { GET: answerEndSession, OPTIONS: answerEndSession },
  otherwise: answerEndSession,
})

function answerEndSession(ctx: RequestContext): Answer {
  const { release, browser, database } = ctx
  if (release.oauth2.endSessionInFlow === 'a page' && browser?.notes.flow !== undefined) return DURING_A_FLOW
  const found = providerOfPath(ctx)
  if (found === undefined) return errorPage(ctx, 404)
  const visitor = admitted(ctx, found.application)
  if (isAnswer(visitor)) return visitor
  if (ctx.method === 'OPTIONS') return { ...emptyPage(200), allow: ALLOW }
  if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return methodNotAllowedPage(ALLOW)
  const { slug } = flowOf(database, found.provider, 'invalidation')
  return toFlow(ctx, { slug, purpose: 'ended' }, { application: found.application.slug })
}
