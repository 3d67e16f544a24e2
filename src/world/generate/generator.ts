import { type IssuePlace, issueClaims } from '../id-token.js'
import { formatInstant } from '../instant.js'
import type { Application } from '../kinds/applications.js'
import type { Group } from '../kinds/groups.js'
import type { Provider } from '../kinds/providers.js'
import type { RefreshToken } from '../kinds/refresh-tokens.js'
import { DEFAULT_SCOPES } from '../kinds/shared/default-scopes.js'
import { memoize } from '../memoize.js'
import { alphanumeric, draw, hex, label } from '../random.js'
import { cell, type MadeRows } from '../table.js'
import type { Key, Value } from '../value.js'
import type { People } from './people.js'
import { clientSecretOf, makeApplication, makeGroups, makeProvider, makeUser, userCells } from './population.js'
import { familyOf, type Outline, outlineOf, populationOf } from './token-families.js'

/** Rows that nobody wrote: a row is a function of (seed, pk), so row 734,211 costs the same as row 1. */
export interface Generator {
  /** By section. */
  rows: { [section: string]: MadeRows<Key, unknown> }
  groups: Group[]
  clientSecrets(): string[]
}

export interface GeneratorSettings {
  seed: number
  count: number
  /** The keys that fixtures use, by section: the generated ones form a run of their own beside them. */
  taken: (section: string) => Iterable<Key>
  place: Omit<IssuePlace, 'groups'>
  people: People
}

const KEPT_TOKENS = 5_000
const KEPT_USERS = 10_000
const KEPT_PROVIDERS = 1_000
const SCOPE = label('scope')
const AMR = label('amr')

export function createGenerator({ seed, count, taken, place, people }: GeneratorSettings): Generator {
  const firstToken = firstGap(taken('refresh_tokens'), count)
  const population = populationOf(firstToken + count - 1)
  const firstUser = firstGap(taken('users'), population.users)
  const firstProvider = firstGap(taken('providers'), population.providers)
  const groups = makeGroups(seed)
  const issuePlace = { ...place, groups: new Map(groups.map((group) => [group.pk, group])) }
  const user = memoize(KEPT_USERS, (pk: number) => makeUser(seed, pk - firstUser, pk, groups, people))
  const cellsOfUser = userCells(seed, groups, people)
  const provider = memoize(KEPT_PROVIDERS, (pk: number) => makeProvider(seed, pk - firstProvider, pk, people))
  const application = memoize(KEPT_PROVIDERS, (pk: number) => ({
    made: makeApplication(seed, pk - firstProvider, pk, people),
  }))
  const applicationOf = (pk: number) => application(pk).made

  // Neighbours are asked for one after the other.
  let family = familyOf(seed, firstToken)
  function outline(pk: number): Outline {
    if (pk < family.first || pk > family.last) family = familyOf(seed, pk)
    const row = outlineOf(seed, pk, family)
    row.user += firstUser
    row.provider += firstProvider
    return row
  }

  const refreshToken = memoize(KEPT_TOKENS, (pk: number): RefreshToken => {
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
    const parties = {
      provider: provider(row.provider),
      application: applicationOf(row.provider),
      user: user(row.user),
    }
    return {
      pk,
      provider: row.provider,
      user: row.user,
      expires: formatInstant(row.expires),
      scope,
      id_token: issueClaims(issue, parties, issuePlace),
      revoked: row.revoked,
      session: null,
      token: null,
    }
  })

  /** The refresh tokens of a user or of a provider. */
  function tokensOf(field: string, key: Key): number[] {
    const keys: number[] = []
    for (let pk = firstToken; pk < firstToken + count; pk++) if (cell(outline(pk), field) === key) keys.push(pk)
    return keys
  }

  const providers = run(firstProvider, population.providers, provider)
  return {
    groups,
    clientSecrets: () => Array.from({ length: population.providers }, (_, index) => clientSecretOf(seed, index)),
    rows: {
      refresh_tokens: {
        ...run(firstToken, count, refreshToken),
        cells(pk) {
          const { provider, user, expires, revoked } = outline(Number(pk))
          return { pk, provider, user, expires, revoked: Number(revoked), session: null }
        },
        // Their tokens are found by what they say: see secrets.ts.
        keyOf: () => undefined,
        referring: (field, key) => (field === 'session' ? [] : tokensOf(field, key)),
      },
      users: {
        ...run(firstUser, population.users, user),
        cells: (pk) => cellsOfUser(Number(pk) - firstUser, Number(pk)),
        keyOf: keyAtTheEnd,
      },
      providers,
      applications: applicationsOf(providers, applicationOf),
    },
  }
}

/** Rows with the keys from `first` on. */
function run<V>(first: number, count: number, make: (key: number) => V): MadeRows<Key, V> {
  return {
    size: count,
    get: (key) => (typeof key === 'number' && key >= first && key < first + count ? make(key) : undefined),
    *keys() {
      for (let key = first; key < first + count; key++) yield key
    },
  }
}

/** The names of generated users end with their keys, so that they need no index. */
function keyAtTheEnd(field: string, value: Value): Key | undefined {
  const digits = field === 'username' ? /\d{1,10}$/.exec(String(value))?.[0] : undefined
  return digits === undefined ? undefined : Number(digits)
}

/** Not every provider has one, and they are few: they are listed when somebody asks for one. */
function applicationsOf(
  providers: MadeRows<Key, Provider>,
  applicationOf: (provider: number) => Application | undefined,
): MadeRows<Key, Application> {
  let made: Map<Key, Application> | undefined
  const all = () => {
    made ??= new Map([...providers.keys()].flatMap((pk) => applicationOf(Number(pk)) ?? []).map((row) => [row.pk, row]))
    return made
  }
  return {
    get size() {
      return all().size
    },
    get: (key) => all().get(key),
    keys: () => all().keys(),
    referring(field, key) {
      const application = field === 'provider' ? applicationOf(Number(key)) : undefined
      return application === undefined || providers.get(key) === undefined ? [] : [application.pk]
    },
  }
}

/** The lowest key from which `size` keys in a row are free. */
function firstGap(taken: Iterable<Key>, size: number): number {
  let first = 1
  for (const key of [...taken].map(Number).sort((a, b) => a - b)) {
    if (key - first >= size) break
    first = Math.max(first, key + 1)
  }
  return first
}
