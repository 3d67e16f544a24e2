import { type Micros, OUT_OF_RANGE, parseInstant } from '../instant.js'
import type { Given, Kind } from '../kinds/kind.js'
import { joinPath, type Location, type Mistake, quote } from './mistakes.js'

/** Finds the moments that are none, counted from `now`: a schema knows only how they are written. */
export function checkMoments({ seed }: Kind, given: Given, at: Location, now: Micros): Mistake[] {
  return Object.entries(given).flatMap(([field, text]) => {
    if (typeof text !== 'string' || !isMomentField(seed.properties[field])) return []
    if (parseInstant(text, now) !== undefined) return []
    const found = `${quote(text)}, ${OUT_OF_RANGE}`
    return { ...at, path: joinPath(at.path, field), found, allowed: 'a moment in them' }
  })
}

function isMomentField(schema: unknown): boolean {
  const { format, anyOf = [] } = (schema ?? {}) as { format?: string; anyOf?: unknown[] }
  return format === 'authentik-instant' || anyOf.some(isMomentField)
}
