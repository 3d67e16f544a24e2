import type { Answer } from '../../../authentik/answer.js'
import type { RequestContext } from '../../../authentik/context.js'
import { oauthRequest, oauthView, tokenAnswer } from '../../../authentik/oauth-view.js'
import { readCredentials } from '../../../oauth2/client-auth.js'
import { introspect } from '../../../oauth2/introspection.js'

/** /application/o/introspect/: what a token is good for. There is no error: whatever is wrong, the token is not active. */
export const introspectView = oauthView({
  route: 'introspect',
  url: '/application/o/introspect/',
  allow: 'POST, OPTIONS',
  methods: { POST: answerIntrospection },
})

async function answerIntrospection(ctx: RequestContext): Promise<Answer> {
  const request = await oauthRequest(ctx)
  const credentials = readCredentials(ctx.request.headers.authorization, request.form, ctx.release.oauth2)
  const { answer, reason } = introspect(request, credentials)
  ctx.reason = reason
  return tokenAnswer(200, answer)
}
