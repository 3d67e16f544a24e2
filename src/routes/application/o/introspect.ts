import type { Answer } from '../../../authentik/answer.js'
import type { RequestContext } from '../../../authentik/context.js'
import { clientRequest, oauthView, tokenAnswer } from '../../../authentik/oauth-view.js'
import { introspect } from '../../../oauth2/introspection.js'

/** /application/o/introspect/: what a token is good for. There is no error: whatever is wrong, the token is not active. */
export const introspectView = oauthView({
  route: 'introspect',
  url: '/application/o/introspect/',
  allow: 'POST, OPTIONS',
  methods: { POST: answerIntrospection },
})

async function answerIntrospection(ctx: RequestContext): Promise<Answer> {
  const { request, credentials } = await clientRequest(ctx)
  const { answer, reason } = introspect(request, credentials)
  ctx.reason = reason
  return tokenAnswer(200, answer)
}
