import { MARK, type Span } from './span.js'

const HINT = /ey[A-DJ]|ew[k-r0-3]|-----|@|bearer|basic|dpop|negotiate|digest/i

/** Secrets that are known by their look, whatever stands before them. */
export function findWords(text: string): Span[] {
  if (!HINT.test(text)) return []
  return [
    ...findJwts(text),
    ...findSpacedJwts(text),
    ...findPrivateKeys(text),
    ...findCredentials(text),
    ...findPasswordsOfUrls(text),
  ]
}

/** How JSON objects begin in base64, unless there is white space in front of the first name. */
const JWT_START = 'eyJ'
const JWT_MIN_LENGTH = 13

function* findJwts(text: string): Iterable<Span> {
  let end = 0
  /** The last dot but one in front of the end. */
  let dot = 0
  for (let start = text.indexOf(JWT_START); start !== -1; start = text.indexOf(JWT_START, start + 1)) {
    if (start >= end) {
      end = endOfRun(text, start)
      const run = text.slice(start, end)
      dot = start + run.slice(0, Math.max(0, run.lastIndexOf('.'))).lastIndexOf('.')
    }
    // Behind a letter it may be a part of something else, unless three parts are there.
    if (/[A-Za-z0-9]/.test(text.charAt(start - 1)) && dot < start) continue
    if (end - start >= JWT_MIN_LENGTH) yield { start, end, mark: MARK }
    start = end
  }
}

/** Whether a secret is a JWT, which is found wherever it stands. */
export function isJwt(secret: string): boolean {
  return /^eyJ[\w-]{10,}(?:\.[\w-]*)+\.[\w-]+$/.test(secret)
}

/** With white space, they begin in many ways, so that it takes a dot to tell. */
const SPACED_START = /(?<![A-Za-z0-9])(?:ey[A-D]|ew[k-r0-3])[\w-]{5}/
const WITH_DOTS = /[\w.-]+/g

function* findSpacedJwts(text: string): Iterable<Span> {
  for (const { 0: run, index } of text.matchAll(WITH_DOTS)) {
    const lastDot = run.lastIndexOf('.', run.length - 2)
    const start = lastDot === -1 ? -1 : run.slice(0, lastDot).search(SPACED_START)
    if (start !== -1) yield { start: index + start, end: index + run.length, mark: MARK }
  }
}

/** A terminal may have broken or coloured the line. */
const BEGIN = /-----BEGIN([^-]{0,80})-----/g

/** From behind the first line to the last one, or to the end. */
function* findPrivateKeys(text: string): Iterable<Span> {
  for (const { 0: found, 1: kind = '', index } of text.matchAll(BEGIN)) {
    if (!kind.replace(/[^A-Z]/g, '').includes('PRIVATEKEY')) continue
    const start = index + found.length
    const end = text.indexOf('-----END', start)
    yield { start, end: end === -1 ? text.length : end, mark: MARK }
    if (end === -1) return
  }
}

function endOfRun(text: string, start: number): number {
  const run = /[\w.~+/=-]*/y
  run.lastIndex = start
  run.test(text)
  return run.lastIndex
}

const SCHEME = /\b(?:(?:bearer|basic|dpop|negotiate)[\s+]+([^\s"',;&]+)|digest[\s+]+([^\r\n]+))/gi

/** What follows the name of a scheme, as in `Authorization: Bearer …`. */
function* findCredentials(text: string): Iterable<Span> {
  for (const { 0: found, 1: one, 2: rest = '', index } of text.matchAll(SCHEME)) {
    const end = index + found.length
    yield { start: end - (one ?? rest).length, end, mark: MARK }
  }
}

const PASSWORD_OF_URL = /\/\/[^\s/?#@:"']*:([^\s/?#@"']+)@/g

function* findPasswordsOfUrls(text: string): Iterable<Span> {
  for (const { 0: found, 1: password = '', index } of text.matchAll(PASSWORD_OF_URL)) {
    const end = index + found.length - 1
    yield { start: end - password.length, end, mark: MARK }
  }
}
