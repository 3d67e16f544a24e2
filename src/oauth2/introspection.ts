import { idTokenClaims } from '../world/id-token.js'
import { isOver } from '../world/instant.js'
import type { Attributes } from '../world/json.js'
import { authenticate, type Credentials } from './client-auth.js'
import { findAccessToken, findRefreshToken } from './find.js'
import type { OAuthRequest } from './request.js'

/** What a client may know of a token, or why it may not: the wire says no more than that the token is not active. */
export function introspect(request: OAuthRequest, credentials: Credentials): { answer: Attributes; reason?: string } {
  const { database, release, form, now } = request
  const client = authenticate(database, credentials)
  if (client === undefined) return inactive('the client is unknown, or its secret is wrong')
  const shown = form.get('token')
  if (!shown) return inactive('no token')
  const known = [findAccessToken(database, shown), findRefreshToken(database, shown)]
  const row = known.find((row) => row?.provider === client.pk)
  if (row === undefined)
    return inactive(known.some(Boolean) ? 'the token was issued to another client' : 'the token is unknown')
  if (isOver(row.expires, now)) return inactive(`the token expired at ${row.expires}`)
  const answer = {
    ...idTokenClaims(row.id_token, release),
    active: !row.revoked,
    scope: row.scope.join(' '),
    client_id: client.client_id,
  }
  return row.revoked ? { answer, reason: 'the token was rotated, or is revoked' } : { answer }
}

function inactive(reason: string) {
  return { answer: { active: false }, reason }
}
