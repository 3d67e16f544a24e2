const tails = new WeakMap<object, Promise<unknown>>()

/** Runs changes of one thing one after the other, so that none sees another one half done. */
export function serialize<T>(of: object, change: () => Promise<T>): Promise<T> {
  const before = tails.get(of) ?? Promise.resolve()
  const tail = before.then(change, change)
  tails.set(of, tail)
  return tail
}
