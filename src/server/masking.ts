import { decoded, withoutPartOfEscape } from './masking/decoded.js'
import { findEncoded } from './masking/encoded.js'
import { createKnown } from './masking/known.js'
import { findMadeUp, type MadeUpTokens } from './masking/made-up.js'
import { findPairs } from './masking/pairs.js'
import { leaveOut, type Span } from './masking/span.js'
import { findSpread } from './masking/spread.js'
import { findWords, isJwt } from './masking/words.js'

/** Leaves out of texts what is secret: by its name, by its look, and wherever it stands what is known. */
export interface Masks {
  /** Leaves a secret out from now on. */
  learn(secret: string): void
  /**
   * Takes time in proportion to the text.
   *
   * @param text a request target, a body, or anything else, also the beginning of it
   * @param isCut whether more stood behind it
   */
  mask(text: string, isCut?: boolean): string
  /** Leaves out only what is known. */
  maskKnown(text: string, isCut?: boolean): string
}

/** Without any of these a text holds no secret but a known one. */
const HINT = /[=:<%\\+&]|-----|ey[a-dj]|ew[k-r0-3]|bearer|basic|dpop|negotiate|digest/i

const MAX_REMEMBERED = 50
const MAX_REMEMBERED_LENGTH = 500

const ESCAPE = /[%\\&]/

/** How often the escapes of a text are read: there may be escapes in what is escaped. */
const MAX_DECODED = 3

/** @param tokenLike knows the tokens of made-up rows */
export function createMasks(tokenLike: MadeUpTokens = () => undefined): Masks {
  const known = createKnown()
  /** In a form, a plus sign is a space. */
  const findInForm = (text: string, isCut: boolean) =>
    text.includes('+') ? known.find(text.replaceAll('+', ' '), isCut) : []
  const findPlain = (text: string, isCut: boolean) => [...known.find(text, isCut), ...findInForm(text, isCut)]
  const findKnown = (text: string, isCut: boolean) => [
    ...known.find(text, isCut),
    ...findEncoded(text, (plain) => findDecoded(plain, (read) => findPlain(read, isCut), String)),
    ...findMadeUp(text, isCut, tokenLike),
    ...findSpread(text, (plain) => known.find(plain, isCut)),
  ]
  /** What short texts became: clients ask for the same again and again. A secret that is learnt may stand in them. */
  const masked = new Map<string, string>()

  function maskNow(given: string, isCut: boolean): string {
    // What was cut in the middle of a character ends with what is none.
    const text = isCut ? given.replace(/\ufffd{1,3}$/, '') : given
    // Most texts are short paths.
    if (!HINT.test(text)) return leaveOut(text, findKnown(text, isCut))
    const find = (read: string) => [...findWords(read), ...findKnown(read, isCut), ...findInForm(read, isCut)]
    return leaveOut(text, [...findPairs(text), ...findDecoded(text, find, isCut ? withoutPartOfEscape : String)])
  }

  return {
    learn(secret) {
      masked.clear()
      if (isJwt(secret)) return
      known.learn(secret)
      // Where what is around it is read without its escapes, so is what looks like one in the secret.
      for (let [read, times] = [secret, 0]; times < MAX_DECODED && ESCAPE.test(read); times++) {
        read = decoded(read).text
        known.learn(read)
      }
    },
    mask(text, isCut = false) {
      if (isCut || text.length > MAX_REMEMBERED_LENGTH) return maskNow(text, isCut)
      const remembered = masked.get(text)
      if (remembered !== undefined) return remembered
      if (masked.size >= MAX_REMEMBERED) masked.clear()
      const shown = maskNow(text, false)
      masked.set(text, shown)
      return shown
    },
    maskKnown(text, isCut = false) {
      const find = (read: string) => findKnown(read, isCut)
      return leaveOut(text, findDecoded(text, find, isCut ? withoutPartOfEscape : String))
    },
  }
}

/**
 * What is found in a text as it stands, and as it reads without its escapes.
 *
 * @param whole leaves out what is only the beginning of an escape
 */
function findDecoded(text: string, find: (text: string) => Span[], whole: (text: string) => string): Span[] {
  let read = whole(text)
  const spans = find(read)
  let origin = (place: number) => place
  for (let times = 0; times < MAX_DECODED && ESCAPE.test(read); times++) {
    const { text: next, at } = decoded(read)
    if (next === read) break
    const before = origin
    origin = (place) => before(at[place] as number)
    read = whole(next)
    for (const { start, end, mark } of find(read)) spans.push({ start: origin(start), end: origin(end), mark })
  }
  return spans
}

const MASKS = createMasks()

/** A body, without what its names or its look tell to be secret. */
export function maskBody(body: string): string {
  return MASKS.mask(body)
}
