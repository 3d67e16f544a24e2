import type { Waits } from '../../src/control/waits.js'

/** Waits whose time passes when a test says so. */
export interface OwnTime extends Waits {
  pass(milliseconds: number): void
  /** How many callbacks are to come. */
  readonly size: number
}

export function createOwnTime(): OwnTime {
  const waiting = new Map<object, { left: number; act: () => void }>()
  let isOver = false
  function pass(milliseconds: number): void {
    for (const [key, each] of waiting) {
      each.left -= milliseconds
      if (each.left > 0) continue
      waiting.delete(key)
      each.act()
    }
  }
  return {
    get isOver() {
      return isOver
    },
    get size() {
      return waiting.size
    },
    pass,
    after(milliseconds, act) {
      const key = {}
      waiting.set(key, { left: isOver ? 0 : milliseconds, act })
      if (isOver) setImmediate(() => pass(0))
      return () => waiting.delete(key)
    },
    end() {
      isOver = true
      pass(Number.POSITIVE_INFINITY)
    },
  }
}
