import type { Baseline } from './baseline.js'
import type { Clock } from './clock.js'
import { uuid } from './generator/random.js'
import type { ApiToken, Group, Provider, RefreshToken, User } from './model.js'
import { keepSelections, type Select, type Selection, selectChanged } from './select.js'
import { createTable, type Table } from './table.js'

/** The rows of one world and its clock. Knows nothing of HTTP, nor of releases. */
export interface World {
  readonly baseline: Baseline
  readonly clock: Clock
  readonly groups: Table<string, Group>
  readonly users: Table<number, User>
  readonly providers: Table<number, Provider>
  readonly refreshTokens: Table<number, RefreshToken>
  readonly tokens: Table<string, ApiToken>
  /** Counts the changes of its rows. */
  readonly version: number
  /** Whether a refresh token, or without a key every one of them, still says what it said at the beginning. */
  isAsBegun(pk?: number): boolean
  /** The keys of the refresh tokens that a selection holds, in its order. */
  select(selection: Selection): Int32Array
  /** The API token with this key. */
  tokenByKey(key: string): ApiToken | undefined
  newKeys(): NewKeys
  /** Deletes a user with all that is theirs: refresh tokens and API tokens. */
  deleteUser(pk: number): boolean
  /** Deletes a provider with its refresh tokens. */
  deleteProvider(pk: number): boolean
  /** Deletes a group; its members and the groups below it lose it. */
  deleteGroup(pk: string): boolean
  /** The rows as they began. */
  reset(): void
}

/** Primary keys that no row ever had, in the order of their making. */
export interface NewKeys {
  groups(): string
  users(): number
  providers(): number
  refreshTokens(): number
  /** Uses up what was drawn; until then, the next to ask for keys gets the same ones. */
  keep(): void
}

/** A world that shares everything with its baseline until it is changed. */
export function createWorld(baseline: Baseline, clock: Clock): World {
  let version = 0
  let selectNow: Select | undefined
  const changed = () => {
    version++
    selectNow = undefined
  }
  const groups = createTable(baseline.groups, changed)
  const users = createTable(baseline.users, changed)
  const providers = createTable(baseline.providers, changed)
  const refreshTokens = createTable(baseline.refreshTokens, changed)
  const tokens = createTable(baseline.tokens, changed)

  let lastKeys: { [table: string]: number } = {}
  function newKeys(): NewKeys {
    const drawn = { ...lastKeys }
    function draw<K>(
      name: string,
      { size, knows }: Pick<Table<K, unknown>, 'size' | 'knows'>,
      keyOf: (n: number) => K,
    ): K {
      let number = drawn[name] ?? size
      do number++
      while (knows(keyOf(number)))
      drawn[name] = number
      return keyOf(number)
    }
    const itself = (number: number) => number
    return {
      groups: () => draw('groups', { size: 0, knows: groups.knows }, (number) => uuid(0, 'new group', number)),
      users: () => draw('users', users, itself),
      providers: () => draw('providers', providers, itself),
      refreshTokens: () => draw('refreshTokens', refreshTokens, itself),
      keep() {
        lastKeys = drawn
      },
    }
  }

  function select(selection: Selection): Int32Array {
    if (refreshTokens.changes.size === 0) return baseline.select(selection)
    selectNow ??= keepSelections((wanted) =>
      selectChanged(baseline.columns, baseline.select(wanted), refreshTokens.changes, wanted),
    )
    return selectNow(selection)
  }

  function deleteRefreshTokens(of: { user: number } | { provider: number }): void {
    for (const pk of select({ order: [], ...of })) refreshTokens.delete(pk)
  }

  return {
    baseline,
    clock,
    groups,
    users,
    providers,
    refreshTokens,
    tokens,
    get version() {
      return version
    },
    isAsBegun(pk) {
      if (version === 0) return true
      if (groups.changes.size + users.changes.size + providers.changes.size > 0) return false
      return pk === undefined ? refreshTokens.changes.size === 0 : !refreshTokens.changes.has(pk)
    },
    select,
    tokenByKey(key) {
      for (const token of tokens.changes.values()) if (token?.key === key) return token
      const token = baseline.tokenByKey(key)
      return token && tokens.changes.has(token.name) ? undefined : token
    },
    newKeys,
    deleteUser(pk) {
      if (users.get(pk) === undefined) return false
      deleteRefreshTokens({ user: pk })
      for (const name of [...tokens.keys()]) if (tokens.get(name)?.user === pk) tokens.delete(name)
      return users.delete(pk)
    },
    deleteProvider(pk) {
      if (providers.get(pk) === undefined) return false
      deleteRefreshTokens({ provider: pk })
      return providers.delete(pk)
    },
    deleteGroup(pk) {
      for (const key of groups.keys()) {
        const group = groups.get(key)
        if (group?.parents.includes(pk))
          groups.set(key, { ...group, parents: group.parents.filter((parent) => parent !== pk) })
      }
      return groups.delete(pk)
    },
    reset() {
      lastKeys = {}
      for (const table of [groups, users, providers, refreshTokens, tokens]) table.reset()
    },
  }
}
