import { jsonbText } from '../json.js'
import { endOfString } from './depth.js'
import { joinPath } from './mistakes.js'

/** Where a JSON text breaks off, and why. */
export class JsonMistake extends SyntaxError {
  readonly position: number

  constructor(position: number, message: string) {
    super(message)
    this.position = position
  }
}

/** What comes of a text. */
export interface Reading {
  /** Integers that a number of JavaScript cannot hold are of type bigint. */
  value: unknown
  /** The other numbers that come back otherwise than they were written: a sentence each, with its path. */
  warnings: string[]
  /** Numbers, true and false as they stand in YAML, which would be texts in quotes: the members that lead to each. */
  unquoted?: [members: (string | number)[], written: string][]
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const SPACE = /[ \t\r\n]*/y
const LITERALS: Record<string, unknown> = { true: true, false: false, null: null }
/** As many as Python reads, which authentik is written in. */
const MAX_DIGITS = 4300

/**
 * Reads JSON a character at a time, for what `JSON.parse` does not tell: where a mistake is, which name stands twice in an
 * object, and how large integers were written.
 *
 * @param text not nested too deep: see `tooDeepText`
 * @throws JsonMistake
 */
export function readExactly(text: string): Reading {
  const warnings: string[] = []
  let at = 0

  function fail(message: string, position = at): never {
    if (position < text.length) throw new JsonMistake(position, message)
    const isShort = message.startsWith('Unexpected token')
    throw new JsonMistake(text.trimEnd().length, isShort ? 'Unexpected end of JSON input' : message)
  }

  function skipSpace(): void {
    SPACE.lastIndex = at
    SPACE.test(text)
    at = SPACE.lastIndex
  }

  /** Steps over a character if it comes next. */
  function takes(character: string): boolean {
    skipSpace()
    if (text[at] !== character) return false
    at++
    return true
  }

  function valueAt(path: string): unknown {
    skipSpace()
    switch (text[at]) {
      case '{':
        return objectAt(path)
      case '[':
        return listAt(path)
      case '"':
        return textAt()
      default:
        return literalAt(path)
    }
  }

  function objectAt(path: string): object {
    const object = {}
    const names = new Set<string>()
    at++
    if (takes('}')) return object
    for (let expected = "property name or '}'"; ; expected = 'double-quoted property name') {
      skipSpace()
      const start = at
      if (text[at] !== '"') fail(`Expected ${expected}`)
      const name = textAt()
      if (names.has(name)) fail(`the name ${JSON.stringify(name)} stands twice in one object`, start)
      names.add(name)
      if (!takes(':')) fail("Expected ':' after property name")
      define(object, name, valueAt(joinPath(path, name)))
      if (takes('}')) return object
      if (!takes(',')) fail("Expected ',' or '}' after property value")
    }
  }

  function listAt(path: string): unknown[] {
    const list: unknown[] = []
    at++
    if (takes(']')) return list
    for (;;) {
      list.push(valueAt(joinPath(path, list.length)))
      if (takes(']')) return list
      if (!takes(',')) fail("Expected ',' or ']' after array element")
    }
  }

  function textAt(): string {
    const start = at
    const end = endOfString(text, start)
    const literal = text.slice(start, end + 1)
    // Whole escapes are stepped over, so that what is left of them is a broken one.
    for (const { 0: found, index } of literal.matchAll(/\\(?:["\\/bfnrt]|u[0-9a-f]{4})|\\|[^ -\uffff]/gi))
      if (found.length === 1)
        fail(found === '\\' ? 'Bad escaped character' : 'Bad control character in string literal', start + index)
    if (end >= text.length) fail('Unterminated string', start)
    at = end + 1
    return JSON.parse(literal)
  }

  function literalAt(path: string): unknown {
    const word = Object.keys(LITERALS).find((literal) => text.startsWith(literal, at))
    if (word === undefined) return numberAt(path)
    at += word.length
    return LITERALS[word]
  }

  function numberAt(path: string): number | bigint {
    NUMBER.lastIndex = at
    const [written] = NUMBER.exec(text) ?? fail(`Unexpected token ${JSON.stringify(text[at] ?? '')}`)
    if (written.length > MAX_DIGITS) fail(`a number of ${written.length} characters, which is more than ${MAX_DIGITS}`)
    at += written.length
    const number = Number(written)
    if (String(number) === written) return number
    if (/^-?[1-9]\d*$/.test(written)) return BigInt(written)
    if (!Number.isFinite(number)) fail(`${written} is more than a number can be`, at - written.length)
    warnings.push(lostNumber(path, written, number))
    return number
  }

  const value = valueAt('')
  skipSpace()
  if (at < text.length) fail('Unexpected non-whitespace character after JSON')
  return { value, warnings }
}

/** Says that a number comes back otherwise. */
export function lostNumber(path: string, written: string, number: number): string {
  const shown = written.length > 40 ? `${written.slice(0, 40)}…` : written
  return `${path === '' ? '' : `${path}: `}${shown} comes back as ${jsonbText(number)}`
}

/** Sets a member under any name: `__proto__` is a name like others. */
export function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
}
