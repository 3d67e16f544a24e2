import type { Database } from '../database.js'
import type { Kind } from '../kinds/kind.js'
import type { Kinds } from '../kinds/registry.js'
import { memoizeAll } from '../memoize.js'
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
  return memoizeAll((section) => {
    const { keys, word } = kinds[section] as Kind
    let count = 0
    return { ...NO_ROWS, nextKey: () => (keys === 'counted' ? ++count : uuid(0, word, count++)) }
  })
}

const NO_ROWS: Omit<ExistingRows, 'nextKey'> = {
  get: () => undefined,
  find: () => undefined,
  referring: () => [],
  written: () => [],
  keys: () => [],
  size: 0,
}

/** Of a world as it is. */
export function existingIn(database: Database): Existing {
  return memoizeAll((section) => {
    const { get, find, referring, keys, size, changes } = database.table(section)
    const begun = database.snapshot.rows(section).written
    return {
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
  })
}
