import type { TObject } from 'typebox'
import { type Micros, OUT_OF_RANGE, parseInstant } from '../instant.js'
import type { Given, Kind } from '../kinds/kind.js'
import { memoizeAll } from '../memoize.js'
import { joinPath, type Location, type Mistake, quote } from './mistakes.js'

/** Finds the moments that are none, counted from `now`: a schema knows only how they are written. */
export function checkMoments({ seed }: Kind, given: Given, at: Location, now: Micros): Mistake[] {
  const mistakes: Mistake[] = []
  const fields = momentFieldsOf(seed)
  for (const field in given) {
    const text = given[field]
    if (typeof text !== 'string' || !fields.has(field) || parseInstant(text, now) !== undefined) continue
    const found = `${quote(text)}, ${OUT_OF_RANGE}`
    mistakes.push({ ...at, path: joinPath(at.path, field), found, allowed: 'a moment in them' })
  }
  return mistakes
}

const momentFieldsOf = memoizeAll(
  ({ properties }: TObject) => new Set(Object.keys(properties).filter((field) => isMoment(properties[field]))),
  new WeakMap(),
)

function isMoment(schema: unknown): boolean {
  const { format, anyOf = [] } = (schema ?? {}) as { format?: string; anyOf?: unknown[] }
  return format === 'authentik-instant' || anyOf.some(isMoment)
}
