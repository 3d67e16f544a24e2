import { lookOver, MAX_DEPTH } from '../world/load/depth.js'

/** JSON of a target, which may be made to be too much for those who work with it. */

/** A row has about a hundred. Each takes some ten times the room of its text. */
const MAX_VALUES = 4_000_000

/**
 * Reads JSON.
 *
 * @throws SyntaxError that says what is wrong with it
 */
export function readJson(text: string): unknown {
  return readCounted(text).value
}

/** The same, and about how many values of any kind it holds. */
export function readCounted(text: string): { value: unknown; values: number } {
  const { mistake, values } = lookOver(text, '')
  if (mistake !== undefined) throw new SyntaxError(`is nested deeper than ${MAX_DEPTH} levels`)
  if (values > MAX_VALUES) throw new SyntaxError(`holds more than ${MAX_VALUES} values`)
  try {
    return { value: JSON.parse(text), values }
  } catch {
    throw new SyntaxError('is not JSON, or was cut off')
  }
}
