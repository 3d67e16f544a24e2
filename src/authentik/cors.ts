import { isAllowedOrigin } from '../oauth2/redirect-uris.js'
import type { Provider } from '../world/kinds/providers.js'
import type { Answer } from './answer.js'
import type { RequestContext } from './context.js'

/**
 * Lets pages of an origin read an answer: those of the client's redirect URIs, and at a preflight, which names no client,
 * those of any.
 *
 * @throws Crash
 */
export function allowOrigin(ctx: RequestContext, answer: Answer, client?: Provider): Answer {
  const { origin, 'access-control-request-headers': headers } = ctx.request.headers
  if (!origin) return answer
  const isPreflight = ctx.method === 'OPTIONS'
  const isAllowed = client !== undefined && isAllowedOrigin(client, origin)
  if (!isPreflight && !isAllowed) return answer
  const preflight = {
    ...(headers !== undefined && { 'Access-Control-Allow-Headers': headers }),
    'Access-Control-Allow-Methods': 'GET, POST, OPTIONS',
  }
  return {
    ...answer,
    vary: ctx.release.languages ? 'Origin, Accept-Language, Cookie' : 'Origin, Cookie',
    headers: {
      ...answer.headers,
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Credentials': 'true',
      ...(isPreflight && preflight),
    },
  }
}
