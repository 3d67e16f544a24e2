import { Recent } from '../../world/recent.js'

/**
 * Tells what comes a second time from what comes for the first. Each mock counts what it sends; what it does not know
 * the fate of it sends again, under the same number.
 */
export interface Senders {
  /** Whether it had not come before. */
  isNew(from: string, number: number): boolean
  save(): SavedSenders
  restore(saved: SavedSenders): void
}

export type SavedSenders = [from: string, Sent][]

interface Sent {
  last: number
  /** What has not come of those before it. */
  missing: number[]
}

/** So many are known to be missing: a mock sends no more than that again. */
const MAX_MISSING = 1_000

export function createSenders(): Senders {
  const senders = new Recent<Sent>()
  return {
    isNew(from, number) {
      const { last, missing } = senders.get(from) ?? { last: 0, missing: [] }
      const found = missing.indexOf(number)
      if (number <= last && found === -1) return false
      if (found !== -1) missing.splice(found, 1)
      for (let skipped = Math.max(last + 1, number - MAX_MISSING); skipped < number; skipped++) missing.push(skipped)
      missing.splice(0, missing.length - MAX_MISSING)
      senders.set(from, { last: Math.max(last, number), missing })
      return true
    },
    save: () => [...senders],
    restore(saved) {
      senders.clear()
      for (const [from, sent] of saved) senders.set(from, sent)
    },
  }
}
