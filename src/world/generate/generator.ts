import { type IssuePlace, issueClaims } from '../id-token.js'
import { formatInstant } from '../instant.js'
import type { Group, Provider, RefreshToken, User } from '../model.js'
import { remember } from '../remember.js'
import { DEFAULT_SCOPES, makeGroups, makeProvider, makeUser } from './cast.js'
import { cast, chainOf, type Outline, outlineOf } from './chains.js'
import type { People } from './people.js'
import { alphanumeric, draw, hex, label } from './random.js'

/** Rows that nobody wrote: a row is a function of (seed, pk), so row 734,211 costs the same as row 1. */
export interface Generator {
  refreshTokens: { first: number; count: number; make(pk: number): RefreshToken }
  users: { first: number; count: number; make(pk: number): User }
  providers: { first: number; count: number; make(pk: number): Provider }
  groups: Group[]
  /** What ordering and filters need of a row, at a fraction of the row's cost. */
  outline(pk: number): Outline
}

export interface GeneratorSettings {
  seed: number
  count: number
  /** The keys that fixtures use: the generated ones form a run of their own beside them. */
  taken: { refreshTokens: Iterable<number>; users: Iterable<number>; providers: Iterable<number> }
  place: Omit<IssuePlace, 'groups'>
  people: People
}

const KEPT_TOKENS = 5_000
const KEPT_USERS = 10_000
const KEPT_PROVIDERS = 1_000
const SCOPE = label('scope')
const AMR = label('amr')

export function createGenerator({ seed, count, taken, place, people }: GeneratorSettings): Generator {
  const firstToken = firstGap(taken.refreshTokens, count)
  const { users, providers } = cast(firstToken + count - 1)
  const firstUser = firstGap(taken.users, users)
  const firstProvider = firstGap(taken.providers, providers)
  const groups = makeGroups(seed)
  const issuePlace = { ...place, groups: new Map(groups.map((group) => [group.pk, group])) }
  const user = remember(KEPT_USERS, (pk: number) => makeUser(seed, pk - firstUser, pk, groups, people))
  const provider = remember(KEPT_PROVIDERS, (pk: number) => makeProvider(seed, pk - firstProvider, pk, people))

  // Neighbours are asked for one after the other.
  let chain = chainOf(seed, firstToken)
  function outline(pk: number): Outline {
    if (pk < chain.first || pk > chain.last) chain = chainOf(seed, pk)
    const row = outlineOf(seed, pk, chain)
    row.user += firstUser
    row.provider += firstProvider
    return row
  }

  const refreshToken = remember(KEPT_TOKENS, (pk: number): RefreshToken => {
    const row = outline(pk)
    const turn = draw(seed, SCOPE, row.first) % DEFAULT_SCOPES.length
    const scope = [...DEFAULT_SCOPES.slice(turn), ...DEFAULT_SCOPES.slice(0, turn)]
    const issue = {
      ...row,
      scope,
      jti: alphanumeric(seed, 'jti', pk, 40),
      amr: draw(seed, AMR, row.first) % 4 === 0 ? ['pwd', 'mfa'] : ['pwd'],
      nonce: alphanumeric(seed, 'nonce', row.first, 43),
      at_hash: alphanumeric(seed, 'at_hash', pk, 22),
      sid: hex(seed, 'sid', row.first, 64),
    }
    const id_token = issueClaims(issue, provider(row.provider), user(row.user), issuePlace)
    return {
      pk,
      provider: row.provider,
      user: row.user,
      expires: formatInstant(row.expires),
      scope,
      id_token,
      revoked: row.revoked,
    }
  })

  return {
    refreshTokens: { first: firstToken, count, make: refreshToken },
    users: { first: firstUser, count: users, make: user },
    providers: { first: firstProvider, count: providers, make: provider },
    groups,
    outline,
  }
}

/** The lowest key from which `size` keys in a row are free. */
function firstGap(taken: Iterable<number>, size: number): number {
  let first = 1
  for (const key of [...taken].sort((a, b) => a - b)) {
    if (key - first >= size) break
    first = Math.max(first, key + 1)
  }
  return first
}
