import type { RowChange } from '../world/change.js'
import type { Attributes } from '../world/json.js'
import { answerOf } from './grants/grant.js'
import type { OAuthRequest } from './request.js'
import { OFFLINE_ACCESS } from './scopes.js'
import { type Extra, type Occasion, putAccessToken, putRefreshToken, signTokens } from './tokens.js'

/** Tokens that nobody had to ask for: what the token endpoint would answer, and the changes that make them rows. */
export interface Issued {
  answer: Attributes
  changes: RowChange[]
}

/** Signs. The rows are made by the function that it yields, whose changes are applied at once. */
export async function issueTokens(request: OAuthRequest, occasion: Occasion, extra: Extra = {}): Promise<() => Issued> {
  const access = await signTokens(request, occasion, extra)
  return () => {
    const answer = answerOf(occasion, access)
    const made = putAccessToken(request, access)
    if (!occasion.scope.includes(OFFLINE_ACCESS)) return { answer, changes: [made] }
    const { change, refresh_token } = putRefreshToken(request, occasion, access, extra)
    return { answer: { ...answer, refresh_token }, changes: [made, change] }
  }
}
