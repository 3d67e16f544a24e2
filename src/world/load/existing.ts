import type { Database } from '../database.js'
import type { Kinds } from '../kinds/registry.js'
import { uuid } from '../random.js'
import type { Rows } from '../table.js'
import type { Key, Value } from '../value.js'

/** The rows of a section that are there already; at the start of a world there are none. */
export interface ExistingRows extends Rows<Key, unknown> {
  find(field: string, value: Value): unknown
  referring(field: string, key: Key): unknown[]
  /** The rows that somebody wrote, without the generated ones. */
  written(): Iterable<unknown>
  /** A key that was never used. Each call yields another one. */
  nextKey(): Key
}

/** The rows that are there already, by section. */
export type Existing = (section: string) => ExistingRows

/** Of a world that only begins. */
export function nothingExists(kinds: Kinds): Existing {
  const none = new Map<string, ExistingRows>()
  for (const [section, { keys, word }] of Object.entries(kinds)) {
    let count = 0
    none.set(section, {
      get: () => undefined,
      find: () => undefined,
      referring: () => [],
      written: () => [],
      keys: () => [],
      size: 0,
      nextKey: () => (keys === 'counted' ? ++count : uuid(0, word, count++)),
    })
  }
  return (section) => none.get(section) as ExistingRows
}

/** Of a world as it is. */
export function existingIn(database: Database): Existing {
  const found = new Map<string, ExistingRows>()
  return (section) => {
    const known = found.get(section)
    if (known !== undefined) return known
    const { get, find, referring, keys, size, changes } = database.table(section)
    const begun = database.snapshot.rows(section).written
    const rows: ExistingRows = {
      get,
      find,
      referring,
      keys,
      size,
      nextKey: database.newKeys(section),
      *written() {
        for (const [key, row] of begun) if (!changes.has(key)) yield row
        for (const row of changes.values()) if (row !== null) yield row
      },
    }
    found.set(section, rows)
    return rows
  }
}
