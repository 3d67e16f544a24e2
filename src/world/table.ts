/** Rows by key, in the order in which they came. */
export interface Rows<K, V> {
  get(key: K): V | undefined
  keys(): Iterable<K>
  readonly size: number
}

/** Rows that can be changed. The rows it began with are shared and stay as they are: a change lies over them. */
export interface Table<K, V> extends Rows<K, V> {
  set(key: K, row: V): void
  /** False where there was no such row. */
  delete(key: K): boolean
  /** Whether a row with this key is there now, or was at the beginning. */
  knows(key: K): boolean
  /** The rows that differ from the beginning; null stands for a deleted one. */
  readonly changes: ReadonlyMap<K, V | null>
  /** Takes every change back. */
  reset(): void
}

/** @param onChange called after each change */
export function createTable<K, V>(begun: Rows<K, V>, onChange: () => void): Table<K, V> {
  const changes = new Map<K, V | null>()
  let size = begun.size

  function get(key: K): V | undefined {
    const changed = changes.size === 0 ? undefined : changes.get(key)
    return changed === undefined ? begun.get(key) : (changed ?? undefined)
  }

  function* keys(): Iterable<K> {
    for (const key of begun.keys()) if (changes.get(key) !== null) yield key
    for (const [key, row] of changes) if (row !== null && begun.get(key) === undefined) yield key
  }

  return {
    get,
    keys,
    knows: (key) => changes.has(key) || begun.get(key) !== undefined,
    changes,
    get size() {
      return size
    },
    set(key, row) {
      if (get(key) === undefined) size++
      changes.set(key, row)
      onChange()
    },
    delete(key) {
      if (get(key) === undefined) return false
      size--
      if (begun.get(key) === undefined) changes.delete(key)
      else changes.set(key, null)
      onChange()
      return true
    },
    reset() {
      changes.clear()
      size = begun.size
      onChange()
    },
  }
}

/** The rows of a map, or those that `make` yields for the keys `first` to `first + count - 1`; the map wins. */
export function joinRows<V>(
  given: Map<number, V>,
  made?: { first: number; count: number; make: (key: number) => V },
): Rows<number, V> {
  if (made === undefined || made.count === 0) return given
  const { first, count, make } = made
  return {
    get: (key) => given.get(key) ?? (key >= first && key < first + count ? make(key) : undefined),
    size: given.size + count,
    *keys() {
      yield* given.keys()
      for (let key = first; key < first + count; key++) yield key
    },
  }
}
