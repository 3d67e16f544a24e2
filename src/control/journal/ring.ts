/** A queue of no more than so many things: the oldest makes room for a new one. */
export interface Ring<T> extends Iterable<T> {
  readonly size: number
  /** Returns what made room; with room for nothing, the thing itself. */
  push(thing: T): T | undefined
  /** Takes the oldest out. */
  shift(): T | undefined
  clear(): void
}

export function createRing<T>(capacity: number): Ring<T> {
  let things: (T | undefined)[] = []
  /** Counts of all that ever came and went: the places of those that are there, wound round. */
  let [first, end] = [0, 0]

  function shift(): T | undefined {
    if (first === end) return undefined
    const thing = things[first % capacity]
    things[first++ % capacity] = undefined
    return thing
  }

  return {
    get size() {
      return end - first
    },
    push(thing) {
      if (capacity === 0) return thing
      const gone = end - first === capacity ? shift() : undefined
      things[end++ % capacity] = thing
      return gone
    },
    shift,
    clear() {
      things = []
      first = end = 0
    },
    *[Symbol.iterator]() {
      for (let i = first; i < end; i++) yield things[i % capacity] as T
    },
  }
}
