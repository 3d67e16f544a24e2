import { isUtf8 } from 'node:buffer'
import { memoizeLast } from '../world/memoize.js'
import type { RequestContext } from './context.js'
import { Crash } from './crash.js'
import { BodyTooLarge } from './request-body.js'
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
  const { type, parameters } = parseType(ctx.request.headers['content-type'] ?? '')
  if (type === 'application/x-www-form-urlencoded') {
    refuseCharset(parameters.get('charset'))
    return parseUrlEncoded(textOf(await bytesOf(ctx)))
  }
  if (type !== 'multipart/form-data') return NO_FORM
  const boundary = parameters.get('boundary')
  if (boundary === undefined || !/^[ -~]{0,200}[!-~]$/.test(boundary)) throw new Crash('multipart without a boundary')
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

/** Files are no fields, and what is no part of a form is passed over. */
function parseMultipart(bytes: Buffer, boundary: string): Form {
  const form = new Map<string, string>()
  const parts = `\r\n${bytes.toString('latin1')}`.split(`\r\n--${boundary}`).slice(1)
  for (const part of parts) {
    if (part.startsWith('--')) break
    const end = part.slice(0, MAX_PART_HEAD).indexOf('\r\n\r\n')
    if (end === -1) continue
    const disposition = /^content-disposition:(.*)$/im.exec(part.slice(0, end))?.[1] ?? ''
    const { type, parameters } = parseHeader(Buffer.from(disposition, 'latin1').toString())
    const name = parameters.get('name')
    if (type !== 'form-data' || name === undefined || parameters.has('filename')) continue
    form.set(name, Buffer.from(part.slice(end + 4), 'latin1').toString())
    if (form.size > MAX_FIELDS) throw new Crash('too many fields')
  }
  return form
}

/** Most clients send forms of one type. */
const parseType = memoizeLast(parseHeader)

function parseHeader(header: string): { type: string; parameters: Map<string, string> } {
  const [type = '', ...rest] = header.split(';')
  const pairs = rest
    .filter((pair) => pair.includes('='))
    .map((pair): [string, string] => {
      const [name = '', ...value] = pair.split('=')
      return [
        name.trim().toLowerCase(),
        value
          .join('=')
          .trim()
          .replace(/^"(.*)"$/s, '$1')
          .replace(/\\(["\\])/g, '$1'),
      ]
    })
  return { type: type.trim().toLowerCase(), parameters: new Map(pairs.filter(([name]) => name !== '')) }
}
