import { alphanumeric, draw, hex, label } from './random.js'

/**
 * Secrets of rows that nobody gave one. Each is a function of the seed, the kind and the primary key, and the key can be
 * read back from it, so that a row is found by its secret without a list of secrets, even among a million made-up ones.
 */
export interface SecretForm {
  /** @param what names the kind and the field */
  of(seed: number, what: string, key: number): string
  /**
   * The key of the row that may have this secret. NaN: no row has.
   *
   * @param at where the secret begins in the text
   */
  keyOf(seed: number, what: string, text: string, at?: number): number
}

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const HEX = '0123456789abcdef'
const PRINTABLE = String.fromCharCode(...Array.from({ length: 94 }, (_, i) => 0x21 + i))

/** 128 letters and digits: a token. */
export const tokenForm: SecretForm = {
  of: (seed, what, key) => encode(seed, what, key, LETTERS_AND_DIGITS, 6) + alphanumeric(seed, what, key, 122),
  keyOf: (seed, what, text, at = 0) => decode(seed, what, text, at, 6, LETTERS_AND_DIGITS),
}

/** The token of a made-up row that may begin at a place of a text. Undefined: none does. */
export function madeUpToken(seed: number, text: string, at: number): string | undefined {
  const key = tokenForm.keyOf(seed, MADE_UP, text, at)
  return key <= MAX_MADE_UP ? tokenForm.of(seed, MADE_UP, key) : undefined
}

const MADE_UP = 'refresh_tokens token'
/** More than primary keys of made-up rows are ever large. */
const MAX_MADE_UP = 2 ** 24

/** Whether `madeUpToken` knows what this key yields. */
export function isOfMadeUpToken(what: string, key: number): boolean {
  return what === MADE_UP && key <= MAX_MADE_UP
}

/** 32 hexadecimal digits, a version 4 UUID without hyphens: an authorization code. */
export const codeForm: SecretForm = {
  of(seed, what, key) {
    const rest = hex(seed, what, key, 24)
    const variant = '89ab'[Number.parseInt(rest.charAt(8), 16) % 4]
    return `${encode(seed, what, key, HEX, 8)}${rest.slice(0, 4)}4${rest.slice(5, 8)}${variant}${rest.slice(9)}`
  },
  keyOf: (seed, what, text, at = 0) => decode(seed, what, text, at, 8, HEX),
}

/** 128 visible ASCII characters, quotes and backslashes among them: a device code. */
export const deviceCodeForm: SecretForm = {
  of(seed, what, key) {
    const start = draw(seed, label(what), key)
    let text = encode(seed, what, key, PRINTABLE, 5)
    for (let i = text.length; i < 128; i++) text += PRINTABLE[draw(start, i, 128) % PRINTABLE.length]
    return text
  },
  keyOf: (seed, what, text, at = 0) => decode(seed, what, text, at, 5, PRINTABLE),
}

const CODES = 1_000_000_000n
/** No factor of ten in it, so that multiplication by it shuffles the codes. */
const FACTOR = 387_420_489n
const INVERSE_FACTOR = 513_180_409n

/** 9 digits, for people to type. */
export const userCodeForm: SecretForm = {
  of: (seed, what, key) => String((BigInt(key) * FACTOR + BigInt(draw(seed, label(what), 0))) % CODES).padStart(9, '0'),
  keyOf(seed, what, secret) {
    if (!/^\d{9}$/.test(secret)) return Number.NaN
    const offset = BigInt(draw(seed, label(what), 0)) % CODES
    return Number(((BigInt(secret) + CODES - offset) * INVERSE_FACTOR) % CODES)
  },
}

const ODD = 0x9e3779b1
const INVERSE_ODD = 0x0e8b2f51
const MAX_UINT32 = 0xffffffff

/** A key as a few characters that look drawn. */
function encode(seed: number, what: string, key: number, alphabet: string, length: number): string {
  let rest = (Math.imul(key ^ draw(seed, label(what), 1), ODD) ^ draw(seed, label(what), 2)) >>> 0
  let text = ''
  for (let i = 0; i < length; i++) {
    text += alphabet[rest % alphabet.length]
    rest = Math.floor(rest / alphabet.length)
  }
  return text
}

function decode(seed: number, what: string, text: string, at: number, length: number, alphabet: string): number {
  let scrambled = 0
  // The last digit counts most. Most texts are no key, which it tells, and the journal asks at every place of one.
  for (let i = length - 1, worth = alphabet.length ** i; i >= 0; i--, worth /= alphabet.length) {
    const digit = alphabet.indexOf(text.charAt(at + i) || NO_DIGIT)
    if (digit === -1) return Number.NaN
    scrambled += digit * worth
    if (scrambled > MAX_UINT32) return Number.NaN
  }
  return (Math.imul(scrambled ^ draw(seed, label(what), 2), INVERSE_ODD) ^ draw(seed, label(what), 1)) >>> 0
}

/** In no alphabet. */
const NO_DIGIT = ' '
