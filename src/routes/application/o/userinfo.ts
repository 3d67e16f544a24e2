import type { Answer } from '../../../authentik/answer.js'
import type { RequestContext } from '../../../authentik/context.js'
import { allowOrigin } from '../../../authentik/cors.js'
import { bearerRefusalAnswer } from '../../../authentik/oauth-error-answers.js'
import { methodNotAllowedPage, oauthRequest, oauthView, tokenAnswer } from '../../../authentik/oauth-view.js'
import { BearerRefusal } from '../../../oauth2/errors.js'
import type { OAuthRequest } from '../../../oauth2/request.js'
import { readBearer, requireAccessToken, userInfo } from '../../../oauth2/userinfo.js'
import type { AccessToken } from '../../../world/kinds/access-tokens.js'

const ALLOW = 'GET, POST, HEAD, OPTIONS'

/** /application/o/userinfo/: who the user of an access token is. The token is judged before the method. */
export const userinfoView = oauthView({
  route: 'userinfo',
  url: '/application/o/userinfo/',
  allow: ALLOW,
  methods: {
    GET: withToken((request, token) => tokenAnswer(200, userInfo(request, token))),
    POST: withToken((request, token) => tokenAnswer(200, userInfo(request, token))),
    OPTIONS: (ctx) => allowOrigin(ctx, tokenAnswer(200, {})),
  },
  otherwise: withToken(() => methodNotAllowedPage(ALLOW)),
})

function withToken(answer: (request: OAuthRequest, token: AccessToken) => Answer) {
  return async (ctx: RequestContext): Promise<Answer> => {
    const request = await oauthRequest(ctx)
    const shown = readBearer(ctx.request.headers.authorization, request.form, ctx.parameter('access_token'))
    try {
      const token = requireAccessToken(request, shown)
      return allowOrigin(ctx, answer(request, token), ctx.database.providers.get(token.provider))
    } catch (error) {
      if (error instanceof BearerRefusal) return bearerRefusalAnswer(ctx, error)
      throw error
    }
  }
}
