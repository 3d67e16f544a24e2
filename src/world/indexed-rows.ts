import { memoizeAll } from './memoize.js'
import { cell, type IndexedRows, type MadeRows } from './table.js'
import type { Key, Value } from './value.js'

/** The rows of one kind as a world begins: those that somebody wrote, and made ones beside them. */
export interface BegunRows<K, V> extends IndexedRows<K, V> {
  readonly written: ReadonlyMap<K, V>
  readonly made: MadeRows<K, V> | undefined
}

/** Where both have a key, the written row counts. Indexes are made when they are first asked for. */
export function beginRows<K extends Key, V>(written: ReadonlyMap<K, V>, made?: MadeRows<K, V>): BegunRows<K, V> {
  if (written.size === 0 && made === undefined) return NO_ROWS as unknown as BegunRows<K, V>
  const indexOfWritten = createIndex(written)
  const indexOfMade = made === undefined ? undefined : createIndex(made)

  function findMade(field: string, value: Value): V | undefined {
    if (made === undefined) return undefined
    const key = made.keyOf?.(field, value)
    const row = key === undefined ? undefined : made.get(key)
    if (row !== undefined && cell(row, field) === value) return row
    return made.keyOf === undefined ? indexOfMade?.(field).get(value)?.[0] : undefined
  }

  function referringMade(field: string, key: Key): V[] {
    if (made?.referring === undefined) return indexOfMade?.(field).get(key) ?? []
    return made.referring(field, key).flatMap((own) => made.get(own) ?? [])
  }

  return {
    written,
    made,
    get: (key) => written.get(key) ?? made?.get(key),
    size: written.size + (made?.size ?? 0),
    *keys() {
      yield* written.keys()
      if (made !== undefined) yield* made.keys()
    },
    find: (field, value) => indexOfWritten(field).get(value)?.[0] ?? findMade(field, value),
    referring: (field, key) => [...(indexOfWritten(field).get(key) ?? []), ...referringMade(field, key)],
  }
}

/** Of most kinds a world has none. */
const NO_ROWS: BegunRows<Key, unknown> = {
  written: new Map(),
  made: undefined,
  get: () => undefined,
  size: 0,
  keys: () => [],
  find: () => undefined,
  referring: () => [],
}

/** The rows by the values of a field. */
function createIndex<K, V>(rows: {
  keys(): Iterable<K>
  get(key: K): V | undefined
}): (field: string) => Map<unknown, V[]> {
  return memoizeAll((field) => {
    const index = new Map<unknown, V[]>()
    for (const key of rows.keys()) {
      const row = rows.get(key) as V
      const value = cell(row, field)
      const same = index.get(value)
      if (same === undefined) index.set(value, [row])
      else same.push(row)
    }
    return index
  })
}
