import type { RefreshTokenBody } from '../src/index.js'
import type { Json } from '../src/world/model.js'

/** Marks in the bodies of refresh tokens, and where they are found again. */

/** A body whose id_token is an object, so that its claims are places like others. */
export type Opened = { [field: string]: Json }
type Path = (string | number)[]

export function opened(body: RefreshTokenBody): Opened {
  return { ...JSON.parse(JSON.stringify(body)), id_token: JSON.parse(body.id_token) }
}

export function closed(body: Opened): RefreshTokenBody {
  const { id_token } = body
  const text = typeof id_token === 'string' ? id_token : JSON.stringify(id_token, null, 4)
  return { ...body, id_token: text } as unknown as RefreshTokenBody
}

/** Every place in a value, objects and lists included. */
export function* placesIn(value: Json, path: Path = []): Generator<{ path: Path; value: Json }> {
  if (path.length > 0) yield { path, value }
  if (value === null || typeof value !== 'object') return
  for (const [key, member] of Object.entries(value))
    yield* placesIn(member, [...path, Array.isArray(value) ? Number(key) : key])
}

/** The same place in every row and list is one. */
export function nameOf(path: Path): string {
  return path.map((key) => (typeof key === 'number' ? '[]' : key)).join('.')
}

/** A copy with another value in a place. */
export function replacedAt(value: Json, [key, ...rest]: Path, other: Json): Json {
  if (key === undefined) return other
  if (Array.isArray(value)) return value.map((member, i) => (i === key ? replacedAt(member, rest, other) : member))
  const entries = Object.entries(value as Opened)
  return Object.fromEntries(
    entries.map(([name, member]) => [name, name === key ? replacedAt(member, rest, other) : member]),
  )
}

/** The text of a mark, which no two numbers share: its letters are no hexadecimal digits, nor those of fake data. */
export function markOf(number: number): string {
  return `Zqx${[...String(number).padStart(4, '0')].map((digit) => 'KJWVGZQXYU'[Number(digit)]).join('')}xqZ`
}

/** The digits of a mark. */
export function digitsOf(number: number): string {
  return `4917155${String(number).padStart(5, '0')}77`
}

const ARABIC_ZERO = 0x660

/** What a mark is put into: texts of many forms, and what is no text at all. */
export const FORMS: Record<string, (number: number, original: Json) => Json> = {
  'a text': (number) => markOf(number),
  'a text behind the original': (number, original) => `${scalar(original)}${markOf(number)}`,
  'a text before the original': (number, original) => `${markOf(number)}${scalar(original)}`,
  words: (number) => `${markOf(number)} and ${markOf(number)}`,
  'an address': (number) => `${markOf(number)}@${markOf(number)}.test`,
  'a URL': (number) =>
    `https://${markOf(number)}:${markOf(number)}@${markOf(number)}.test:8443/${markOf(number)}?${markOf(number)}=${markOf(number)}#${markOf(number)}`,
  'an issuer': (number) => `https://localhost:9000/application/o/${markOf(number)}/?next=${markOf(number)}`,
  'a scheme of its own': (number) => `${markOf(number)}.app:/${markOf(number)}`,
  'a host and a port': (number) => `${markOf(number)}:8080/${markOf(number)}`,
  'a regular expression': (number) => `^https://(.+\\.)?${markOf(number)}\\.test/.*$`,
  'a duration': (number) => `hours=1;${markOf(number)}=2`,
  'percent signs': (number) =>
    `https://a.test/${[...markOf(number)].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('')}`,
  'a phone number': (number) => `+${digitsOf(number).replace(/(\d{2})(\d{3})/, '$1 $2 ')}`,
  'other digits': (number) =>
    [...digitsOf(number)].map((digit) => String.fromCodePoint(ARABIC_ZERO + Number(digit))).join(''),
  'a number': (number) => Number(digitsOf(number)),
  'an object': (number) => ({ [markOf(number)]: markOf(number), name: markOf(number), constructor: digitsOf(number) }),
  'a list': (number) => [markOf(number), [Number(digitsOf(number))]],
}

function scalar(value: Json): string {
  return value === null || typeof value === 'object' ? '' : String(value)
}

/** The numbers of the marks that stand in a text, in whatever way they are written there. */
export function marksIn(text: string): string[] {
  return writings(text).flatMap((writing) => writing.match(MARK) ?? [])
}

const MARK = /zqx[kjwvgzqxyu]{4,}xqz|zqx[kjwvgzqxyu]{4,}xqz|4917155\d{5}77|77\d{5}5517194/g
const BASE64 = /[A-Za-z0-9+/]{24,}={0,2}/g

/** As it is, percent-decoded, with plain digits, backwards; and what base64 in it says, in any alignment. */
function writings(text: string): string[] {
  const plain = text.replace(/\\u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  const decoded = plain.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('latin1'),
  )
  const base64 = Array.from(plain.matchAll(BASE64), ([run]) =>
    [0, 1, 2, 3].map((at) => Buffer.from(run.slice(at), 'base64').toString('latin1')),
  )
  const all = [plain, decoded, ...base64.flat()].join('\n').toLowerCase()
  const digits = all.replace(/\p{Nd}/gu, (digit) => String(plainDigit(digit))).replaceAll(/(?<=\d)[ -](?=\d)/g, '')
  return [digits, [...digits].reverse().join('')]
}

function plainDigit(digit: string): number {
  const code = digit.codePointAt(0) ?? 0
  return code >= ARABIC_ZERO && code < ARABIC_ZERO + 10 ? code - ARABIC_ZERO : Number(digit)
}
