/** Values that a client writes, by the rules of authentik's framework. */

/** The value as a row has it, or what is wrong with it, in the framework's words. */
export type FieldReader = (value: unknown) => { value: unknown } | { wrong: string }

const WORDS: [words: unknown[], value: boolean][] = [
  [['t', 'y', 'yes', 'true', 'on', '1', 1, true], true],
  [['f', 'n', 'no', 'false', 'off', '0', 0, false], false],
]
const NULL = 'This field may not be null.'

export const booleanField: FieldReader = (value) => {
  if (value === null) return { wrong: NULL }
  const word = typeof value === 'string' ? value.toLowerCase() : value
  const [, found] = WORDS.find(([words]) => words.includes(word)) ?? []
  return found === undefined ? { wrong: 'Must be a valid boolean.' } : { value: found }
}

/** A text that may be empty. Numbers are texts, too, and blanks around one do not count. */
export const textField: FieldReader = (value) => {
  if (value === null) return { wrong: NULL }
  if (typeof value !== 'string' && typeof value !== 'number') return { wrong: 'Not a valid string.' }
  const text = String(value).trim()
  return text.includes('\0') ? { wrong: 'Null characters are not allowed.' } : { value: text }
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
  return typeof value === 'boolean' ? 'bool' : 'str'
}
