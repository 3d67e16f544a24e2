import { scopeClaims } from '../world/claims.js'
import { idTokenClaims } from '../world/id-token.js'
import { isOver } from '../world/instant.js'
import type { Attributes } from '../world/json.js'
import type { AccessToken } from '../world/kinds/access-tokens.js'
import type { Provider } from '../world/kinds/providers.js'
import type { User } from '../world/kinds/users.js'
import { BearerRefusal } from './errors.js'
import { findAccessToken } from './find.js'
import type { OAuthRequest } from './request.js'
import { OPENID } from './scopes.js'

/** The token that a request shows: in its header, in its form, or in its query. */
export function readBearer(
  authorization: string | undefined,
  form: ReadonlyMap<string, string>,
  query: string | undefined,
): string | undefined {
  const bearer = /^[Bb]earer\s.+/.exec(authorization ?? '')?.[0].split(/\s+/)[1]
  return bearer ?? form.get('access_token') ?? query
}

/** @throws BearerRefusal */
export function requireAccessToken({ database, now }: OAuthRequest, shown: string | undefined): AccessToken {
  if (!shown) throw new BearerRefusal('invalid_token', 'no access token')
  const token = findAccessToken(database, shown)
  if (token === undefined) throw new BearerRefusal('invalid_token', 'the access token is unknown, or was deleted')
  const is = `access token ${token.pk}`
  if (isOver(token.expires, now)) throw new BearerRefusal('invalid_token', `${is} expired at ${token.expires}`)
  if (token.revoked) throw new BearerRefusal('invalid_token', `${is} is revoked`)
  if (!token.scope.includes(OPENID)) throw new BearerRefusal('insufficient_scope', `${is} lacks the scope openid`)
  return token
}

/** What the scopes of a token tell of its user at this moment; the subject and the nonce are those of its issue. */
export function userInfo({ database, release }: OAuthRequest, token: AccessToken): Attributes {
  const provider = database.providers.get(token.provider) as Provider
  const user = database.users.get(token.user) as User
  const { sub, nonce } = idTokenClaims(token.id_token, release)
  const claims = scopeClaims(token.scope, provider, user, database.groups)
  if ('email_verified' in claims) claims['email_verified'] = release.emailVerified
  return { ...(sub !== undefined && { sub }), ...claims, ...(nonce && { nonce }) }
}
