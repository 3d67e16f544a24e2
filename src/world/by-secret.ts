import type { Database } from './database.js'
import { secretIn } from './secrets.js'
import { cell } from './table.js'

/** Which row has a secret, and which secret a row has. */

/** The secret in a field of a row. Undefined: it has none. */
export function secretOf(database: Database, section: string, field: string, row: unknown): string | undefined {
  return secretIn(database.snapshot, section, field, row)
}

/** The row with this secret, whether it was given or is of its key. */
export function findBySecret(database: Database, section: string, field: string, secret: string): unknown {
  const table = database.table(section)
  const given = table.find(field, secret)
  if (given !== undefined) return given
  const key = keyBySecret(database, section, field, secret)
  const row = key === undefined ? undefined : table.get(key)
  return row !== undefined && typeof cell(row, field) !== 'string' ? row : undefined
}

/** The key that yields this secret, whether or not there is a row with it. Undefined: none does. */
export function keyBySecret(
  { kinds, snapshot }: Database,
  section: string,
  field: string,
  secret: string,
): number | undefined {
  const form = kinds[section]?.secrets?.[field]
  const what = `${section} ${field}`
  const key = form?.keyOf(snapshot.seed, what, secret)
  return key !== undefined && !Number.isNaN(key) && form?.of(snapshot.seed, what, key) === secret ? key : undefined
}
