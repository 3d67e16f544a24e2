/** How many different values of each kind were replaced. */
export interface Counts {
  /** Notes a replacement, and returns it. */
  note<T>(kind: string, original: unknown, replacement: T): T
  /** Such as `3 names, 3 user names`, the most first. */
  summary(): string
}

export function createCounts(): Counts {
  const kinds = new Map<string, Set<string>>()
  return {
    note(kind, original, replacement) {
      if (original === replacement) return replacement
      const originals = kinds.get(kind) ?? new Set()
      kinds.set(kind, originals.add(String(original)))
      return replacement
    },
    summary() {
      const counted = [...kinds].map(([kind, { size }]) => ({ kind, size }))
      counted.sort((a, b) => b.size - a.size || a.kind.localeCompare(b.kind))
      return counted.map(({ kind, size }) => `${size} ${kind}`).join(', ') || 'nothing'
    },
  }
}
