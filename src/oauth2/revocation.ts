import type { RowChange } from '../world/change.js'
import type { AccessToken } from '../world/kinds/access-tokens.js'
import type { Provider } from '../world/kinds/providers.js'
import { authenticate, type Credentials, noClient, requireClient } from './client-auth.js'
import { Refusal } from './errors.js'
import { findAccessToken, findRefreshToken } from './find.js'
import type { OAuthRequest } from './request.js'

/**
 * The deletion of the token that a client names; none where there is no such token, which is no error.
 *
 * @throws Refusal
 */
export function revoke(request: OAuthRequest, credentials: Credentials): RowChange[] {
  const { database, form } = request
  const client = requireRevoker(request, credentials)
  const shown = form.get('token')
  if (!shown) return []
  const access = findAccessToken(database, shown)
  if (isRevocable(request, client, access)) return [{ type: 'delete', section: 'access_tokens', key: access.pk }]
  const refresh = findRefreshToken(database, shown)
  if (isRevocable(request, client, refresh)) return [{ type: 'delete', section: 'refresh_tokens', key: refresh.pk }]
  return []
}

/** A public client need not know its secret. */
function requireRevoker({ database, release }: OAuthRequest, credentials: Credentials): Provider {
  if (credentials.id === '' && credentials.secret === '') throw new Refusal('invalid_client', noClient(''))
  const client = requireClient(database, credentials)
  const isFree = release.oauth2.revocation !== 'any token, if it is confidential' && client.client_type === 'public'
  if (!isFree && authenticate(database, credentials) === undefined)
    throw new Refusal('invalid_client', 'the client secret is wrong')
  return client
}

function isRevocable(
  { release }: OAuthRequest,
  client: Provider,
  token: AccessToken | undefined,
): token is AccessToken {
  if (token === undefined) return false
  if (release.oauth2.revocation !== 'own and federated tokens') return true
  return token.provider === client.pk || client.jwt_federation_providers.includes(token.provider)
}
