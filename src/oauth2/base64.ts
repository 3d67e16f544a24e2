const PAIRS = /[A-Za-z0-9+/=]/g

/**
 * Base64 as Python's `b64decode` reads it: other characters are passed over, and padding ends the text.
 * Undefined: the padding is wrong.
 */
export function decodeBase64(text: string): Buffer | undefined {
  let digits = ''
  let padding = 0
  for (const character of text.match(PAIRS) ?? []) {
    if (character !== '=') {
      digits += character
      padding = 0
      continue
    }
    padding++
    const place = digits.length % 4
    if (place >= 2 && place + padding >= 4) return Buffer.from(digits, 'base64')
  }
  return digits.length % 4 === 0 ? Buffer.from(digits, 'base64') : undefined
}

/** The same for UTF-8. Undefined: the bytes are none. */
export function decodeBase64Text(text: string): string | undefined {
  const bytes = decodeBase64(text)
  try {
    return bytes && new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
