import type { Granted } from './grants/grant.js'
import type { OAuthRequest } from './request.js'
import { OFFLINE_ACCESS } from './scopes.js'
import { answerOf, withRefreshToken } from './token-answer.js'
import { type Extra, type Occasion, putAccessToken, putRefreshToken, signTokens } from './tokens.js'

/**
 * Signs tokens, with offline_access a refresh token among them. The rows are made by the function that it yields, whose
 * changes are applied at once.
 */
export async function issueTokens(
  request: OAuthRequest,
  occasion: Occasion,
  extra: Extra = {},
): Promise<() => Granted> {
  const access = await signTokens(request, occasion, extra)
  return () => {
    const answer = answerOf(occasion, access)
    const made = putAccessToken(request, access)
    if (!occasion.scope.includes(OFFLINE_ACCESS)) return { answer, changes: [made] }
    const { change, refresh_token } = putRefreshToken(request, occasion, access, extra)
    return { answer: withRefreshToken(answer, refresh_token, 'last'), changes: [made, change] }
  }
}
