import type { Answer } from '../../../authentik/answer.js'
import type { RequestContext } from '../../../authentik/context.js'
import { allowOrigin } from '../../../authentik/cors.js'
import { refusalAnswer } from '../../../authentik/oauth-error-answers.js'
import { clientRequest, oauthView, tokenAnswer } from '../../../authentik/oauth-view.js'
import { requireClient } from '../../../oauth2/client-auth.js'
import type { GrantRequest } from '../../../oauth2/grants/grant.js'
import { requireGrant } from '../../../oauth2/grants/grants.js'

/** /application/o/token/: tokens for codes, refresh tokens, passwords and devices. */
export const tokenView = oauthView({
  route: 'token',
  url: '/application/o/token/',
  allow: 'POST, OPTIONS',
  methods: {
    POST: issue,
    OPTIONS: (ctx) => allowOrigin(ctx, tokenAnswer(200, {})),
  },
})

async function issue(ctx: RequestContext): Promise<Answer> {
  const { request, credentials } = await clientRequest(ctx)
  try {
    const client = requireClient(ctx.database, credentials)
    const apply: GrantRequest['apply'] = (change) => ctx.apply([change], { client: client.client_id })
    const { database, release, now, origin, form } = request
    const { secret } = credentials
    return allowOrigin(ctx, await grant(ctx, { database, release, now, origin, form, client, secret, apply }), client)
  } catch (error) {
    return refusalAnswer(ctx, error, 400)
  }
}

async function grant(ctx: RequestContext, request: GrantRequest): Promise<Answer> {
  try {
    const grant = request.form.get('grant_type') ?? ''
    const settle = await requireGrant(grant)(request)
    const { answer, changes, from } = settle()
    ctx.apply(changes, { grant, client: request.client.client_id, ...(from !== undefined && { from }) })
    return tokenAnswer(200, answer)
  } catch (error) {
    return refusalAnswer(ctx, error, 400)
  }
}
