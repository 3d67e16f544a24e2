const turns = new WeakMap<object, Promise<unknown>>()

/** Runs changes of one thing one after the other, so that none sees another one half done. */
export function inTurn<T>(of: object, change: () => Promise<T>): Promise<T> {
  const before = turns.get(of) ?? Promise.resolve()
  const turn = before.then(change, change)
  turns.set(of, turn)
  return turn
}
