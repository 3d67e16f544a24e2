import type { RowChange } from '../../world/change.js'
import type { RowName } from '../../world/history.js'
import type { Attributes } from '../../world/json.js'
import type { Provider } from '../../world/kinds/providers.js'
import type { OAuthRequest } from '../request.js'

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
