import { isUtf8 } from 'node:buffer'
import { Crash } from '../python/crash.js'
import { memoizeLast } from '../world/memoize.js'
import { BodyTooLarge } from './body-bytes.js'
import type { RequestContext } from './context.js'
import { withSpaces } from './spaces.js'

/** The fields of a form; of several with one name, the last. */
export type Form = ReadonlyMap<string, string>

const NO_FORM: Form = new Map()
/** Django's DATA_UPLOAD_MAX_MEMORY_SIZE: what a route that reads forms reads of a body. */
export const MAX_FORM_BYTES = 2.5 * 1024 * 1024
/** Django's DATA_UPLOAD_MAX_NUMBER_FIELDS. */
const MAX_FIELDS = 1000
/** Django's MAX_TOTAL_HEADER_SIZE: a part of multipart with a longer head is no field. */
const MAX_PART_HEAD = 1024

/**
 * The form that a request brings, by Django's rules: only a POST has one, and a body of any other type is an empty one.
 *
 * @throws Crash where Django does not get over it
 */
export async function readForm(ctx: RequestContext): Promise<Form> {
  if (ctx.method !== 'POST') return NO_FORM
  const { value: type, parameters } = parseType(ctx.request.headers['content-type'] ?? '')
  if (type === 'application/x-www-form-urlencoded') {
    refuseCharset(parameters.get('charset'))
    return parseUrlEncoded(textOf(await bytesOf(ctx)))
  }
  if (type !== 'multipart/form-data') return NO_FORM
  const boundary = parameters.get('boundary')
  if (boundary === undefined || !/^[ -~]{0,200}[!-~]$/.test(boundary)) throw new Crash('multipart without a boundary')
  // Django reads as much as the Content-Length says.
  if (ctx.request.headers['transfer-encoding'] !== undefined) return NO_FORM
  return parseMultipart(await bytesOf(ctx), boundary)
}

async function bytesOf(ctx: RequestContext): Promise<Buffer> {
  try {
    return await ctx.body()
  } catch (error) {
    throw error instanceof BodyTooLarge ? new Crash(error.message) : error
  }
}

/** The names that Python knows a character set by, as far as somebody may use them. */
const KNOWN_CHARSETS =
  /^(?:u8|utf8?|utf_(?:7|8|8_sig|16|32)(?:_[bl]e)?|(?:us_)?ascii|latin_?1|l1|iso_?8859_\d+|(?:windows|cp)_?\d+|koi8_\w+|mac_\w+|big5|gb\w*|shift_?jis|sjis|euc_?\w+)$/

/** Unknown names count for nothing, known ones other than `utf-8` are refused. */
function refuseCharset(charset: string | undefined): void {
  const name = charset?.toLowerCase() ?? 'utf-8'
  if (name !== 'utf-8' && KNOWN_CHARSETS.test(name.replace(/[- ]/g, '_'))) throw new Crash(`charset ${charset}`)
}

function parseUrlEncoded(text: string): Form {
  const pairs = withSpaces(text).split('&')
  if (pairs.length > MAX_FIELDS) throw new Crash('too many fields')
  const form = new Map<string, string>()
  for (const pair of pairs) {
    if (pair === '') continue
    const sign = pair.indexOf('=')
    const [name, value] = sign === -1 ? [pair, ''] : [pair.slice(0, sign), pair.slice(sign + 1)]
    form.set(unescaped(name), unescaped(value))
  }
  return form
}

/** Broken escapes stand for themselves, and bytes that are no UTF-8 for U+FFFD. */
function unescaped(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) =>
      Buffer.from(escapes.replaceAll('%', ''), 'hex').toString(),
    )
  }
}

/** Bytes that are no UTF-8 count as Latin-1. */
function textOf(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1')
}

/** Files are no fields, and what has no name of its own is passed over. */
function parseMultipart(bytes: Buffer, boundary: string): Form {
  const form = new Map<string, string>()
  for (const part of bytes.toString('latin1').split(`--${boundary}`)) {
    const end = part.slice(0, MAX_PART_HEAD).indexOf('\r\n\r\n')
    if (end === -1) continue
    const headers = parsePartHead(part.slice(0, end))
    const parameters = headers.get('content-disposition')?.parameters
    const name = parameters?.get('name')?.trim()
    // A file without a name is a field.
    if (name === undefined || parameters?.get('filename')) continue
    const content = Buffer.from(part.slice(end + 4).replace(/\r?\n?$/, ''), 'latin1').toString()
    const isEncoded = headers.get('content-transfer-encoding')?.value === 'base64'
    form.set(name, isEncoded ? Buffer.from(content, 'base64').toString() : content)
    if (form.size > MAX_FIELDS) throw new Crash('too many fields')
  }
  return form
}

/** The headers of a part by their names, of several with one name the last. */
function parsePartHead(head: string): Map<string, Header> {
  const lines = head.split('\r\n').map((line): [string, Header] => {
    const { value: start, parameters } = parseHeader(Buffer.from(line, 'latin1').toString())
    const [name = '', ...value] = start.split(':')
    return [name, { value: value.join(':').trim(), parameters }]
  })
  return new Map(lines)
}

interface Header {
  /** In small letters. */
  value: string
  parameters: Map<string, string>
}

/** Most clients send forms of one type. */
const parseType = memoizeLast(parseHeader)

function parseHeader(header: string): Header {
  const [value = '', ...rest] = partsOf(header)
  const pairs = rest
    .filter((pair) => pair.includes('='))
    .map((pair): [string, string] => {
      const [name = '', ...text] = pair.split('=')
      return parameterOf(name.trim().toLowerCase(), text.join('=').trim())
    })
  return { value: value.trim().toLowerCase(), parameters: new Map(pairs.filter(([name]) => name !== '')) }
}

/** A header at its semicolons: those in quotes are none. */
function partsOf(header: string): string[] {
  if (!header.includes('"')) return header.split(';')
  const parts: string[] = []
  let part: string | undefined
  let isQuoted = false
  for (const piece of header.split(';')) {
    part = part === undefined ? piece : `${part};${piece}`
    if (countOf(/"/g, piece) % 2 !== countOf(/\\"/g, piece) % 2) isQuoted = !isQuoted
    if (isQuoted) continue
    parts.push(part)
    part = undefined
  }
  return part === undefined ? parts : [...parts, part]
}

function countOf(found: RegExp, text: string): number {
  return text.match(found)?.length ?? 0
}

/** A name that ends with a star says how its value is encoded. */
function parameterOf(name: string, written: string): [name: string, value: string] {
  const value = written.replace(/^"(.*)"$/s, '$1').replace(/\\(["\\])/g, '$1')
  if (!name.endsWith('*')) return [name, value]
  const [, , text, ...more] = value.split("'")
  return [name.slice(0, -1), text === undefined || more.length > 0 ? value : unescaped(text)]
}
