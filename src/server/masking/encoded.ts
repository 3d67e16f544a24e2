import { isAscii } from 'node:buffer'
import { MARK, type Span } from './span.js'
import { findSpread } from './spread.js'

/** Shorter ones hold no secret that anybody would know in them. */
const BASE64 = /[A-Za-z0-9+/]{12,}/g
/** The alphabet for URLs, and a part of a path, which a slash does not belong to. */
const WITHOUT_SLASH = /[\w+-]{12,}/g
const HEX_BYTES = /[0-9A-Fa-f]{16}/
const HEX = /(?:[0-9A-Fa-f]{2}){8,}/g
/** In bytes: what is decoded may be anything, in which a short secret would be found by accident. */
const MIN_LENGTH = 8

/** Finds what holds a known secret in base64, in either alphabet, or as hexadecimal digits. */
export function findEncoded(text: string, find: (text: string) => Span[]): Span[] {
  const spans: Span[] = []
  const look = (form: RegExp, encoding: 'base64' | 'hex') => {
    for (const { 0: run, index } of text.matchAll(form)) {
      const bytes = Buffer.from(run, encoding)
      if (holdsSecret(bytes.toString('latin1'), find) || (!isAscii(bytes) && holdsSecret(bytes.toString(), find)))
        spans.push({ start: index, end: index + run.length, mark: MARK })
    }
  }
  // Most texts are short paths, in small letters: what is base64 has others, too.
  if (/[A-Z]/.test(text)) {
    look(BASE64, 'base64')
    if (/[/_-]/.test(text)) look(WITHOUT_SLASH, 'base64')
  }
  if (HEX_BYTES.test(text)) look(HEX, 'hex')
  return spans
}

function holdsSecret(text: string, find: (text: string) => Span[]): boolean {
  return [...find(text), ...findSpread(text, find)].some(
    ({ start, end }) => Buffer.byteLength(text.slice(start, end)) >= MIN_LENGTH,
  )
}
