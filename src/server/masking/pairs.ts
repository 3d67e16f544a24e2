import { decoded } from './decoded.js'
import { isSecretName } from './secret-names.js'
import { MARK, type Span } from './span.js'
import {
  endOfContent,
  endOfString,
  endOfWord,
  finderOf,
  firstOf,
  isBreak,
  isQuote,
  PLAIN_ENDS,
  skipWhite,
  valueAfter,
} from './values.js'

/** Strings in strings are looked into so far. */
const MAX_NESTED = 2
/** A string with escapes is a text of its own, which may hold another such string; so is a percent-encoded value. */
const MAX_ESCAPED = 3

/** Names beside which another one, of `VALUES`, has the value: `{"name": "password", "value": …}`. */
const NAMES = new Set(['name', 'key', 'field', 'header', 'label', 'id'])
const VALUES = new Set(['value', 'values', 'val', 'content', 'text', 'data'])

/**
 * Finds the values of secrets by their names, in one pass over any text: JSON, forms, headers, XML, multipart, or what
 * is left of them where the text was cut.
 */
export function findPairs(text: string, escaped = 0): Span[] {
  const spans: Span[] = []
  const findPart = partFinder(text)
  scan(0, text.length, 0)
  return spans

  function scan(from: number, to: number, nested: number): void {
    let name: string | undefined
    let brackets = 0
    let isValueSecret = false
    /** Of the member that may have the value of a secret which is named behind it. */
    let value: Span | undefined
    let decodedUntil = from
    const endOfPlain = finderOf(PLAIN_ENDS, text, to)
    for (let i = from; i < to; ) {
      const character = text[i] as string
      if (isQuote(text, i)) {
        const end = endOfString(text, i, to)
        name = scanString(i + 1, endOfContent(text, i, end), nested)
        i = end
      } else if (!isBreak(text, i)) {
        const end = endOfWord(text, i, to)
        name = text.slice(i, end)
        if (i >= decodedUntil && name.includes('%')) {
          decodedUntil = firstOf('& \t\r\n"', text, i, to)
          scanDecoded(i, decodedUntil)
        }
        i = end
      } else if ((character === ':' || character === '=') && name !== undefined) {
        const word = name.toLowerCase()
        if (NAMES.has(word) && isSecretName(wordAt(text, i + 1, to))) {
          isValueSecret = true
          if (value !== undefined) spans.push(value)
          if (character === '=') spans.push(...findPart(i))
        } else if (character === ':' && VALUES.has(word)) value = plainValueAfter(i, to, endOfPlain)
        const isSecret = isSecretName(name) || (isValueSecret && VALUES.has(word))
        i = isSecret ? leaveOutValue(i, to, brackets > 0) : i + 1
        name = undefined
      } else if (character === '<' && !isBreak(text, i + 1)) {
        i = leaveOutElement(i, to)
        name = undefined
      } else {
        if ('{['.includes(character)) brackets++
        if ('}]'.includes(character)) brackets--
        if ('{}'.includes(character)) {
          isValueSecret = false
          value = undefined
        }
        if (!' \t\r\n'.includes(character)) name = undefined
        i++
      }
    }
  }

  /** Returns what the string says. */
  function scanString(from: number, to: number, nested: number): string {
    const content = text.slice(from, to)
    if (content.includes('\\')) return scanDecoded(from, to)
    if (nested < MAX_NESTED) scan(from, to, nested + 1)
    return content
  }

  function scanDecoded(from: number, to: number): string {
    const { text: plain, at } = decoded(text.slice(from, to))
    const inside = escaped < MAX_ESCAPED ? findPairs(plain, escaped + 1) : []
    for (const { start, end, mark } of inside)
      spans.push({ start: from + (at[start] as number), end: from + (at[end] as number), mark })
    return plain
  }

  /** Undefined: it is no text. */
  function plainValueAfter(separator: number, to: number, endOfPlain: (from: number) => number): Span | undefined {
    const start = Math.min(to, skipWhite(text, separator + 1))
    if ('{['.includes(text[start] ?? '{')) return undefined
    const end = isQuote(text, start) ? endOfString(text, start, to) : endOfPlain(start)
    return { start, end, mark: `"${MARK}"` }
  }

  function leaveOutValue(separator: number, to: number, isInBrackets: boolean): number {
    const { start, end } = valueAfter(text, separator + 1, to, text[separator] as string, isInBrackets)
    const isJson = '"{['.includes(text[start] ?? ' ') || (isInBrackets && text[separator] === ':')
    const quote = text[start] === "'" ? "'" : isJson ? '"' : ''
    if (end > start) spans.push({ start, end, mark: quote + MARK + quote })
    return Math.max(end, separator + 1)
  }

  /** Of XML: all between the tags of an element with such a name. Returns where to go on. */
  function leaveOutElement(open: number, to: number): number {
    const nameEnd = firstOf(' \t\r\n/>', text, open + 1, to)
    const name = text.slice(open + 1, nameEnd)
    if (!isSecretName(name)) return open + 1
    const tagEnd = firstOf('<>', text, nameEnd, to)
    if (text[tagEnd] !== '>' || text[tagEnd - 1] === '/') return nameEnd
    const start = Math.min(to, tagEnd + 1)
    const length = text.slice(start, to).indexOf(`</${name}`)
    const end = length === -1 ? to : start + length
    if (end > start) spans.push({ start, end, mark: MARK })
    return end
  }
}

/** The word or string behind a separator. */
function wordAt(text: string, from: number, to: number): string {
  const start = skipWhite(text, from)
  if (isQuote(text, start)) return text.slice(start + 1, endOfContent(text, start, endOfString(text, start, to)))
  return text.slice(start, endOfWord(text, start, to))
}

/** Finds the body of the part of a multipart text whose header is at a place: from the next empty line on. */
function partFinder(text: string): (at: number) => Span[] {
  let part: Span | undefined
  let boundary = 0
  return (at) => {
    if (part === undefined || part.start < at) {
      const start = behindEmptyLine(text, at)
      if (boundary !== -1 && boundary < start) boundary = text.indexOf('\n--', start)
      const end = text[boundary - 1] === '\r' ? boundary - 1 : boundary
      part = { start, end: boundary === -1 ? text.length : end, mark: MARK }
    }
    return part.end > part.start ? [part] : []
  }
}

function behindEmptyLine(text: string, at: number): number {
  for (let i = text.indexOf('\n', at); i !== -1; i = text.indexOf('\n', i + 1)) {
    if (text[i + 1] === '\n') return i + 2
    if (text.startsWith('\r\n', i + 1)) return i + 3
  }
  return text.length
}
