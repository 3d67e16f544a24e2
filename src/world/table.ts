import { memoizeAll } from './memoize.js'
import type { Key, Value } from './value.js'

/** Where rows are looked up by their keys. */
export interface Lookup<K, V> {
  get(key: K): V | undefined
}

/** Rows by key, in the order in which they came. */
export interface Rows<K, V> extends Lookup<K, V> {
  keys(): Iterable<K>
  readonly size: number
}

/** Rows that are made when they are asked for. What they leave out is found by looking at all of them. */
export interface MadeRows<K, V> extends Rows<K, V> {
  /** The cells of a row's columns, at a fraction of the row's cost. */
  cells?(key: K): Record<string, Value | null>
  /** The key of the row that may have this value in a unique field. */
  keyOf?(field: string, value: Value): K | undefined
  /** The keys of the rows whose reference has this value. */
  referring?(field: string, key: Key): K[]
}

/** Rows that can also be found by what stands in them. */
export interface IndexedRows<K, V> extends Rows<K, V> {
  /** The row with this value in a field that no two rows share. */
  find(field: string, value: Value): V | undefined
  /** The rows whose reference has this value. */
  referring(field: string, key: Key): V[]
}

/** Rows that can be changed. The rows it began with are shared and stay as they are: a change lies over them. */
export interface Table<K, V> extends IndexedRows<K, V> {
  /** Whether a row with this key is there now, or was at the beginning. */
  knows(key: K): boolean
  /** The rows that differ from the beginning; null stands for a deleted one. */
  readonly changes: ReadonlyMap<K, V | null>
}

/** The writing side of a table, which only its database holds. */
export interface WritableTable<K, V> extends Table<K, V> {
  set(key: K, row: V): void
  /** False where there was no such row. */
  delete(key: K): boolean
  /** Takes every change back. */
  reset(): void
}

/** The fields by which a table finds its rows. */
export interface TableFields {
  /** The one that holds the primary key. */
  key: string
  /** Those that no two rows share, beside the key. */
  unique: string[]
}

export function createTable<K extends Key, V>(begun: IndexedRows<K, V>, fields: TableFields): WritableTable<K, V> {
  const changes = new Map<K, V | null>()
  /** Of changed rows, by the fields that are unique. */
  const indexes = new Map<string, Map<unknown, K>>()
  const indexOf = memoizeAll(() => new Map<unknown, K>(), indexes)

  const isPristine = (row: V) => changes.size === 0 || !changes.has(cell(row, fields.key) as K)

  function get(key: K): V | undefined {
    const changed = changes.size === 0 ? undefined : changes.get(key)
    return changed === undefined ? begun.get(key) : (changed ?? undefined)
  }

  function* keys(): Iterable<K> {
    for (const key of begun.keys()) if (changes.get(key) !== null) yield key
    for (const [key, row] of changes) if (row !== null && begun.get(key) === undefined) yield key
  }

  /** Forgets what the indexes know of a row, unless another one has the value by now. */
  function unindex(key: K): void {
    const row = changes.get(key)
    if (!row) return
    for (const [field, index] of indexes) if (index.get(cell(row, field)) === key) index.delete(cell(row, field))
  }

  const table = {
    get,
    keys,
    knows: (key: K) => changes.has(key) || begun.get(key) !== undefined,
    changes,
    size: begun.size,
    find(field: string, value: Value) {
      const changed = indexes.get(field)?.get(value)
      if (changed !== undefined) return get(changed)
      const row = begun.find(field, value)
      return row !== undefined && isPristine(row) ? row : undefined
    },
    referring(field: string, key: Key) {
      const rows = begun.referring(field, key).filter(isPristine)
      for (const row of changes.values()) if (row !== null && cell(row, field) === key) rows.push(row)
      return rows
    },
    set(key: K, row: V) {
      if (get(key) === undefined) table.size++
      unindex(key)
      changes.set(key, row)
      for (const field of fields.unique) if (cell(row, field) !== null) indexOf(field).set(cell(row, field), key)
    },
    delete(key: K) {
      if (get(key) === undefined) return false
      table.size--
      unindex(key)
      if (begun.get(key) === undefined) changes.delete(key)
      else changes.set(key, null)
      return true
    },
    reset() {
      changes.clear()
      indexes.clear()
      table.size = begun.size
    },
  }
  return table
}

export function cell(row: unknown, field: string): unknown {
  return (row as Record<string, unknown>)[field]
}
