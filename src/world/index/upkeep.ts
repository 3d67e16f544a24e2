import { LRUCache } from 'lru-cache'
import type { Key, Kind } from '../kinds/kind.js'
import type { Columns, Keys } from './columns.js'
import { bytesOf, MAX_KEPT_BYTES, type Select, selectChanged, updateSelection } from './selection.js'

/** The selections of rows that were changed, kept from one change to the next. */
export interface Upkeep {
  select: Select
  /** The row with this key changed. */
  touch(key: Key): void
}

/** So few changes are woven into the beginning anew: that costs less than looking a long selection through. */
const FEW_CHANGES = 1000
const MAX_TOUCHED = 100_000

interface Kept {
  keys: Keys
  /** How many touches it has seen. */
  seen: number
}

/** @param begun the selections of the rows as they began */
export function createUpkeep(kind: Kind, columns: Columns, begun: Select, changes: ReadonlyMap<Key, unknown>): Upkeep {
  const kept = new LRUCache<string, Kept>({
    maxSize: MAX_KEPT_BYTES,
    sizeCalculation: ({ keys }) => bytesOf(keys),
  })
  let touched: Key[] = []

  function forget(): void {
    kept.clear()
    touched = []
  }

  return {
    select(selection) {
      const name = JSON.stringify(selection)
      const known = kept.get(name)
      if (known?.seen === touched.length) return known.keys
      const keys =
        known === undefined || changes.size < FEW_CHANGES
          ? selectChanged(kind, columns, begun(selection), changes, selection)
          : updateSelection(kind, columns, known.keys, new Set(touched.slice(known.seen)), changes, selection)
      kept.set(name, { keys, seen: touched.length })
      return keys
    },
    touch(key) {
      if (kept.size === 0) return
      if (touched.length === MAX_TOUCHED) forget()
      else touched.push(key)
    },
  }
}
