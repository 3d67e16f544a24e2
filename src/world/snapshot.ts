import { type Columns, createColumns, keysOf } from './columns.js'
import type { Generator } from './generator/generator.js'
import type { Micros } from './instant.js'
import type { ApiToken, Group, Provider, RefreshToken, User } from './model.js'
import { keepSelections, type Select, selectRows } from './select.js'
import { joinRows, type Rows } from './table.js'

/** The rows that fixtures yield. */
export interface Entities {
  groups: Map<string, Group>
  users: Map<number, User>
  providers: Map<number, Provider>
  refreshTokens: Map<number, RefreshToken>
  /** By name. */
  tokens: Map<string, ApiToken>
}

/** A world as it began: never changed, shared by all worlds that were born from it. */
export interface Baseline {
  installId: string
  baseUrl: string
  /** The moment that relative times of its fixtures count from. */
  begin: Micros
  groups: Rows<string, Group>
  users: Rows<number, User>
  providers: Rows<number, Provider>
  refreshTokens: Rows<number, RefreshToken>
  tokens: Rows<string, ApiToken>
  /** The rows among them that somebody wrote, without the generated ones. */
  written: Entities
  tokenByKey(key: string): ApiToken | undefined
  columns: Columns
  /** The keys of the refresh tokens that a selection of the rows as they began holds. */
  select: Select
}

export function createBaseline(
  place: { installId: string; baseUrl: string; begin: Micros },
  entities: Entities,
  generator?: Generator,
): Baseline {
  const refreshTokens = joinRows(entities.refreshTokens, generator?.refreshTokens)
  const keysAt = (pk: number) => {
    const given = entities.refreshTokens.get(pk)
    if (given !== undefined || generator === undefined) return keysOf(given as RefreshToken)
    const { provider, user, expires, revoked } = generator.outline(pk)
    return { pk, provider, user, expires, revoked: Number(revoked) }
  }
  const groups = new Map([...entities.groups, ...(generator?.groups ?? []).map((group) => [group.pk, group] as const)])
  const byKey = new Map([...entities.tokens.values()].map((token) => [token.key, token] as const))
  const columns = createColumns(refreshTokens, keysAt)
  return {
    ...place,
    groups,
    users: joinRows(entities.users, generator?.users),
    providers: joinRows(entities.providers, generator?.providers),
    refreshTokens,
    tokens: entities.tokens,
    written: { ...entities, groups },
    tokenByKey: (key) => byKey.get(key),
    columns,
    select: keepSelections((selection) => selectRows(columns, selection)),
  }
}
