import { createHash } from 'node:crypto'

/** Random letters that are a function of what they begin with. */

const DIGITS = '0123456789'
const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const UPPER = LOWER.toUpperCase()
const HEX = /^(?=.*[a-f])[0-9a-f]+$/
const ASCII_MARK = /[ -/:-@[-`{-~]/
const NEXT_BYTES = 'sha512'

/** Of the same length and alphabet. Of the original, only the marks of ASCII stay where they are, such as `-` and `.`. */
export function tokenLike(text: string, seed: Buffer): string {
  const next = draw(seed)
  const alphabet = alphabetOf(text)
  return Array.from(text, (point) => (ASCII_MARK.test(point) ? point : next(alphabet))).join('')
}

/** A digit for whatever is neither a space nor a mark of ASCII: digits of other scripts are digits, too. */
export function digitsLike(text: string, seed: Buffer): string {
  const next = draw(seed)
  let isFirst = true
  return Array.from(text, (point) => {
    if (ASCII_MARK.test(point)) return point
    const digit = next(isFirst ? DIGITS.slice(1) : DIGITS)
    isFirst = false
    return digit
  }).join('')
}

function alphabetOf(text: string): string {
  if (HEX.test(text)) return `${DIGITS}abcdef`
  const used = [
    [/[0-9]/, DIGITS],
    [/[a-z]/, LOWER],
    [/[A-Z]/, UPPER],
  ] as const
  return used.flatMap(([has, letters]) => (has.test(text) ? letters : [])).join('') || LOWER
}

function draw(seed: Buffer): (letters: string) => string {
  let bytes = createHash(NEXT_BYTES).update(seed).digest()
  let at = 0
  return (letters) => {
    if (at === bytes.length) {
      bytes = createHash(NEXT_BYTES).update(bytes).digest()
      at = 0
    }
    return letters[(bytes[at++] as number) % letters.length] as string
  }
}
