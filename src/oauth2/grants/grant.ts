import type { RowChange } from '../../world/change.js'
import type { RowName } from '../../world/history.js'
import type { Attributes } from '../../world/json.js'
import type { Provider } from '../../world/kinds/providers.js'
import { Refusal } from '../errors.js'
import type { OAuthRequest } from '../request.js'
import { expiresIn, type Occasion, type SignedTokens } from '../tokens.js'

/** A token request of a client that is known, and of which the grant has still to be judged. */
export interface GrantRequest extends OAuthRequest {
  client: Provider
  /** The secret that the client shows, right or wrong. */
  secret: string
  /** For the little that authentik writes before it has judged a request. */
  apply(change: RowChange): void
}

/** What a grant comes to. */
export interface Granted {
  answer: Attributes
  changes: RowChange[]
  /** The code or token that it comes of. */
  from?: RowName
}

/**
 * Judges a token request, and signs. The rows are made by the function that it yields: whoever calls that applies the
 * changes at once, so that no two requests take the same keys.
 *
 * @throws Refusal
 */
export type Grant = (request: GrantRequest) => Promise<() => Granted>

/** A confidential client that asks by code or refresh token must know its secret. */
export function requireSecret({ client, secret }: GrantRequest): void {
  if (client.client_type === 'confidential' && client.client_secret !== secret)
    throw new Refusal('invalid_client', 'the client secret is wrong')
}

/** What every grant answers, in order. */
export function answerOf({ client, scope }: Occasion, { access_token, id_token }: SignedTokens) {
  return { access_token, token_type: 'Bearer', scope: scope.join(' '), expires_in: expiresIn(client), id_token }
}

/** The same with a refresh token, in its place. */
export function withRefreshToken(answer: ReturnType<typeof answerOf>, refresh_token: string, place: 'second' | 'last') {
  const { access_token, token_type, scope, expires_in, id_token } = answer
  return place === 'second'
    ? { access_token, refresh_token, token_type, scope, expires_in, id_token }
    : { access_token, token_type, scope, expires_in, id_token, refresh_token }
}
