/**
 * Has something done in rounds, one after the other. Who asks while one is under way waits for the next, as what that one
 * finds may be older than the question; all who wait share it.
 */
export function createRounds(act: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  return () => {
    next ??= running
      .catch(() => {})
      .then(() => {
        next = undefined
        running = act()
        return running
      })
    return next
  }
}
