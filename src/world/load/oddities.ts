import type { Finding } from './check.js'
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

export const UNKNOWN = 'additionalProperties'
/** A text that breaks these rules can be kept, and served as it is. */
const HARMLESS = new Set(['enum', 'pattern', 'minLength', 'maxLength', 'authentik-duration'])

/** Said of a field that is newer than the mock. */
export const NOT_KNOWN = 'no release that the mock knows has this field, so it does not come back'

/** What a real server said is kept, even where the mock knows better. Undefined: it cannot be. */
export function keptAs({ found, allowed, rule }: Finding): string | undefined {
  if (rule === UNKNOWN) return NOT_KNOWN
  const isText = found.startsWith('"')
  return isText && HARMLESS.has(rule) ? `${found} is kept, though the mock knows only ${allowed}` : undefined
}
