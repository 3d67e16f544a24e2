import * as Type from 'typebox'
import { words } from '../../../python/text.js'
import {
  formatInstant,
  type Instant,
  isMoment,
  type Micros,
  microsOf,
  OUT_OF_RANGE,
  parseDuration,
  parseInstant,
} from '../../instant.js'
import { memoize } from '../../memoize.js'
import type { Context, Given, Kind } from '../kind.js'
import { type Provider, ProviderSeed } from '../providers.js'
import { UserSeed } from '../users.js'
import { DEFAULT_SCOPES } from './default-scopes.js'
import { flag, instant, key, orNull, reference, text, uuid } from './grammar.js'
import { momentsOf } from './moments.js'

/** What all that a provider grants a user has in common: codes, access tokens and refresh tokens. */
export interface Grant {
  pk: number
  provider: number
  user: number
  expires: Instant | null
  scope: string[]
  /** Of the login that it came of; null: of none. */
  session: string | null
}

/** The fields of a seed. */
export const grantFields = {
  pk: key(),
  provider: reference(key(), 'provider name', ProviderSeed),
  user: reference(key(), 'username', UserSeed),
  expires: orNull(instant()),
  is_expired: flag(),
  scope: Type.Array(text('a scope name'), { description: 'a list of scope names' }),
  session: orNull(uuid()),
}

/** Whether a row has expired follows from its end: one of which only that is said ended an hour ago. */
export function grantTerms(
  { is_expired: isExpired, ...own }: Given,
  warn: (field: string, why: string) => void,
  now: Micros,
): Given {
  if (isExpired === undefined) return own
  if (own['expires'] === undefined) return isExpired === true ? { ...own, expires: '-hours=1' } : own
  const end = typeof own['expires'] === 'string' ? parseInstant(own['expires'], now) : undefined
  if (isExpired !== (end !== undefined && microsOf(end) < now)) warn('is_expired', 'it follows from expires')
  return own
}

/** A session that ends takes codes and access tokens with it; refresh tokens outlive it. */
export const grantReferences = (onSessionEnd: 'cascade' | 'set null'): Kind['references'] => ({
  user: { kind: 'users', otherwise: 'any', onDelete: 'cascade' },
  provider: { kind: 'providers', otherwise: 'any', onDelete: 'cascade' },
  session: { kind: 'sessions', onDelete: onSessionEnd },
})

export const grantColumns = {
  pk: (row: Grant) => row.pk,
  provider: (row: Grant) => row.provider,
  user: (row: Grant) => row.user,
  /** What expired before 1970 counts as 1970. */
  expires: (row: Grant) => (row.expires === null ? null : Math.max(0, microsOf(row.expires))),
  session: (row: Grant) => row.session,
}

const THIRTY_DAYS: Micros = 30 * 8.64e10

/** A validity of a provider; one that cannot be read counts as thirty days. */
export const validityOf = memoize(100, (text: string): Micros => parseDuration(text) ?? THIRTY_DAYS)

type ValidityField = 'access_code_validity' | 'access_token_validity' | 'refresh_token_validity'

/** When something was granted, and until when it holds. */
export interface Lifetime {
  issued: Micros
  expires: Micros
  /** Null: it never expires. */
  end: Instant | null
}

/**
 * The lifetime of what a provider grants, where its description does not say otherwise. Undefined, and refused: it leads
 * out of the years that there are.
 *
 * @param isClaimed whether its beginning and its end are said somewhere
 */
export function lifetimeOf(
  given: Given,
  provider: Provider,
  field: ValidityField,
  context: Context,
  isClaimed = true,
): Lifetime | undefined {
  const moments = momentsOf(given, ['expires', 'issued'], context)
  const validity = validityOf(provider[field])
  const end = moments.expires ? microsOf(moments.expires) : undefined
  const issued = moments.issued
    ? microsOf(moments.issued)
    : Math.min(context.now, (end ?? Number.POSITIVE_INFINITY) - validity)
  const expires = end ?? issued + validity
  const isWithin =
    (!isClaimed || isMoment(issued)) && (!(isClaimed || moments.expires === undefined) || isMoment(expires))
  if (!isWithin) return refuseMoments(given, provider, field, isMoment(issued), context)
  return { issued, expires, end: moments.expires === undefined ? formatInstant(expires) : moments.expires }
}

function refuseMoments(
  { expires }: Given,
  provider: Provider,
  validityField: ValidityField,
  isAfter: boolean,
  { refuse }: Context,
): undefined {
  const [field, side] = isAfter ? ['expires', 'after its issue'] : ['issued', 'before its expiry']
  const given = expires === null ? 'null' : 'nothing'
  const validity = `${provider[validityField]} (${validityField} of provider ${provider.pk})`
  const allowed = `a moment in them, or a shorter ${validityField}`
  return refuse(field, `${given}, so ${validity} ${side}, ${OUT_OF_RANGE}`, allowed)
}

export function providerOf(given: Given, { rows }: Context): Provider {
  return rows('providers').get(given['provider'] as number) as Provider
}

/** Everything that the provider has to give. */
export function scopesOf({ scopes }: Provider): string[] {
  return scopes.length === 0 ? DEFAULT_SCOPES : scopes
}

/** A scope stands in the database as one text. */
export function splitScope(scope: string[]): string[] {
  return words(scope.join(' '))
}
