import { expiresIn, type Occasion, type SignedTokens } from './tokens.js'

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
