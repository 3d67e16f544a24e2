import { endOfString, MAX_DEPTH } from '../world/load/depth.js'

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
  const values = countValues(text)
  try {
    return { value: JSON.parse(text), values }
  } catch {
    throw new SyntaxError('is not JSON, or was cut off')
  }
}

function countValues(text: string): number {
  let depth = 0
  let values = 0
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '"') i = endOfString(text, i)
    else if (character === '{' || character === '[') {
      values++
      if (++depth > MAX_DEPTH) throw new SyntaxError(`is nested deeper than ${MAX_DEPTH} levels`)
    } else if (character === '}' || character === ']') depth--
    else if (character === ',' && ++values > MAX_VALUES) throw new SyntaxError(`holds more than ${MAX_VALUES} values`)
  }
  return values
}
