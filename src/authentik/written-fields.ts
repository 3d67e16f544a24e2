import type { TSchema } from 'typebox'
import { strip } from '../python/text.js'
import { parseDuration } from '../world/instant.js'
import type { RequestContext } from './context.js'
import { readUuid } from './filters.js'
import type { FieldReader } from './resource.js'

/** Values that a client writes, by the rules of authentik's framework. */

const WORDS: [words: unknown[], value: boolean][] = [
  [['t', 'y', 'yes', 'true', 'on', '1', 1, true], true],
  [['f', 'n', 'no', 'false', 'off', '0', 0, false], false],
]
/** Half of a pair without the other half. */
const LONE_SURROGATE = /\p{Surrogate}/u
const NULL = 'This field may not be null.'

export const booleanField: FieldReader = (value) => {
  if (value === null) return { wrong: NULL }
  const word = typeof value === 'string' ? value.toLowerCase() : value
  const [, found] = WORDS.find(([words]) => words.includes(word)) ?? []
  return found === undefined ? { wrong: 'Must be a valid boolean.' } : { value: found }
}

/** A text that may be empty. Numbers are texts, too, and blanks around one do not count. */
export const textField: FieldReader = (value) => readText(value)

/** The same of at most so many characters. */
export const textUpTo =
  (length: number): FieldReader =>
  (value) => {
    const read = readText(value)
    if ('wrong' in read || [...read.value].length <= length) return read
    return { wrong: `Ensure this field has no more than ${length} characters.` }
  }

/** A duration in authentik's notation. */
export const durationField: FieldReader = (value) => {
  const read = readText(value)
  if ('wrong' in read) return read
  if (read.value === '') return { wrong: 'This field may not be blank.' }
  if (parseDuration(read.value, { strict: true }) !== undefined) return read
  return { wrong: `${read.value} is not in the correct format of 'hours=3;minutes=1'.` }
}

/** Other rows, by their UUIDs in a list. */
export const uuidsField =
  (isThere: (uuid: string, ctx: RequestContext) => boolean): FieldReader =>
  (value, ctx) => {
    if (value === null) return { wrong: NULL }
    if (!Array.isArray(value)) return { wrong: `Expected a list of items but got type "${typeName(value)}".` }
    const uuids = new Set<string>()
    for (const item of value) {
      const uuid = readUuid(String(item))
      if (uuid === undefined) return { wrong: `“${item}” is not a valid UUID.` }
      if (!isThere(uuid, ctx)) return { wrong: `Invalid pk "${item}" - object does not exist.` }
      uuids.add(uuid)
    }
    return { value: [...uuids] }
  }

function readText(value: unknown): { value: string } | { wrong: string } {
  if (value === null) return { wrong: NULL }
  if (typeof value !== 'string' && typeof value !== 'number') return { wrong: 'Not a valid string.' }
  const text = strip(String(value))
  if (text.includes('\0')) return { wrong: 'Null characters are not allowed.' }
  const half = LONE_SURROGATE.exec(text)?.[0].charCodeAt(0)
  if (half === undefined) return { value: text }
  return { wrong: `Surrogate characters are not allowed: U+${half.toString(16).toUpperCase()}.` }
}

/** Those of some fields that are not called read-only. */
export function writableOf(fields: Record<string, TSchema>, keys: string[]): string[] {
  return keys.filter((key) => !isReadOnly(fields[key] ?? {}))
}

function isReadOnly({ readOnly, anyOf = [] }: { readOnly?: boolean; anyOf?: TSchema[] }): boolean {
  return readOnly === true || anyOf.some(isReadOnly)
}

/** What is wrong with a body that is no object of fields. */
export function notAnObject(value: unknown): string | undefined {
  if (value === null) return 'No data provided'
  if (typeof value === 'object' && !Array.isArray(value)) return undefined
  return `Invalid data. Expected a dictionary, but got ${typeName(value)}.`
}

/** As Python calls it. */
function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  if (typeof value === 'object') return 'dict'
  return typeof value === 'boolean' ? 'bool' : 'str'
}
