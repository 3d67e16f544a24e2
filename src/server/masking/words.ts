import { MARK, type Span } from './span.js'

const HINT = /eyJ|@|bearer|basic|dpop|negotiate|digest/i

/** Secrets that are known by their look, whatever stands before them. */
export function findWords(text: string): Span[] {
  return !HINT.test(text) ? [] : [...findJwts(text), ...findCredentials(text), ...findPasswordsOfUrls(text)]
}

/** How every JSON object begins in base64. */
const JWT_START = 'eyJ'
const JWT_MIN_LENGTH = 13

function* findJwts(text: string): Iterable<Span> {
  for (let start = text.indexOf(JWT_START); start !== -1; start = text.indexOf(JWT_START, start + 1)) {
    if (/[A-Za-z0-9]/.test(text.charAt(start - 1))) continue
    const end = endOfRun(text, start)
    if (end - start >= JWT_MIN_LENGTH) yield { start, end, mark: MARK }
    start = end
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
