import type { RowChange } from '../world/change.js'
import type { Database } from '../world/database.js'
import type { Instant, Micros } from '../world/instant.js'
import { isOver } from '../world/instant.js'
import { cell } from '../world/table.js'
import type { Key } from '../world/value.js'
import type { OAuth2Release } from './traits.js'

/**
 * What ends with something else beyond what the references between rows say (`onDelete` of their kinds): with a
 * deactivation, a logout, or the passing of time.
 */

const TOKENS = ['access_tokens', 'refresh_tokens', 'device_codes']

/** What goes when a user is deactivated: the sessions, and as many of the tokens as the release takes along. */
export function endedByDeactivation(
  database: Database,
  user: number,
  { oauth2 }: Pick<OAuth2Release, 'oauth2'>,
): RowChange[] {
  const { deactivation } = oauth2
  const tokens =
    deactivation === 'nothing'
      ? []
      : TOKENS.flatMap((section) =>
          rowsOf(database, section, user).filter(({ row }) => deactivation === 'all tokens' || hasSession(row)),
        )
  return [...tokens, ...rowsOf(database, 'sessions', user)].map(({ section, key }) => ({
    type: 'delete',
    section,
    key,
  }))
}

/** What goes when a session ends, by logout or by deletion: itself, and with it what refers to it. */
export function endedBySession(session: string): RowChange[] {
  return [{ type: 'delete', section: 'sessions', key: session }]
}

/** The kinds of rows that authentik's task deletes once they have expired. Its API tokens get a new key instead, which nobody here would know. */
export const SWEPT: readonly string[] = [
  'refresh_tokens',
  'access_tokens',
  'authorization_codes',
  'device_codes',
  'consents',
  'sessions',
]

/** What goes when authentik cleans up. */
export function endedByCleanUp(database: Database, now: Micros): { section: string; key: Key }[] {
  return SWEPT.flatMap((section) => {
    const { get } = database.table(section)
    const keys = database.select(section, { order: [{ by: 'expires', descending: false }], where: [] })
    const ended: { section: string; key: Key }[] = []
    for (const key of keys) {
      if (!isOver(cell(get(key), 'expires') as Instant | null, now)) break
      ended.push({ section, key })
    }
    return ended
  })
}

function rowsOf(database: Database, section: string, user: number): { section: string; key: Key; row: unknown }[] {
  const keys = database.select(section, { order: [], where: [['user', user]] })
  return Array.from(keys, (key) => ({ section, key, row: database.table(section).get(key) }))
}

function hasSession(row: unknown): boolean {
  return typeof (row as { session?: unknown }).session === 'string'
}
