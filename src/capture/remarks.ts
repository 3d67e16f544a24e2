/** Where the file says something else than the target did, beyond pseudonyms. */
export interface Remarks {
  /** @param path without anything of the target's own in it: unknown names are replaced there, too */
  add(path: string, what: string): void
  /** A sentence for each path, with the number of times. */
  sentences(): string[]
}

const SHOWN = 20

export function createRemarks(): Remarks {
  const counts = new Map<string, number>()
  return {
    add(path, what) {
      const sentence = `${path}: ${what}`
      counts.set(sentence, (counts.get(sentence) ?? 0) + 1)
    },
    sentences() {
      const all = [...counts].map(([sentence, count]) => (count === 1 ? sentence : `${sentence} (${count} times)`))
      const more = all.length - SHOWN
      return more > 0 ? [...all.slice(0, SHOWN), `and ${more} more like these`] : all
    },
  }
}
