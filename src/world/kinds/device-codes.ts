import * as Type from 'typebox'
import { formatInstant, type Instant } from '../instant.js'
import { deviceCodeForm, userCodeForm } from '../secret-forms.js'
import type { Context, Given, Kind } from './kind.js'
import { ProviderSeed } from './providers.js'
import { flag, instant, key, object, orNull, reference, secret, text } from './shared/grammar.js'
import { lifetimeOf, providerOf, splitScope } from './shared/granted.js'
import { momentsOf } from './shared/moments.js'
import { UserSeed } from './users.js'

/** A device that waits for a user to let it in. */
export interface DeviceCode {
  pk: number
  provider: number
  /** Null: nobody let it in so far. */
  user: number | null
  /** Somebody turned it away. */
  denied: boolean
  scope: string[]
  expires: Instant
  /** What the device shows. Null: the one that the key of the row yields. */
  device_code: string | null
  /** What the user types. Null: the one that the key of the row yields. */
  user_code: string | null
}

export const DeviceCodeSeed = object(
  {
    pk: key(),
    provider: reference(key(), 'provider name', ProviderSeed),
    user: orNull(reference(key(), 'username', UserSeed)),
    denied: flag(),
    scope: Type.Array(text('a scope name'), { description: 'a list of scope names' }),
    expires: instant(),
    device_code: secret('a text of ASCII characters', { minLength: 1, pattern: '^[ -~]+$' }),
    user_code: Type.String({ pattern: '^\\d{9}$', description: 'a text of 9 digits' }),
  },
  'a device code',
)
export type DeviceCodeSeed = Type.Static<typeof DeviceCodeSeed>

export const device_codes: Kind<number, DeviceCode, typeof DeviceCodeSeed> = {
  word: 'device code',
  seed: DeviceCodeSeed,
  key: 'pk',
  keys: 'counted',
  form: 'list',
  secrets: { device_code: deviceCodeForm, user_code: userCodeForm },
  unique: ['device_code', 'user_code'],
  references: {
    provider: { kind: 'providers', otherwise: 'any', onDelete: 'cascade' },
    user: { kind: 'users', onDelete: 'cascade' },
  },
  columns: {
    pk: (row) => row.pk,
    provider: (row) => row.provider,
    user: (row) => row.user,
    expires: (row) => row.expires,
  },
  complete(given, pk, context, before) {
    const begin = before ?? newDeviceCode(given, pk, context)
    if (begin === undefined) return undefined
    const row = { ...begin, ...given } as DeviceCode
    return { ...row, scope: splitScope(row.scope), ...momentsOf(given, ['expires'], context) } as DeviceCode
  },
  seedOf: (row) => ({ ...row }),
}

function newDeviceCode(given: Given, pk: number, context: Context): DeviceCode | undefined {
  const provider = providerOf(given, context)
  const lifetime = lifetimeOf(given, provider, 'access_code_validity', context)
  return (
    lifetime && {
      pk,
      provider: provider.pk,
      user: null,
      denied: false,
      scope: [],
      expires: formatInstant(lifetime.expires),
      device_code: null,
      user_code: null,
    }
  )
}
