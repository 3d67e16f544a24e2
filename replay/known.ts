import { globOf } from '../src/control/glob.js'
import { ReplayError, readJson } from './recording.js'

/** A difference that is there on purpose. */
export interface KnownDifference {
  release: string
  /** The name of a step; `*` stands for anything between slashes, `**` for anything. */
  steps: string
  /** What differs: `status`, `body`, `header vary`. Without it, anything. */
  only?: string[]
  reason: string
}

/** @throws ReplayError */
export function readKnown(file: string): KnownDifference[] {
  const entries = readJson(file, '--differences') as Partial<KnownDifference>[]
  if (!Array.isArray(entries)) throw new ReplayError(`--differences: ${file} holds no list`)
  for (const [i, entry] of entries.entries())
    for (const key of ['release', 'steps', 'reason'] as const)
      if (typeof entry[key] !== 'string' || entry[key] === '')
        throw new ReplayError(
          `--differences: ${file}: [${i}] has no ${key}; every entry has a release, steps and a reason`,
        )
  return entries as KnownDifference[]
}

export interface Allowance {
  /** Whether a difference of a step is there on purpose. */
  allows(step: string, what: string): boolean
  /** Takes note that a step was judged. */
  judged(step: string): void
  /** Entries for judged steps none of which needed them. */
  unneeded(): KnownDifference[]
}

export function allowanceOf(known: KnownDifference[], release: string): Allowance {
  const entries = known
    .filter((entry) => entry.release === release)
    .map((entry) => ({ entry, matches: globOf(entry.steps), isMet: false, isNeeded: false }))
  return {
    allows(step, what) {
      const found = entries.find(({ entry, matches }) => matches(step) && (entry.only ?? [what]).includes(what))
      if (found !== undefined) found.isNeeded = true
      return found !== undefined
    },
    judged(step) {
      for (const one of entries) if (one.matches(step)) one.isMet = true
    },
    unneeded: () => entries.filter(({ isMet, isNeeded }) => isMet && !isNeeded).map(({ entry }) => entry),
  }
}
