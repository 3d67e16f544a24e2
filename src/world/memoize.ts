import { LRUCache } from 'lru-cache'

/**
 * Makes each thing once, as long as it is among the `max` that were asked for last. Through `memoizeAll`, V8 would have to
 * tell the two sorts of map apart at each call: another mock takes a twelfth longer to start.
 */
export function memoize<K extends {}, V extends {}>(max: number, make: (key: K) => V): (key: K) => V {
  const made = new LRUCache<K, V>({ max })
  return (key) => {
    const known = made.get(key)
    if (known !== undefined) return known
    const value = make(key)
    made.set(key, value)
    return value
  }
}

/** Makes each thing once and keeps them all: for few keys, or a WeakMap. */
export function memoizeAll<K, V extends {}>(
  make: (key: K) => V,
  made: { get(key: K): V | undefined; set(key: K, value: V): unknown } = new Map<K, V>(),
): (key: K) => V {
  return (key) => {
    const known = made.get(key)
    if (known !== undefined) return known
    const value = make(key)
    made.set(key, value)
    return value
  }
}

/** Makes a thing once, until another one is asked for: several parts of the program ask about the same request. */
export function memoizeLast<K, V>(make: (key: K) => V): (key: K) => V {
  let last: { key: K; value: V } | undefined
  return (key) => {
    if (last === undefined || last.key !== key) last = { key, value: make(key) }
    return last.value
  }
}
