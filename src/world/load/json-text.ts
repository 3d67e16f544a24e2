import { lookOver } from './depth.js'
import { JsonMistake, type Reading, readExactly } from './exact-json.js'
import { FixtureError } from './mistakes.js'

/** A number that JavaScript might write otherwise, outside of a text or, seldom, in one: long, or `1.0`, `1e5`, `-0`. */
const ODD_NUMBER = /(?:^|[[:,\s])(?:-0[\s,\]}]|-?\d{16}|-?\d+\.\d{16}|-?\d+\.\d*0(?:[\s,\]}]|$)|-?\d+(?:\.\d+)?[eE])/

/**
 * Reads JSON.
 *
 * @param maxValues how many values of any kind it may hold
 * @throws SyntaxError that names line and column
 * @throws FixtureError for a text that is nested too deep, or holds too much
 */
export function readJsonText(text: string, file: string, maxValues = Number.POSITIVE_INFINITY): Reading {
  const { mistake, members, values } = lookOver(text, file)
  if (mistake !== undefined) throw new FixtureError([mistake])
  if (values > maxValues)
    throw new FixtureError([{ file, path: '', found: `${values} values`, allowed: `at most ${maxValues} at once` }])
  try {
    const value = parsed(text)
    // Where a name stands twice, JSON.parse keeps only one of the two members.
    const isPlain = value !== undefined && !ODD_NUMBER.test(text) && countMembers(value) === members
    return isPlain ? { value, warnings: [] } : readExactly(text)
  } catch (error) {
    if (!(error instanceof JsonMistake)) throw error
    throw new SyntaxError(`a JSON mistake in ${placeIn(text, error.position)}: ${error.message}${hintFor(text, error)}`)
  }
}

/** Only the value. */
export function parseJson(text: string, file: string): unknown {
  return readJsonText(text, file).value
}

/** Undefined: it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function countMembers(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0
  const members = Object.values(value)
  return members.reduce((sum: number, member) => sum + countMembers(member), Array.isArray(value) ? 0 : members.length)
}

/** A place as editors count: from 1, in UTF-16 units. */
export function placeIn(text: string, position: number): string {
  const lines = text.slice(0, position).split('\n')
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`
}

/** What people often hand over in the place of JSON. */
function hintFor(text: string, { position, message }: JsonMistake): string {
  if (text.trim() === '') return '; there is nothing in it'
  if (position === 0 && text.startsWith('<')) return '; it looks like a page of HTML'
  if (position === 0 && text.startsWith('HTTP/')) return '; it begins with the head of an answer, as curl -i prints it'
  if (text.startsWith('//', position) || text[position] === '#') return '; JSON has no comments, YAML has'
  if (/[\]}]/.test(text[position] ?? '') && text.slice(0, position).trimEnd().endsWith(','))
    return '; JSON has no comma after the last one'
  if (/['\w]/.test(text[position] ?? '') && /property name|token "'"/.test(message))
    return '; JSON has names and texts in double quotes'
  return message.startsWith('Unexpected non-whitespace') ? '; jq -s . makes one list of several answers' : ''
}
