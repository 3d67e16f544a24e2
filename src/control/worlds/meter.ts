import type { Budget } from './budget.js'

/** Counts what one world holds against what all worlds may hold together. */
export interface Meter {
  /** It may hold more or less by now: then whoever holds most makes room. */
  update(): void
  /** It holds nothing any more. */
  close(): void
}

/**
 * @param size how many things it holds
 * @param shed lets go of some of them, at least of one
 */
export function createMeter(budget: Budget, size: () => number, shed: () => void): Meter {
  let counted = 0
  let isClosed = false
  const holder = {
    get bytes() {
      return counted
    },
    shed() {
      shed()
      update()
    },
  }

  function update(): void {
    const grown = size() - counted
    if (grown === 0 || isClosed) return
    // Most worlds never hold anything.
    if (counted === 0) budget.join(holder)
    counted += grown
    budget.count(grown)
  }

  return {
    update,
    close() {
      isClosed = true
      budget.leave(holder)
    },
  }
}
