/** Holds things that take memory, and can let go of the oldest of them. */
export interface Holder {
  readonly bytes: number
  /** Lets go of the oldest, about a quarter of what it holds and at least one. */
  shed(): void
}

/** A number of bytes that many holders may take together. */
export interface Budget {
  /** Counts a holder in, with what it holds, from now on. */
  join(holder: Holder): void
  leave(holder: Holder): void
  /** Notes that a holder took so many bytes more; below 0, that it let go of them. Whoever holds most makes room. */
  count(bytes: number): void
}

export function createBudget(maxBytes: number): Budget {
  const holders = new Set<Holder>()
  let total = 0

  function makeRoom(): void {
    while (total > maxBytes) {
      let largest: Holder | undefined
      for (const holder of holders) if (holder.bytes > (largest?.bytes ?? 0)) largest = holder
      if (largest === undefined) return
      const before = total
      largest.shed()
      if (total === before) return
    }
  }

  return {
    join: (holder) => void holders.add(holder),
    leave(holder) {
      if (holders.delete(holder)) total -= holder.bytes
    },
    count(bytes) {
      total += bytes
      if (total > maxBytes) makeRoom()
    },
  }
}
