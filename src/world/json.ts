/** Integers that a number cannot hold are of type bigint. */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json }
export type Attributes = { [key: string]: Json }

/** JSON as JavaScript writes it, and large integers with all their digits. Undefined for what JSON does not know. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return textWithLargeIntegers(value) as string
  }
}

function textWithLargeIntegers(value: unknown): string | undefined {
  if (typeof value === 'bigint') return String(value)
  if (value === null || typeof value !== 'object' || 'toJSON' in value) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((member) => textWithLargeIntegers(member) ?? 'null').join(',')}]`
  const members = Object.entries(value).flatMap(([name, member]) => {
    const text = textWithLargeIntegers(member)
    return text === undefined ? [] : `${JSON.stringify(name)}:${text}`
  })
  return `{${members.join(',')}}`
}

/** JSON as PostgreSQL keeps it in a jsonb column: keys sorted by length in bytes, then bytewise, at every level. */
export function jsonbText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(jsonbText).join(',')}]`
  if (typeof value === 'number' || typeof value === 'bigint') return pythonNumber(value)
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).map(([key, member]) => ({ bytes: Buffer.from(key), key, member }))
  members.sort((a, b) => a.bytes.length - b.bytes.length || a.bytes.compare(b.bytes))
  return `{${members.map(({ key, member }) => `${JSON.stringify(key)}:${jsonbText(member)}`).join(',')}}`
}

/** JSON as Python's `json.dumps(value, indent=4)` writes it: ASCII only, the form of an id_token. */
export function pythonText(value: Json, width = 4, indent = ''): string {
  if (typeof value === 'string') return pythonString(value)
  if (typeof value === 'number' || typeof value === 'bigint') return pythonNumber(value)
  if (value === null || typeof value !== 'object') return String(value)
  const inner = indent + ' '.repeat(width)
  const members = Array.isArray(value)
    ? value.map((member) => pythonText(member, width, inner))
    : Object.entries(value).map(([key, member]) => `${pythonString(key)}: ${pythonText(member, width, inner)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return members.length === 0 ? `${open}${close}` : `${open}\n${inner}${members.join(`,\n${inner}`)}\n${indent}${close}`
}

/** The same as `json.dumps(value)` writes it, with a blank after each comma and colon: the answers of the OAuth2 endpoints. */
export const pythonLine = (value: Json): string => pythonOneLine(value, ', ', ': ')

/** The same without blanks: what stands in a JWT. */
export const pythonCompact = (value: Json): string => pythonOneLine(value, ',', ':')

function pythonOneLine(value: Json, comma: string, colon: string): string {
  if (typeof value === 'string') return pythonString(value)
  if (typeof value === 'number' || typeof value === 'bigint') return pythonNumber(value)
  if (value === null || typeof value !== 'object') return String(value)
  let text = ''
  if (Array.isArray(value)) {
    for (const member of value) text += `${text === '' ? '' : comma}${pythonOneLine(member, comma, colon)}`
    return `[${text}]`
  }
  for (const key of Object.keys(value))
    text += `${text === '' ? '' : comma}${pythonString(key)}${colon}${pythonOneLine(value[key] as Json, comma, colon)}`
  return `{${text}}`
}

/** Both escape the same within ASCII, but for DEL; Python escapes all beyond it as well. */
function pythonString(text: string): string {
  if (!/[^ !#-[\]-~]/.test(text)) return `"${text}"`
  return JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Python changes to an exponent earlier than JavaScript, and writes it with two digits. */
function pythonNumber(value: number | bigint): string {
  if (Number.isSafeInteger(value)) return String(value)
  if (typeof value === 'bigint' || Number.isInteger(value)) return BigInt(value).toString()
  const [mantissa = '', exponent = ''] = value.toExponential().split('e')
  const power = Number(exponent)
  return power < -4 ? `${mantissa}e-${String(-power).padStart(2, '0')}` : String(value)
}
