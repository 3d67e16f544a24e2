import type { Micros } from './instant.js'

/** When addresses asked for what they may not ask for often: of each the latest, the most recent address last. */
export interface Visits {
  of(address: string): readonly Micros[] | undefined
  note(address: string, at: Micros): void
  clear(): void
  /** All of them as plain JSON. */
  save(): SavedVisits
  restore(saved: SavedVisits): void
}

export type SavedVisits = [address: string, at: Micros[]][]

const MAX_ADDRESSES = 1000
/** As many as anybody counts. */
const MAX_TIMES = 20

export function createVisits(): Visits {
  const times = new Map<string, Micros[]>()
  return {
    of: (address) => times.get(address),
    note(address, at) {
      const known = times.get(address) ?? []
      times.delete(address)
      times.set(address, [...known, at].slice(-MAX_TIMES))
      if (times.size > MAX_ADDRESSES) times.delete(times.keys().next().value as string)
    },
    clear: () => times.clear(),
    save: () => [...times],
    restore(saved) {
      for (const [address, at] of saved) times.set(address, at)
    },
  }
}
