/** What Python takes for white space, as a part of a regular expression. */
export const WHITE_SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const WHITE = new RegExp(WHITE_SPACE)
const WHITES = new RegExp(`${WHITE_SPACE}+`)
const PLAIN = /^[!-~](?:[ -~]*[!-~])?$/

/** A text without the white space around it, as Python's `strip()` leaves it: JavaScript takes other characters for white. */
export function strip(text: string): string {
  if (text === '' || PLAIN.test(text)) return text
  let [start, end] = [0, text.length]
  while (start < end && WHITE.test(text[start] as string)) start++
  while (end > start && WHITE.test(text[end - 1] as string)) end--
  return text.slice(start, end)
}

/** What stands between white space, as Python's `split()` finds it. */
export function words(text: string): string[] {
  return text.split(WHITES).filter(Boolean)
}
