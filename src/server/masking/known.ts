import { MARK, type Span } from './span.js'

/** Secrets that are known, found wherever they stand. */
export interface Known {
  /** Remembers a secret, of those that were learnt last. */
  learn(secret: string): void
  /** @param isCut whether the text ends before its end: then the beginning of a secret may stand there */
  find(text: string, isCut: boolean): Span[]
}

/** Shorter ones would be found in everything. */
const MIN_LENGTH = 4
/** Shorter ones are found only where no letter or digit stands beside them. */
const LONG = 8
/** Of a longer one, the beginning is remembered, and its length. */
const MAX_LENGTH = 1024
/** Of characters, of all that are remembered. */
const MAX_TOTAL = 16 * 1024 * 1024

/** How many bits the hash of a beginning has: at first, and when there are many. */
const FEW_BITS = 12
const MANY_BITS = 18
/** From so many secrets on there are many. */
const MANY = 256
/** Odd, and with bits set everywhere, so that it spreads what is multiplied. */
const HASH_FACTOR = 0x9e3779b1

/** Secrets with the same first characters, by the length that is remembered of them; each with its whole length. */
type Group = Map<number, Map<string, number>>

export function createKnown(): Known {
  const all = new Set<string>()
  const groups = new Map<string, Group>()
  /** How secrets begin, so that most places of a text are passed over at a look. */
  let bits = FEW_BITS
  let starts = new Uint8Array(1 << bits)
  let total = 0

  function forgetOldest(): void {
    for (const secret of all) {
      if (total <= 0.9 * MAX_TOTAL) break
      all.delete(secret)
      total -= secret.length
      groups.get(secret.slice(0, MIN_LENGTH))?.get(secret.length)?.delete(secret)
    }
  }

  function widen(): void {
    bits = MANY_BITS
    starts = new Uint8Array(1 << bits)
    for (const start of groups.keys()) starts[startAt(start, 0, bits)] = 1
  }

  return {
    learn(whole) {
      const secret = whole.length > MAX_LENGTH ? Buffer.from(whole.slice(0, MAX_LENGTH)).toString() : whole
      if (secret.length < MIN_LENGTH || all.has(secret)) return
      all.add(secret)
      total += secret.length
      if (total > MAX_TOTAL) forgetOldest()
      const start = secret.slice(0, MIN_LENGTH)
      const group: Group = groups.get(start) ?? new Map()
      groups.set(start, group)
      group.set(secret.length, (group.get(secret.length) ?? new Map()).set(secret, whole.length))
      starts[startAt(secret, 0, bits)] = 1
      if (bits === FEW_BITS && all.size >= MANY) widen()
    },
    find(text, isCut) {
      const spans: Span[] = []
      for (let start = 0; start <= text.length - MIN_LENGTH; start++) {
        if (starts[startAt(text, start, bits)] === 0) continue
        const group = groups.get(text.slice(start, start + MIN_LENGTH))
        if (group === undefined) continue
        const end = endIn(group, text, start, isCut)
        if (end > start) spans.push({ start, end, mark: MARK })
      }
      return spans
    },
  }
}

/** The first four characters as a number of so many bits; there may be two beginnings with the same one. */
function startAt(text: string, at: number, bits: number): number {
  let hash = 0
  for (let i = at; i < at + MIN_LENGTH; i++) hash = Math.imul(hash ^ text.charCodeAt(i), HASH_FACTOR)
  return hash >>> (32 - bits)
}

/** The end of the longest secret that begins at `start`; `start` itself: there is none. */
function endIn(group: Group, text: string, start: number, isCut: boolean): number {
  let end = start
  for (const [length, secrets] of group) {
    const to = start + length
    if (to > text.length) {
      const rest = text.slice(start)
      if (isCut && [...secrets.keys()].some((secret) => secret.startsWith(rest))) return text.length
    } else if (to > end) {
      const whole = secrets.get(text.slice(start, to))
      if (whole !== undefined && (length >= LONG || standsAlone(text, start, to)))
        end = Math.min(text.length, start + whole)
    }
  }
  return end
}

function standsAlone(text: string, start: number, end: number): boolean {
  return !/[\p{L}\p{N}]/u.test(text.charAt(start - 1)) && !/[\p{L}\p{N}]/u.test(text.charAt(end))
}
