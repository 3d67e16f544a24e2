/** What waits on purpose: delays of faults, long polls. When a mock stops, all of it ends at once. */
export interface Waits {
  /**
   * Calls back after so many milliseconds, or as soon as all waiting ends.
   *
   * @returns what calls it off
   */
  after(milliseconds: number, callback: () => void): () => void
  /** Ends all waiting, now and from now on. */
  end(): void
}

export function createWaits(): Waits {
  const waiting = new Map<() => void, NodeJS.Timeout>()
  let isOver = false
  return {
    after(milliseconds, callback) {
      const run = () => {
        waiting.delete(run)
        callback()
      }
      waiting.set(run, setTimeout(run, isOver ? 0 : milliseconds))
      return () => {
        clearTimeout(waiting.get(run))
        waiting.delete(run)
      }
    },
    end() {
      isOver = true
      for (const [run, timer] of [...waiting]) {
        clearTimeout(timer)
        run()
      }
    },
  }
}
