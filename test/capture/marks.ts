import type { RefreshTokenBody } from '../../src/index.js'
import type { Json } from '../../src/world/json.js'

/** Marks in the bodies of refresh tokens, and where they are found again. */

type Fields = { [field: string]: Json }
type Path = (string | number)[]

/** A place in a body. Claims are places, too: the id_token is an object there. */
export interface Spot {
  path: Path
  /** The same in every row and for every member of a list. */
  name: string
  value: Json
}

export function opened(body: RefreshTokenBody): Fields {
  return { ...JSON.parse(JSON.stringify(body)), id_token: JSON.parse(body.id_token) }
}

export function closed(body: Fields): RefreshTokenBody {
  const { id_token } = body
  const text = typeof id_token === 'string' ? id_token : JSON.stringify(id_token, null, 4)
  return { ...body, id_token: text } as unknown as RefreshTokenBody
}

/** Every place, objects and lists included, but for those that make it a body at all. */
export function spotsIn(body: Fields): Spot[] {
  return [...walk(body, [])].filter(({ name }) => !['pk', 'provider', 'user', 'id_token'].includes(name))
}

function* walk(value: Json, path: Path): Generator<Spot> {
  if (path.length > 0) yield { path, name: path.map((key) => (typeof key === 'number' ? '[]' : key)).join('.'), value }
  if (value === null || typeof value !== 'object') return
  for (const [key, member] of Object.entries(value))
    yield* walk(member, [...path, Array.isArray(value) ? Number(key) : key])
}

/** A copy with something else in a place. */
export function withAt<T extends Json>(value: T, [key, ...rest]: Path, other: Json): T {
  if (key === undefined) return other as T
  const swap = (name: string | number, member: Json) => (name === key ? withAt(member, rest, other) : member)
  if (Array.isArray(value)) return value.map((member, i) => swap(i, member)) as unknown as T
  return Object.fromEntries(Object.entries(value as Fields).map(([name, member]) => [name, swap(name, member)])) as T
}

/** The letters of a mark: no hexadecimal digits, and in no word of fake data. */
export function markOf(number: number): string {
  return `Zqx${[...String(number).padStart(4, '0')].map((digit) => 'KJWVGZQXYU'[Number(digit)]).join('')}xqZ`
}

/** Its digits, where it must be a number. */
export function digitsOf(number: number): string {
  return `4917155${String(number).padStart(5, '0')}77`
}

const ARABIC_ZERO = 0x660
const arabic = (digits: string) => digits.replace(/\d/g, (digit) => String.fromCodePoint(ARABIC_ZERO + Number(digit)))
const percent = (text: string) => text.replace(/./g, (letter) => `%${letter.charCodeAt(0).toString(16)}`)

/** What a mark is put into: texts of many forms, and what is no text at all. */
export const FORMS: Record<string, (number: number, original: Json) => Json> = {
  'a text': (number) => markOf(number),
  'the original and a mark': (number, original) => `${scalar(original)}${markOf(number)}`,
  'a mark and the original': (number, original) => `${markOf(number)}${scalar(original)}`,
  'an address': (number) => `${markOf(number)}@${markOf(number)}.test`,
  'a URL': (number) => 'https://m:m@m.test:8443/m?m=m#m'.replaceAll('m', markOf(number)),
  'an issuer': (number) => `https://localhost:9000/application/o/${markOf(number)}/?next=${markOf(number)}`,
  'a scheme of its own': (number) => `${markOf(number)}.app:/${markOf(number)}`,
  'a host and a port': (number) => `${markOf(number)}:8080/${markOf(number)}`,
  'a regular expression': (number) => `^https://(.+\\.)?${markOf(number)}\\.test/.*$`,
  'a duration': (number) => `hours=1;${markOf(number)}=2`,
  'percent signs': (number) => `https://a.test/${percent(markOf(number))}`,
  base64: (number) => Buffer.from(`a person called ${markOf(number)}, at home`).toString('base64'),
  'a phone number': (number) => digitsOf(number).replace(/(..)(...)/, '+$1 $2 '),
  'digits of another script': (number) => arabic(digitsOf(number)),
  'a number': (number) => Number(digitsOf(number)),
  'an object': (number) => ({ [markOf(number)]: markOf(number), name: markOf(number), constructor: digitsOf(number) }),
  'a list': (number) => [markOf(number), [Number(digitsOf(number))]],
}

function scalar(value: Json): string {
  return value === null || typeof value === 'object' ? '' : String(value)
}

/** Forwards and backwards; letters read the same. */
const MARK = /zqx[a-z]{4,6}xqz|4917155\d{5,7}77|77\d{5,7}5517194/g

/** The marks in a text, in whatever way they are written there. */
export function marksIn(text: string): string[] {
  return writingsOf(text).match(MARK) ?? []
}

const BASE64 = /[A-Za-z0-9+/]{24,}={0,2}/g

/** In small letters: as it is, percent-decoded, and decoded from base64 in any alignment. */
function writingsOf(text: string): string {
  const plain = text.replace(/\\+u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  const unescaped = plain.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  const decoded = Array.from(plain.matchAll(BASE64), ([run]) =>
    [0, 1, 2, 3].map((at) => Buffer.from(run.slice(at), 'base64').toString('latin1')),
  )
  const all = [plain, unescaped, ...decoded.flat()].join('\n').toLowerCase()
  return all.replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - ARABIC_ZERO)).replace(/(\d)[ -](?=\d)/g, '$1')
}
