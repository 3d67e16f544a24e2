import type * as Type from 'typebox'
import { tokenForm } from '../secrets.js'
import { object } from './grammar.js'
import { grantColumns, grantReferences, scopesOf } from './grants.js'
import { AT_ISSUE, completeToken, type IssuedToken, issuedTokenFields } from './issued-tokens.js'
import type { Kind } from './kind.js'

/** Its token is the signed JWT where an endpoint issued it. */
export type AccessToken = IssuedToken

export const AccessTokenSeed = object(issuedTokenFields, 'an access token')
export type AccessTokenSeed = Type.Static<typeof AccessTokenSeed>

const life = { validity: 'access_token_validity', scope: scopesOf } as const

export const access_tokens: Kind<number, AccessToken, typeof AccessTokenSeed> = {
  word: 'access token',
  seed: AccessTokenSeed,
  key: 'pk',
  keys: 'counted',
  form: 'list',
  secrets: { token: tokenForm },
  unique: { token: { secret: true } },
  atIssue: AT_ISSUE,
  references: grantReferences('cascade'),
  columns: { ...grantColumns, revoked: (row) => Number(row.revoked) },
  complete: (given, pk, context, before) => completeToken(life, given, pk, context, before),
  seedOf: (row, { idTokenText }) => ({ ...row, id_token: idTokenText(row.id_token) }),
}
