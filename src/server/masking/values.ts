/** Where the value of a name ends, in whatever notation it is written. */

/** Between the words of any notation that pairs a name with a value. */
const BREAKS = new Uint8Array(128)
for (const character of ' \t\r\n"\'`=:&,;{}()<>?/\\#|') BREAKS[character.charCodeAt(0)] = 1

/** The end of a text breaks, too. */
export function isBreak(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return BREAKS[code] === 1 || Number.isNaN(code)
}

export function endOfWord(text: string, start: number, to: number): number {
  let end = start
  while (end < to && !isBreak(text, end)) end++
  return end
}

const WHITE = /\s*/y

/** The first place from `from` on that is not white space. */
export function skipWhite(text: string, from: number): number {
  WHITE.lastIndex = from
  WHITE.test(text)
  return WHITE.lastIndex
}

export function isQuote(text: string, at: number): boolean {
  const character = text[at]
  if (character === '"') return true
  // One behind a letter is an apostrophe.
  return character === "'" && !/[\p{L}\p{N}]/u.test(text.charAt(at - 1))
}

/** The place behind the quote that ends a string, or `to` where none does. */
export function endOfString(text: string, start: number, to: number): number {
  const quote = text[start]
  for (let i = start + 1; i < to; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === quote) return i + 1
  }
  return to
}

/** Where the content of a string from `start` to `end` ends, which may lack its last quote. */
export function endOfContent(text: string, start: number, end: number): number {
  return end > start + 1 && text[end - 1] === text[start] ? end - 1 : end
}

/** The place behind the bracket that closes the one at `start`. */
function endOfBrackets(text: string, start: number, to: number): number {
  let depth = 0
  for (let i = start; i < to; ) {
    const character = text[i] as string
    if (isQuote(text, i)) {
      i = endOfString(text, i, to)
      continue
    }
    if ('{['.includes(character)) depth++
    else if ('}]'.includes(character) && --depth === 0) return i + 1
    i++
  }
  return to
}

/** The first of some characters from `from` on, or `to`. */
export function firstOf(characters: string, text: string, from: number, to: number): number {
  for (let i = from; i < to; i++) if (characters.includes(text[i] as string)) return i
  return to
}

/** The same for places that come in their order: what was read for one is not read again for the next. */
export function finderOf(characters: string, text: string, to: number): (from: number) => number {
  let found = -1
  return (from) => {
    if (from > found) found = firstOf(characters, text, from, to)
    return found
  }
}

/** What ends a value in brackets that stands there without quotes. */
export const PLAIN_ENDS = ',}]\r\n'

/**
 * The value behind a separator. Where its end is not clear, it ends late.
 *
 * @param separator `=`, or `:`
 * @param isInBrackets whether the name is a member of an object
 */
export function valueAfter(
  text: string,
  from: number,
  to: number,
  separator: string,
  isInBrackets: boolean,
): { start: number; end: number } {
  const start = Math.min(to, skipWhite(text, from))
  if (isQuote(text, start)) {
    const end = endOfString(text, start, to)
    return { start, end: separator === '=' ? firstOf('&;, \t\r\n', text, end, to) : end }
  }
  if ('{['.includes(text[start] ?? ' ')) return { start, end: endOfBrackets(text, start, to) }
  if (separator === '=') return { start, end: firstOf('&', text, start, to) }
  if (isInBrackets) return { start, end: firstOf(PLAIN_ENDS, text, start, to) }
  // A header, or a line of YAML: there, a value may also stand on the lines below.
  const end = firstOf('\r\n', text, start, to)
  const isBelow = /^[|>]/.test(text.slice(start, end)) || /[\r\n]/.test(text.slice(from, start))
  return { start, end: isBelow ? to : end }
}
