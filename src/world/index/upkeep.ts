import type { Arrays } from '../arrays.js'
import type { Kind } from '../kinds/kind.js'
import type { Key } from '../value.js'
import type { Columns, Keys } from './columns.js'
import { nameOfSelection, type Select, selectChanged, updateSelection } from './selection.js'

/** The selections of rows that were changed, kept from one change to the next. */
export interface Upkeep {
  select: Select
  /** The row with this key changed. */
  touch(key: Key): void
}

/** So few changes are woven into the beginning anew: that costs less than looking a long selection through. */
const FEW_CHANGES = 1000
const MAX_TOUCHED = 100_000

/** So many selections are known at a time. */
const MAX_SELECTIONS = 1000

export interface UpkeepSettings {
  kind: Kind
  columns: Columns
  /** The selections of the rows as they began. */
  begun: Select
  changes: ReadonlyMap<Key, unknown>
  /** Where selections are kept. */
  arrays: Arrays
}

export function createUpkeep({ kind, columns, begun, changes, arrays }: UpkeepSettings): Upkeep {
  let kept = arrays.open<Keys>()
  /** How many touches each selection that is kept has seen. */
  const seen = new Map<string, number>()
  let touched: Key[] = []

  function forget(): void {
    kept = arrays.open()
    seen.clear()
    touched = []
  }

  return {
    select(selection) {
      const name = nameOfSelection(selection)
      const known = kept.get(name)
      const before = seen.get(name) ?? 0
      if (known !== undefined && before === touched.length) return known
      const keys =
        known === undefined || changes.size < FEW_CHANGES
          ? selectChanged(kind, columns, begun(selection), changes, selection)
          : updateSelection(kind, columns, known, new Set(touched.slice(before)), changes, selection)
      if (seen.size === MAX_SELECTIONS && !seen.has(name)) forget()
      seen.set(name, touched.length)
      return kept.set(name, keys)
    },
    touch(key) {
      if (seen.size === 0) return
      if (touched.length === MAX_TOUCHED) forget()
      else touched.push(key)
    },
  }
}
