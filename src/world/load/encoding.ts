import { isUtf8 } from 'node:buffer'
import { placeIn } from './json-text.js'

const MARKS: [mark: number[], encoding: string][] = [
  [[0xff, 0xfe, 0, 0], 'UTF-32, little endian'],
  [[0, 0, 0xfe, 0xff], 'UTF-32, big endian'],
  [[0xff, 0xfe], 'UTF-16, little endian'],
  [[0xfe, 0xff], 'UTF-16, big endian'],
  [[0x1f, 0x8b], 'gzip'],
]

const BLOCK = 64 * 1024

/**
 * Reads a text.
 *
 * @throws SyntaxError that says which encoding it looks like, if it is not UTF-8
 */
export function decodeUtf8(bytes: Buffer): string {
  const other = otherEncoding(bytes)
  if (other !== undefined) throw new SyntaxError(`what looks like ${other}`)
  if (isUtf8(bytes)) return bytes.toString('utf8').replace(/^\uFEFF/, '')
  const position = firstBroken(bytes)
  const before = bytes.toString('utf8', 0, position)
  const byte = (bytes[position] ?? 0).toString(16).toUpperCase()
  const place = placeIn(before, before.length)
  throw new SyntaxError(
    `what looks like ${eightBitEncoding(bytes, position)}: the byte ${byte} in ${place} is not UTF-8`,
  )
}

/** By its mark, or by where the zeros are: JSON begins with two characters of ASCII, and has no character 0. */
function otherEncoding(bytes: Buffer): string | undefined {
  const marked = MARKS.find(([mark]) => mark.length <= bytes.length && mark.every((byte, i) => bytes[i] === byte))
  if (marked !== undefined) return marked[1]
  const zeros = [...bytes.subarray(0, 4)].map((byte) => (byte === 0 ? '0' : 'x')).join('')
  if (zeros === 'x000') return 'UTF-32, little endian'
  if (zeros === '000x') return 'UTF-32, big endian'
  if (zeros.startsWith('x0')) return 'UTF-16, little endian'
  return zeros.startsWith('0x') ? 'UTF-16, big endian' : undefined
}

/** Where UTF-8 is only broken, there are characters of several bytes about that are not, or it ends too early. */
function eightBitEncoding(bytes: Buffer, position: number): string {
  const about = bytes.subarray(Math.max(0, position - BLOCK), position + BLOCK)
  const text = about.toString('utf8')
  const whole = text.match(/[^\0-\x7f\uFFFD]/gu)?.length ?? 0
  const broken = text.match(/\uFFFD/g)?.length ?? 0
  if (whole >= broken || position + 4 > bytes.length) return 'UTF-8 with a broken character'
  return bytes.some((byte) => byte >= 0x80 && byte < 0xa0) ? 'Windows-1252' : 'Latin-1'
}

/** Where the first byte is that is no UTF-8, in a text that has one. */
function firstBroken(bytes: Buffer): number {
  let at = 0
  for (let end = nextCharacter(bytes, BLOCK); isUtf8(bytes.subarray(at, end)); end = nextCharacter(bytes, at + BLOCK))
    at = end
  for (let end = nextCharacter(bytes, at + 1); isUtf8(bytes.subarray(at, end)); end = nextCharacter(bytes, at + 1))
    at = end
  // A byte that goes on with a character may follow a whole one.
  const whole = [4, 3, 2, 1].find((length) => isUtf8(bytes.subarray(at, at + length))) ?? 0
  return at + whole
}

/** The first byte from there on that does not go on with a character. */
function nextCharacter(bytes: Buffer, from: number): number {
  let at = from
  while (at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80) at++
  return at
}
