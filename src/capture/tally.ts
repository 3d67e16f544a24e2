import type { Json } from '../world/json.js'

/** What stayed and what was replaced: how many different values of each kind. */
export interface Tally {
  /** Counts a value that stays, and returns it. */
  keep<T extends Json>(kind: Kept, value: T): T
  /** Counts a replacement, and returns it. */
  replace<T extends Json>(kind: string, original: Json, replacement: T): T
  /** Such as `3 names, 3 user names`, the most first. */
  replaced(): string
  /** What stayed, and why it may. */
  kept(): string
}

const REASONS = {
  'UUIDs and keys made by authentik': ['UUIDs', 'primary keys'],
  'authentik’s own words': ['enum values', 'fixed texts', 'scopes'],
  'published names': ['names of claims and attributes'],
  'dates, durations and booleans, which identify nobody': ['dates', 'durations', 'booleans'],
} as const

/** The kinds of values that may stay. */
export type Kept = (typeof REASONS)[keyof typeof REASONS][number]

export function createTally(): Tally {
  const keptKinds = new Map<string, Set<string>>()
  const replacedKinds = new Map<string, Set<string>>()
  return {
    keep(kind, value) {
      note(keptKinds, kind, value)
      return value
    },
    replace(kind, original, replacement) {
      if (original !== replacement) note(replacedKinds, kind, original)
      return replacement
    },
    replaced: () => counted(replacedKinds, [...replacedKinds.keys()]) || 'nothing',
    kept() {
      const parts = Object.entries(REASONS).flatMap(([reason, kinds]) => {
        const counts = counted(keptKinds, kinds)
        return counts === '' ? [] : [`${reason} (${counts})`]
      })
      return parts.join('; ') || 'nothing'
    },
  }
}

function note(kinds: Map<string, Set<string>>, kind: string, value: Json): void {
  const values = kinds.get(kind) ?? new Set()
  kinds.set(kind, values.add(typeof value === 'object' ? 'an object' : String(value)))
}

function counted(kinds: Map<string, Set<string>>, wanted: readonly string[]): string {
  const sizes = wanted.map((kind) => ({ kind, size: kinds.get(kind)?.size ?? 0 })).filter(({ size }) => size > 0)
  sizes.sort((a, b) => b.size - a.size || a.kind.localeCompare(b.kind))
  return sizes.map(({ kind, size }) => `${size} ${size === 1 ? oneOf(kind) : kind}`).join(', ')
}

/** `hosts` as `host`, `e-mail addresses` as `e-mail address`, `names of claims` as `name of claims`. */
function oneOf(kind: string): string {
  return kind.replace(/(?:(?<=ss)es|s)(?= of |$)/, '')
}
