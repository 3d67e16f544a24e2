import type * as Type from 'typebox'
import { object } from './shared/grammar.js'
import { scopesOf } from './shared/granted.js'
import { type IssuedToken, issuedTokenFields, tokenKind } from './shared/issued-tokens.js'

/** Its token is the signed JWT where an endpoint issued it. */
export type AccessToken = IssuedToken

export const AccessTokenSeed = object(issuedTokenFields, 'an access token')
export type AccessTokenSeed = Type.Static<typeof AccessTokenSeed>

export const access_tokens = tokenKind('access token', AccessTokenSeed, {
  validity: 'access_token_validity',
  scope: scopesOf,
  onSessionEnd: 'cascade',
})
