import type { Location } from './mistakes.js'

/** Sentences about places, each once for all rows that it holds of: a field that is odd is odd in many rows. */
export interface Oddities {
  add(at: Location, sentence: string): void
  /** Each with the first of its places. */
  sentences(): string[]
}

export function createOddities(): Oddities {
  const found = new Map<string, { first: string; count: number }>()
  return {
    add({ file, path }, sentence) {
      const kind = `${file}: ${path.replace(/\[\d+\]/g, '[]')}: ${sentence}`
      const known = found.get(kind) ?? { first: `${file}: ${path}: ${sentence}`, count: 0 }
      found.set(kind, { ...known, count: known.count + 1 })
    },
    sentences: () =>
      Array.from(found.values(), ({ first, count }) => (count === 1 ? first : `${first} (${count} times)`)),
  }
}
