import { findBySecret } from '../world/by-secret.js'
import { microsOf } from '../world/instant.js'
import type { AccessToken } from '../world/kinds/access-tokens.js'
import type { ApiToken } from '../world/kinds/api-tokens.js'
import { memoizeLast } from '../world/memoize.js'
import type { Answer } from './answer.js'
import { csrfMistake } from './browser/csrf.js'
import type { RequestContext } from './context.js'
import { errorPage } from './error-pages.js'
import { csrfFailed, invalidToken, unsupportedScheme } from './errors.js'

/** Lets an access token of OAuth2 act for its user. */
export const API_SCOPE = 'goauthentik.io/api'

/**
 * Finds out who calls. No credentials, or something that is none, makes an anonymous caller and no refusal; there is
 * never a 401. Sets `ctx.caller`, and `ctx.token` or `ctx.accessToken`.
 */
export function authenticate(ctx: RequestContext): Answer | undefined {
  const { scheme, key, isAscii } = readCredentials(ctx.request.headers.authorization ?? '')
  if (scheme === undefined) return authenticateSession(ctx)
  if (scheme !== 'bearer')
    return ctx.release.otherSchemes === 'refused' ? unsupportedScheme() : authenticateSession(ctx)
  // The database driver chokes on such a key.
  if (!isAscii) return errorPage(ctx, 500)
  return authenticateKey(ctx, key)
}

/** Without a key the session of the browser counts, for whoever can also show its CSRF token. */
function authenticateSession(ctx: RequestContext): Answer | undefined {
  const { user } = ctx.browser ?? {}
  if (user === undefined) return undefined
  const mistake = csrfMistake(ctx)
  if (mistake !== undefined) return csrfFailed(mistake)
  ctx.caller = user
  return undefined
}

/** The API token that a request shows, whether or not it is good for anything. */
export function tokenShown(ctx: RequestContext): ApiToken | undefined {
  const { scheme, key } = readCredentials(ctx.request.headers.authorization ?? '')
  return scheme === 'bearer' ? ctx.database.tokens.find('key', key) : undefined
}

/** Split at the first space; without one there are no credentials. */
const readCredentials = memoizeLast((authorization: string): { scheme?: string; key: string; isAscii?: boolean } => {
  const header = authorization.trim()
  const space = header.indexOf(' ')
  if (space === -1) return { key: '' }
  const key = header.slice(space + 1)
  return { scheme: header.slice(0, space).toLowerCase(), key, isAscii: !/[^\0-\x7f]/.test(key) }
})

/** The API token by which a request would be let in. Nothing comes of asking: an expired token stays where it is. */
export function tokenAdmitted(ctx: RequestContext): ApiToken | undefined {
  const token = tokenShown(ctx)
  const isGood = token?.intent === 'api' && !isExpired(token, ctx) && ctx.database.users.get(token.user)?.is_active
  return isGood ? token : undefined
}

function isExpired({ expires }: ApiToken | AccessToken, { database }: RequestContext): boolean {
  return expires !== null && database.clock.now() > microsOf(expires)
}

function authenticateKey(ctx: RequestContext, key: string): Answer | undefined {
  const { database, release } = ctx
  const token = database.tokens.find('key', key)
  if (token === undefined) return authenticateAccessToken(ctx, key)
  const is = `API token ${JSON.stringify(token.name)}`
  if (token.intent !== 'api') return refuse(ctx, `${is} is meant as ${token.intent}`)
  if (isExpired(token, ctx)) {
    if (release.expiredToken === 'deleted') ctx.apply([{ type: 'delete', section: 'tokens', key: token.name }])
    return refuse(ctx, `${is} expired at ${token.expires}`)
  }
  const refused = authorize(ctx, token.user, is)
  if (refused === undefined) ctx.token = token.name
  return refused
}

/** An access token acts for its user where it has the scope for that. */
function authenticateAccessToken(ctx: RequestContext, key: string): Answer | undefined {
  const { database, release } = ctx
  const token = findBySecret(database, 'access_tokens', 'token', key) as AccessToken | undefined
  if (token === undefined) return refuse(ctx, 'no API token has this key')
  const is = `access token ${token.pk}`
  if (!token.scope.includes(API_SCOPE)) return refuse(ctx, `${is} lacks the scope ${API_SCOPE}`)
  if (isExpired(token, ctx)) {
    if (release.expiredToken === 'deleted') ctx.apply([{ type: 'delete', section: 'access_tokens', key: token.pk }])
    return refuse(ctx, `${is} expired at ${token.expires}`)
  }
  const refused = authorize(ctx, token.user, is)
  if (refused === undefined) ctx.accessToken = token.pk
  return refused
}

/** Lets an active user call, who is the one of a token. */
function authorize(ctx: RequestContext, pk: number, is: string): Answer | undefined {
  const user = ctx.database.users.get(pk)
  if (user?.is_active !== true) return refuse(ctx, `user ${user?.username} of ${is} is not active`)
  ctx.caller = user
  return undefined
}

/** The wire says the same in each case; the journal tells them apart. */
function refuse(ctx: RequestContext, reason: string): Answer {
  ctx.reason = reason
  return invalidToken()
}
