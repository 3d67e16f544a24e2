import { type Micros, microsOf } from '../instant.js'
import { draw, label } from '../random.js'

/**
 * Which row belongs to whom: refresh tokens come in families, as logins leave them, revoked ancestors first and one live
 * head last. The primary keys are cut into blocks of 8, and a block into families of 1 to 4, so that everything here is a
 * function of (seed, pk), whatever the number of rows asked for.
 *
 * The dates are absolute, so that two runs agree. A provider either gives its tokens 30 days, and all of them have
 * expired, or 100 years, and all of them are live.
 */
export interface Outline extends Family {
  issued: Micros
  authTime: Micros
  expires: Micros
  revoked: boolean
}

/** The tokens of one login, `first` to `last`. `user` and `provider` count from 0. */
export interface Family {
  first: number
  last: number
  user: number
  provider: number
}

const BLOCK = 8
const DAY = 8.64e10
export const FIRST_ISSUE = microsOf('2024-06-01T00:00:00Z')
const BETWEEN_ISSUES = 60e6

const CHAIN = label('chain')
const USER = label('user of chain')
const PROVIDER = label('provider of chain')
const FRACTION = label('fraction')
const VALIDITY = label('validity')

/** How many users, and how many providers, the rows up to `pk` may name. */
export function populationOf(pk: number): { users: number; providers: number } {
  const block = Math.floor((pk - 1) / BLOCK)
  return { users: 3 + Math.floor((block * BLOCK) / 5), providers: 2 + Math.floor(Math.sqrt(block)) }
}

export function validityDays(seed: number, provider: number): number {
  return draw(seed, VALIDITY, provider) % 3 === 0 ? 30 : 36500
}

export function outlineOf(seed: number, pk: number, family: Family): Outline {
  const { first, last, user, provider } = family
  const issued = issuedAt(seed, pk)
  return {
    first,
    last,
    user,
    provider,
    issued,
    authTime: issuedAt(seed, first) - (10 + (first % 30)) * 1e6,
    expires: issued + validityDays(seed, provider) * DAY,
    revoked: pk < last,
  }
}

/** The family that a token belongs to. */
export function familyOf(seed: number, pk: number): Family {
  const { users, providers } = populationOf(pk)
  const { first, last } = placeOf(seed, pk)
  return { first, last, user: draw(seed, USER, first) % users, provider: draw(seed, PROVIDER, first) % providers }
}

function placeOf(seed: number, pk: number): { first: number; last: number } {
  const block = Math.floor((pk - 1) / BLOCK)
  const end = (block + 1) * BLOCK
  let lengths = draw(seed, CHAIN, block)
  for (let first = block * BLOCK + 1; ; lengths >>>= 2) {
    const last = Math.min(first + (lengths & 3), end)
    if (pk <= last) return { first, last }
    first = last + 1
  }
}

function issuedAt(seed: number, pk: number): Micros {
  return FIRST_ISSUE + pk * BETWEEN_ISSUES + (draw(seed, FRACTION, pk) % BETWEEN_ISSUES)
}
