import type { Answer } from '../../../authentik/answer.js'
import type { RequestContext } from '../../../authentik/context.js'
import { refusalAnswer } from '../../../authentik/oauth-errors.js'
import { oauthRequest, oauthView, tokenAnswer } from '../../../authentik/oauth-view.js'
import { readCredentials } from '../../../oauth2/client-auth.js'
import { revoke } from '../../../oauth2/revocation.js'

/** /application/o/revoke/: the end of a token, whose row is deleted. */
export const revokeView = oauthView({
  route: 'revoke',
  url: '/application/o/revoke/',
  allow: 'POST, OPTIONS',
  methods: { POST: answerRevocation },
})

async function answerRevocation(ctx: RequestContext): Promise<Answer> {
  const request = await oauthRequest(ctx)
  const credentials = readCredentials(ctx.request.headers.authorization, request.form, ctx.release.oauth2)
  try {
    const changes = revoke(request, credentials)
    if (changes.length === 0) ctx.reason = 'there was nothing to revoke'
    else ctx.world.apply(...changes)
    return tokenAnswer(200, {})
  } catch (error) {
    return refusalAnswer(ctx, error, 401)
  }
}
