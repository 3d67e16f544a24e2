import type * as Type from 'typebox'
import { formatInstant, type Instant } from '../instant.js'
import { codeForm } from '../secret-forms.js'
import type { Context, Given, Kind } from './kind.js'
import { instant, object, oneOf, orNull, secretWord, text } from './shared/grammar.js'
import {
  type Grant,
  grantColumns,
  grantFields,
  grantReferences,
  grantTerms,
  lifetimeOf,
  providerOf,
  scopesOf,
  splitScope,
} from './shared/granted.js'
import { momentsOf } from './shared/moments.js'

export const CHALLENGE_METHODS = ['plain', 'S256'] as const

/** What a client exchanges for tokens, once. The redirect URI that it was asked for with is not remembered. */
export interface AuthorizationCode extends Grant {
  /** Null: the one that the key of the row yields. */
  code: string | null
  nonce: string | null
  code_challenge: string | null
  code_challenge_method: (typeof CHALLENGE_METHODS)[number] | null
  auth_time: Instant
}

export const AuthorizationCodeSeed = object(
  {
    ...grantFields,
    code: secretWord(),
    nonce: orNull(text()),
    code_challenge: orNull(text()),
    code_challenge_method: orNull(oneOf(CHALLENGE_METHODS)),
    auth_time: instant(),
  },
  'an authorization code',
)
export type AuthorizationCodeSeed = Type.Static<typeof AuthorizationCodeSeed>

export const authorization_codes: Kind<number, AuthorizationCode, typeof AuthorizationCodeSeed> = {
  word: 'authorization code',
  seed: AuthorizationCodeSeed,
  key: 'pk',
  keys: 'counted',
  form: 'list',
  secrets: { code: codeForm },
  unique: ['code'],
  references: grantReferences('cascade'),
  columns: grantColumns,
  terms: grantTerms,
  complete(given, pk, context, before) {
    const begin = before ?? newCode(given, pk, context)
    if (begin === undefined) return undefined
    const row = { ...begin, ...given } as AuthorizationCode
    return {
      ...row,
      scope: splitScope(row.scope),
      ...momentsOf(given, ['expires', 'auth_time'], context),
    } as AuthorizationCode
  },
  seedOf: (row) => ({ ...row }),
}

function newCode(given: Given, pk: number, context: Context): AuthorizationCode | undefined {
  const provider = providerOf(given, context)
  const lifetime = lifetimeOf(given, provider, 'access_code_validity', context)
  return (
    lifetime && {
      pk,
      provider: provider.pk,
      user: given['user'] as number,
      expires: lifetime.end,
      scope: scopesOf(provider),
      session: null,
      code: null,
      nonce: null,
      code_challenge: null,
      code_challenge_method: null,
      auth_time: formatInstant(lifetime.issued),
    }
  )
}
