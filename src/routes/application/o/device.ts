import type { Answer } from '../../../authentik/answer.js'
import type { RequestContext } from '../../../authentik/context.js'
import { emptyPage } from '../../../authentik/error-pages.js'
import { refusalAnswer } from '../../../authentik/oauth-error-answers.js'
import { clientRequest, jsonAnswer, oauthView, tokenAnswer } from '../../../authentik/oauth-view.js'
import { requireClient } from '../../../oauth2/client-auth.js'
import { isThrottled, visit } from '../../../oauth2/device-code-limit.js'
import { putDeviceCode } from '../../../oauth2/device-codes.js'
import { Refusal } from '../../../oauth2/errors.js'
import { applicationOf } from '../../../oauth2/find.js'
import { words } from '../../../python/text.js'
import { validityOf } from '../../../world/kinds/shared/granted.js'

/** /application/o/device/: a device begins to wait for its user. Nobody asks who the client is. */
export const deviceView = oauthView({
  route: 'device',
  url: '/application/o/device/',
  allow: 'POST, OPTIONS',
  before: [refuseTooMany],
  methods: { POST: begin },
})

function refuseTooMany(ctx: RequestContext): Answer | undefined {
  if (ctx.browser?.user !== undefined) return undefined
  const address = callerOf(ctx)
  if (!isThrottled(ctx.database, address)) {
    ctx.note(visit(ctx.database, address))
    return undefined
  }
  ctx.reason = 'more than 20 requests to this endpoint in an hour'
  return ctx.release.oauth2.deviceErrors === 'empty'
    ? emptyPage(429)
    : refusalAnswer(ctx, new Refusal('slow_down', ctx.reason), 429)
}

/** As much as is kept of an address that a header says. */
const MAX_ADDRESS = 500

/** The address that asks, or what stands before authentik says of it. */
function callerOf({ request }: RequestContext): string {
  const forwarded = request.headers['x-forwarded-for']
  return forwarded === undefined
    ? (request.socket?.remoteAddress ?? '')
    : String(forwarded).slice(0, MAX_ADDRESS).replace(/\s+/g, '')
}

async function begin(ctx: RequestContext): Promise<Answer> {
  const { request, credentials } = await clientRequest(ctx)
  const { deviceErrors, basicCredentials } = ctx.release.oauth2
  // Who reads a Basic header here also decodes it.
  const id = basicCredentials === 'as they are' ? (request.form.get('client_id') ?? '') : credentials.id
  try {
    const client = requireClient(ctx.database, { id, secret: '' })
    if (applicationOf(ctx.database, client) === undefined)
      throw new Refusal('invalid_client', `provider ${client.name} has no application`)
    const scope = words(request.form.get('scope') ?? '')
    const { device_code, user_code, change } = putDeviceCode(request, client, scope)
    ctx.apply([change], { client: client.client_id })
    const verification_uri = `${request.origin}/device`
    const answer = {
      ...{ device_code, verification_uri, verification_uri_complete: `${verification_uri}?code=${user_code}` },
      ...{ user_code, expires_in: Math.trunc(validityOf(client.access_code_validity) / 1e6), interval: 5 },
    }
    return deviceErrors === 'empty' ? jsonAnswer(answer) : tokenAnswer(200, answer)
  } catch (error) {
    if (!(error instanceof Refusal) || deviceErrors === 'JSON') return refusalAnswer(ctx, error, 400)
    ctx.reason = error.reason
    return emptyPage(400)
  }
}
