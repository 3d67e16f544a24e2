import type { Answer } from '../../../authentik/answer.js'
import type { RequestContext } from '../../../authentik/context.js'
import { refusalAnswer } from '../../../authentik/oauth-error-answers.js'
import { clientRequest, oauthView, tokenAnswer } from '../../../authentik/oauth-view.js'
import { revoke } from '../../../oauth2/revocation.js'

/** /application/o/revoke/: the end of a token, whose row is deleted. */
export const revokeView = oauthView({
  route: 'revoke',
  url: '/application/o/revoke/',
  allow: 'POST, OPTIONS',
  methods: { POST: answerRevocation },
})

async function answerRevocation(ctx: RequestContext): Promise<Answer> {
  const { request, credentials } = await clientRequest(ctx)
  try {
    const changes = revoke(request, credentials)
    if (changes.length === 0) ctx.reason = 'there was nothing to revoke'
    else ctx.apply(changes, { client: credentials.id })
    return tokenAnswer(200, {})
  } catch (error) {
    return refusalAnswer(ctx, error, 401)
  }
}
