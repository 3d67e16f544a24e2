const EQUALS = 61
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** By the code of a digit, the code that it has in plain base64. */
function digitsOf(last: string): Uint8Array {
  const digits = new Uint8Array(128)
  for (const digit of `${ALPHABET}+/`) digits[digit.charCodeAt(0)] = digit.charCodeAt(0)
  for (const [i, digit] of Array.from(last).entries()) digits[digit.charCodeAt(0)] = '+/'.charCodeAt(i)
  return digits
}

const PLAIN = digitsOf('+/')
const OF_URLS = digitsOf('-_')

/**
 * Base64 as Python's `b64decode` reads it, and UTF-8: other characters are passed over, and padding ends the text.
 * Undefined: the padding is wrong, or the bytes are no UTF-8.
 */
export function decodeBase64Text(text: string): string | undefined {
  return textOf(decode(text, PLAIN))
}

/** A part of a JWT, which lacks its padding. `+` and `/` count as well. Undefined: it is none. */
export function decodeSegment(text: string): Buffer | undefined {
  return decode(text.padEnd(Math.ceil(text.length / 4) * 4, '='), OF_URLS)
}

export function decodeSegmentText(text: string): string | undefined {
  return textOf(decodeSegment(text))
}

function decode(text: string, digits: Uint8Array): Buffer | undefined {
  const found = Buffer.alloc(text.length)
  let length = 0
  let padding = 0
  const decoded = () => Buffer.from(found.toString('latin1', 0, length), 'base64')
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const digit = digits[code]
    if (digit) {
      found[length++] = digit
      padding = 0
    } else if (code === EQUALS) {
      padding++
      const place = length % 4
      if (place >= 2 && place + padding >= 4) return decoded()
    }
  }
  return length % 4 === 0 ? decoded() : undefined
}

function textOf(bytes: Buffer | undefined): string | undefined {
  try {
    return bytes && new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
