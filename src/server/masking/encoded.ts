import { isAscii } from 'node:buffer'
import { MARK, type Span } from './span.js'
import { findSpread } from './spread.js'

/** Shorter ones hold no secret that anybody would know in them. */
const BASE64 = /[A-Za-z0-9+/]{12,}/g
/** The alphabet for URLs, and a part of a path, which a slash does not belong to. */
const WITHOUT_SLASH = /[\w+-]{12,}/g
const HEX_BYTES = /[0-9A-Fa-f]{16}/
const HEX = /(?:[0-9A-Fa-f]{2}){8,}/g
/** On several lines, the first of whole groups of four. */
const LINES_OF_BASE64 = /(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{4}){3,}(?:\r?\n[A-Za-z0-9+/]+)+/g
/** How often something is encoded, what was encoded before included. */
const MAX_NESTED = 3
/** In bytes: what is decoded may be anything, in which a short secret would be found by accident. */
const MIN_LENGTH = 8

/** Finds what holds a known secret in base64, in either alphabet, or as hexadecimal digits, also several times over. */
export function findEncoded(text: string, find: (text: string) => Span[], nested = 1): Span[] {
  const spans: Span[] = []
  const findInside = (plain: string) => [...find(plain), ...findSpread(plain, find)]
  const findDeeper = (plain: string) => [...findInside(plain), ...findEncoded(plain, find, nested + 1)]
  const look = (form: RegExp, encoding: 'base64' | 'hex') => {
    for (const { 0: run, index } of text.matchAll(form)) {
      const bytes = Buffer.from(run, encoding)
      const isPlain = isAscii(bytes)
      if (
        holdsSecret(bytes.toString('latin1'), isPlain && nested < MAX_NESTED ? findDeeper : findInside) ||
        (!isPlain && holdsSecret(bytes.toString(), findInside))
      )
        spans.push({ start: index, end: index + run.length, mark: MARK })
    }
  }
  // Most texts are short paths, in small letters: what is base64 has others, too.
  if (/[A-Z]/.test(text)) {
    look(BASE64, 'base64')
    if (/[/_-]/.test(text)) look(WITHOUT_SLASH, 'base64')
    if (text.includes('\n')) look(LINES_OF_BASE64, 'base64')
  }
  if (HEX_BYTES.test(text)) look(HEX, 'hex')
  return spans
}

function holdsSecret(text: string, find: (text: string) => Span[]): boolean {
  return find(text).some(({ start, end }) => Buffer.byteLength(text.slice(start, end)) >= MIN_LENGTH)
}
