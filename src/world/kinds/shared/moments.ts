import { type Instant, parseInstant } from '../../instant.js'
import type { Context, Given } from '../kind.js'

/** The moments of a description, read: null stays null, what is left out stays out. Mistakes were found before. */
export function momentsOf<F extends string>(
  given: Given,
  fields: F[],
  { now }: Context,
): { [K in F]?: Instant | null } {
  const moments: { [field: string]: Instant | null } = {}
  for (const field of fields) {
    const text = given[field]
    const moment = typeof text === 'string' ? parseInstant(text, now) : text
    if (moment !== undefined) moments[field] = moment as Instant | null
  }
  return moments as { [K in F]?: Instant | null }
}
