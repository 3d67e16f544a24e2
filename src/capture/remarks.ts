/** Sentences about paths, each once, with the number of times that it holds. */
export interface Remarks {
  /** @param sentence which begins with a path; nothing of the target's own stands in it */
  add(sentence: string): void
  sentences(): string[]
}

const SHOWN = 20

export function createRemarks(): Remarks {
  const counts = new Map<string, number>()
  return {
    add: (sentence) => void counts.set(sentence, (counts.get(sentence) ?? 0) + 1),
    sentences() {
      const all = [...counts].map(([sentence, count]) => (count === 1 ? sentence : `${sentence} (${count} times)`))
      const more = all.length - SHOWN
      return more > 0 ? [...all.slice(0, SHOWN), `and ${more} more like these`] : all
    },
  }
}
