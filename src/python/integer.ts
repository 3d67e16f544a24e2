import { WHITE_SPACE } from './text.js'

const INTEGER = new RegExp(`^${WHITE_SPACE}*([+-]?)(\\p{Nd}+(?:_\\p{Nd}+)*)${WHITE_SPACE}*$`, 'u')
const MAX_DIGITS = 4300

/**
 * Reads an integer as Python's `int()` does: surrounding white space, one sign, decimal digits of any script, single
 * underscores between them, at most 4,300 digits. Undefined: not an integer. Beyond 2^53 the number is not exact.
 */
export function parseInteger(text: string): number | undefined {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  const [, sign, written = ''] = INTEGER.exec(text) ?? []
  const digits = Array.from(written.replaceAll('_', ''), digitOf)
  if (digits.length === 0 || digits.length > MAX_DIGITS) return undefined
  const number = Number(digits.join(''))
  return sign === '-' && number !== 0 ? -number : number
}

/** Decimal digits come in runs that start with their zero, of a length that ten divides. */
function digitOf(digit: string): number {
  const point = digit.codePointAt(0) as number
  let zero = point
  while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero--
  return (point - zero) % 10
}
