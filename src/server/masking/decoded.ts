/** A text with its escapes read, and where each of its characters stood before. */
export interface Decoded {
  text: string
  /** One more than there are characters: the last is the end of the text before. */
  at: Uint32Array
}

/** What an escape stands for, and how many characters it was written with. */
type Piece = [part: string, size: number]

const PERCENT = 37
const AMPERSAND = 38
const BACKSLASH = 92
const CONTROLS: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', 0: '\0' }

const MAX_ESCAPE = 10
const OF_STRINGS = /^\\(?:u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2}))/
const NAMES_OF_XML: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const NAME_OF_XML = /^&(amp|lt|gt|quot|apos);/
const HEX_OF_XML = /^&#[xX]([0-9A-Fa-f]{1,6});?/

/** Reads percent escapes, those of JSON and JavaScript strings, and those of XML, once. What is none stays as it is. */
export function decoded(text: string): Decoded {
  const parts: string[] = []
  const at = new Uint32Array(text.length + 1)
  let length = 0
  let done = 0
  const copyUntil = (end: number) => {
    parts.push(text.slice(done, end))
    while (done < end) at[length++] = done++
  }
  for (let i = 0; i < text.length; i = Math.max(i + 1, done)) {
    const pieces = escapesAt(text, i)
    if (pieces.length > 0) copyUntil(i)
    for (const [part, size] of pieces) {
      parts.push(part)
      for (let unit = 0; unit < part.length; unit++) at[length++] = done
      done += size
    }
  }
  copyUntil(text.length)
  at[length] = text.length
  return { text: parts.join(''), at: at.subarray(0, length + 1) }
}

function escapesAt(text: string, at: number): Piece[] {
  switch (text.charCodeAt(at)) {
    case PERCENT:
      return text[at + 1] === 'u' ? codeAt(/^%u([0-9A-Fa-f]{4})/, text, at) : percentEscapes(text, at)
    case BACKSLASH:
      return backslashEscape(text, at)
    case AMPERSAND:
      return text[at + 1] === '#'
        ? [...codeAt(HEX_OF_XML, text, at), ...codeAt(/^&#(\d{1,7});?/, text, at, 10)]
        : namedEscape(text, at)
    default:
      return []
  }
}

/** An escape that says the code of a character. */
function codeAt(form: RegExp, text: string, at: number, base = 16): Piece[] {
  const [whole = '', ...digits] = form.exec(text.slice(at, at + MAX_ESCAPE)) ?? []
  if (whole === '') return []
  const point = Number.parseInt(digits.find(Boolean) ?? '', base)
  return [[point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point), whole.length]]
}

function namedEscape(text: string, at: number): Piece[] {
  const [whole = '', name = ''] = NAME_OF_XML.exec(text.slice(at, at + MAX_ESCAPE)) ?? []
  return whole === '' ? [] : [[NAMES_OF_XML[name] as string, whole.length]]
}

/** All percent escapes in a row, as a character may take several of them. */
function percentEscapes(text: string, start: number): Piece[] {
  const bytes: number[] = []
  let isAscii = true
  for (let i = start; text.charCodeAt(i) === PERCENT; i += 3) {
    const byte = (hexDigit(text.charCodeAt(i + 1)) << 4) | hexDigit(text.charCodeAt(i + 2))
    if (byte < 0) break
    bytes.push(byte)
    isAscii &&= byte < 128
  }
  if (isAscii) return bytes.map((byte) => [String.fromCharCode(byte), 3])
  const characters = Array.from(Buffer.from(bytes).toString('utf8'))
  let left = 3 * bytes.length
  return characters.map((character, i) => {
    // Bytes that are no UTF-8 are not counted right, but the last character ends where they end.
    const size = i === characters.length - 1 ? left : Math.min(left, 3 * Buffer.byteLength(character))
    left -= size
    return [character, size]
  })
}

/** What a hexadecimal digit stands for. -1: it is none. */
function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const small = code | 32
  return small >= 97 && small <= 102 ? small - 87 : -1
}

function backslashEscape(text: string, start: number): Piece[] {
  const code = codeAt(OF_STRINGS, text, start)
  if (code.length > 0) return code
  const next = text.charAt(start + 1)
  return next === '' ? [] : [[CONTROLS[next] ?? next, 2]]
}

const LONGEST_PART = 9
const PART_OF_ESCAPE =
  /(?:%(?:u[0-9A-Fa-f]{0,3}|[0-9A-Fa-f])?|\\(?:u(?:[0-9A-Fa-f]{0,3}|\{[0-9A-Fa-f]{0,6})|x[0-9A-Fa-f]?)?|&(?:#[xX]?[0-9A-Fa-f]{0,6}|am?p?|ap?o?s?|lt?|gt?|qu?o?t?)?)$/

/** A text that was cut, without the beginning of an escape at its end. */
export function withoutPartOfEscape(text: string): string {
  const [part = ''] = PART_OF_ESCAPE.exec(text.slice(-LONGEST_PART)) ?? []
  return text.slice(0, text.length - part.length)
}
