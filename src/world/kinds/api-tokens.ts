import * as Type from 'typebox'
import type { Instant } from '../instant.js'
import type { Kind } from './kind.js'
import { instant, key, oneOf, orNull, reference, secretWord } from './shared/grammar.js'
import { momentsOf } from './shared/moments.js'
import { UserSeed } from './users.js'

export const INTENTS = ['api', 'app_password', 'recovery', 'verification'] as const

/** Who may call: an API token of authentik. */
export interface ApiToken {
  name: string
  key: string
  user: number
  intent: (typeof INTENTS)[number]
  /** What the API calls it. */
  identifier: string
  expires: Instant | null
}

export const TokenSeed = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, description: 'a name' })),
    key: secretWord(),
    user: reference(key(), 'username', UserSeed),
    intent: Type.Optional(oneOf(INTENTS)),
    identifier: Type.Optional(
      Type.String({ minLength: 1, maxLength: 255, description: 'a text of at most 255 characters' }),
    ),
    expires: Type.Optional(orNull(instant())),
  },
  { additionalProperties: false, description: 'who may call: {key, user, intent?, identifier?, expires?}' },
)
export type TokenSeed = Omit<Type.Static<typeof TokenSeed>, 'name'>

export const tokens: Kind<string, ApiToken, typeof TokenSeed> = {
  word: 'API token',
  seed: TokenSeed,
  key: 'name',
  keys: 'given',
  form: 'by key',
  unique: ['key', 'identifier'],
  masked: ['key'],
  references: { user: { kind: 'users', onDelete: 'cascade' } },
  columns: {
    name: (token) => token.name,
    identifier: (token) => token.identifier,
    intent: (token) => token.intent,
    user: (token) => token.user,
    expires: (token) => token.expires,
  },
  complete: (given, name, context, before) =>
    ({
      ...{ name },
      ...(before ?? { intent: 'api', identifier: name, expires: null }),
      ...given,
      ...momentsOf(given, ['expires'], context),
      name,
    }) as ApiToken,
  seedOf: (token) => ({ ...token }),
}
