/** Everything drawn at random here is a function of a seed, a label and a number, so any two machines agree. */

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

function mix(hash: number, value: number): number {
  let h = Math.imul(hash ^ value, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** A label as a number, computed once and then used with `draw`. */
export function label(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}

const begin = (seed: number) => mix(0x9e3779b9, seed)

/** An unsigned 32-bit number. */
export function draw(seed: number, what: number, index: number): number {
  return mix(mix(begin(seed), what), index) >>> 0
}

const scratch = Buffer.alloc(128)

/** `length` letters and digits. */
export function alphanumeric(seed: number, what: string, index: number, length: number): string {
  const start = begin(draw(seed, label(what), index))
  // In one piece: a text that grows by single characters is kept as a chain of them.
  const bytes = length > scratch.length ? Buffer.alloc(length) : scratch
  for (let i = 0; i < length; i++) {
    const drawn = mix(mix(start, i), length) >>> 0
    bytes[i] = ALPHANUMERIC.charCodeAt(drawn % ALPHANUMERIC.length)
  }
  return bytes.toString('latin1', 0, length)
}

/** `length` lower-case hexadecimal digits. */
export function hex(seed: number, what: string, index: number, length: number): string {
  const start = draw(seed, label(what), index)
  let text = ''
  for (let i = 0; text.length < length; i++) text += draw(start, i, 16).toString(16).padStart(8, '0')
  return text.slice(0, length)
}

/** A version 4 UUID. */
export function uuid(seed: number, what: string, index: number): string {
  const d = hex(seed, what, index, 32)
  const variant = '89ab'[Number.parseInt(d.charAt(16), 16) % 4]
  return `${d.slice(0, 8)}-${d.slice(8, 12)}-4${d.slice(13, 16)}-${variant}${d.slice(17, 20)}-${d.slice(20)}`
}
