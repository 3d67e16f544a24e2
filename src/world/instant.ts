import { memoize } from './memoize.js'

/**
 * A moment as authentik writes it: UTC, `YYYY-MM-DDTHH:MM:SS.ffffffZ` with six fraction digits,
 * or with no fraction at all when the microseconds are 0.
 */
export type Instant = string

/** Microseconds since 1970, the unit of every computation with time in this program. Those of a moment are whole. */
export type Micros = number

const UNITS: Record<string, Micros> = {
  microseconds: 1,
  milliseconds: 1e3,
  seconds: 1e6,
  minutes: 6e7,
  hours: 3.6e9,
  days: 8.64e10,
  weeks: 6.048e11,
}

const ISO = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?([Zz]|[+-]\d\d:?\d\d)?)?$/

/** As long as a duration of Python's can be, either way. */
const MAX_DAYS = 999_999_999

/** What the messages say of a moment in a fixture or a control body. */
export const INSTANT_FORM =
  'an ISO 8601 date, or a time from now in authentik’s notation such as "days=30" or "-hours=1;minutes=5", in the years 1 to 9999'

/** What the messages say of a duration. */
export const DURATION_FORM = `number of ${Object.keys(UNITS).join(', ')}, joined by ";", such as "days=30", at the most ${MAX_DAYS} days`

/** What the messages say of a moment that is computed. */
export const OUT_OF_RANGE = 'which leads out of the years 1 to 9999'

/** Most of the moments that are looked at lie in a few seconds. */
const MAX_SECONDS = 1000
const textOfSecond = memoize(MAX_SECONDS, (second: number) => new Date(second * 1e3).toISOString().slice(0, 19))
const secondOfText = memoize(MAX_SECONDS, (text: string): Micros => Date.parse(`${text}Z`) * 1e3)

/** @throws RangeError for a moment that is none: see `isMoment` */
export function formatInstant(micros: Micros): Instant {
  if (!isMoment(micros)) throw new RangeError(`${micros} µs since 1970, ${OUT_OF_RANGE}`)
  const seconds = Math.floor(micros / 1e6)
  const fraction = micros - seconds * 1e6
  const text = textOfSecond(seconds)
  return fraction === 0 ? `${text}Z` : `${text}.${String(fraction).padStart(6, '0')}Z`
}

/**
 * Exact between the years 1684 and 2255, where a double still counts single microseconds. Farther out it is up to 32 of
 * them too early, and never too late: the last moment of a year stays in that year.
 */
export function microsOf(instant: Instant): Micros {
  const second = secondOfText(instant.slice(0, 19))
  const fraction = Number(instant.slice(20, -1))
  const sum = second + fraction
  return sum - second > fraction ? sum - stepAt(sum) : sum
}

/** How far a double of this size is from the next one. */
function stepAt(micros: Micros): number {
  return 2 ** (Math.floor(Math.log2(Math.abs(micros))) - 52)
}

/** Reads ISO 8601, without an offset as UTC. Undefined: not a date, a day that no calendar has, or out of range. */
export function parseIso(text: string): Instant | undefined {
  const [, date = '', minute = '00:00', second = '00', fraction = '', zone = 'Z'] = ISO.exec(text) ?? []
  const offset = zone.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')
  const time = Date.parse(`${date}T${minute}:${second}${offset}`)
  const realDay = new Date(`${date}T00:00:00Z`)
  if (Number.isNaN(time) || Number.isNaN(realDay.getTime()) || !realDay.toISOString().startsWith(date)) return undefined
  if (!isMoment(time * 1e3)) return undefined
  const digits = Number(fraction) === 0 ? '' : `.${fraction.padEnd(6, '0')}`
  return `${new Date(time).toISOString().slice(0, 19)}${digits}Z`
}

/**
 * Reads authentik's notation of a duration: `key=number` pairs joined by `;`, keys in any case, fractions allowed.
 * A leading `-` turns the whole around. Unknown keys are skipped, as authentik does, unless `strict`.
 * Undefined: not in this notation, or longer than Python's durations can be.
 */
export function parseDuration(text: string, { strict = false } = {}): Micros | undefined {
  const backwards = text.startsWith('-')
  let micros = 0
  for (const pair of (backwards ? text.slice(1) : text).split(';')) {
    const [, key = '', number = ''] = /^\s*(\w+)\s*=\s*(-?\d+(?:\.\d+)?)\s*$/.exec(pair) ?? []
    const unit = UNITS[key.toLowerCase()]
    if (number === '' || (strict && unit === undefined)) return undefined
    micros += Math.round(Number(number) * (unit ?? 0))
  }
  if (!(Math.abs(micros) <= MAX_DAYS * 8.64e10)) return undefined
  return backwards ? -micros : micros
}

const FIRST = microsOf('0001-01-01T00:00:00Z')
const LAST = microsOf('9999-12-31T23:59:59.999999Z')

/** Whether a moment is in the years 1 to 9999, the range of authentik's own dates. */
export function isMoment(micros: Micros): boolean {
  return micros >= FIRST && micros <= LAST
}

/** The moment itself, or the end of the range that it has passed. */
export function nearestMoment(micros: Micros): Micros {
  return Math.max(FIRST, Math.min(LAST, micros))
}

/** Whether a text says a moment, whatever it may count from. */
export function isInstant(text: string): boolean {
  return parseDuration(text, { strict: true }) !== undefined || parseIso(text) !== undefined
}

/** Reads a moment of a fixture: ISO 8601, or a duration counted from `begin`. Undefined: neither, or out of range. */
export function parseInstant(text: string, begin: Micros): Instant | undefined {
  const duration = parseDuration(text, { strict: true })
  if (duration === undefined) return parseIso(text)
  const micros = begin + duration
  return isMoment(micros) ? formatInstant(micros) : undefined
}

/** Over is what lies behind, to the microsecond. What never expires is never over. */
export function isOver(expires: Instant | null, now: Micros): boolean {
  return expires !== null && now > microsOf(expires)
}
