import * as Type from 'typebox'
import type { Instant } from '../instant.js'
import type { Kind } from './kind.js'
import { instant, key, object, orNull, reference, text } from './shared/grammar.js'
import { momentsOf } from './shared/moments.js'
import { UserSeed } from './users.js'

/** What a user allowed an application once and is not asked again. */
export interface Consent {
  pk: number
  user: number
  application: string
  scope: string[]
  /** Null: it holds for ever. */
  expires: Instant | null
}

export const ConsentSeed = object(
  {
    pk: key(),
    user: reference(key(), 'username', UserSeed),
    application: text('the UUID or the slug of an application'),
    scope: Type.Array(text('a scope name'), { description: 'a list of scope names' }),
    expires: orNull(instant()),
  },
  'a consent',
)
export type ConsentSeed = Type.Static<typeof ConsentSeed>

export const consents: Kind<number, Consent, typeof ConsentSeed> = {
  word: 'consent',
  seed: ConsentSeed,
  key: 'pk',
  keys: 'counted',
  form: 'list',
  unique: [],
  references: {
    user: { kind: 'users', otherwise: 'any', onDelete: 'cascade' },
    application: { kind: 'applications', otherwise: 'any', onDelete: 'cascade' },
  },
  columns: {
    pk: (row) => row.pk,
    user: (row) => row.user,
    application: (row) => row.application,
    expires: (row) => row.expires,
  },
  complete: (given, pk, context, before) =>
    ({
      ...(before ?? { pk, scope: [], expires: null }),
      ...given,
      ...momentsOf(given, ['expires'], context),
    }) as Consent,
  seedOf: (consent) => ({ ...consent }),
}
