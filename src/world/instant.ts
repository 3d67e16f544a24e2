/**
 * A moment as authentik writes it: UTC, `YYYY-MM-DDTHH:MM:SS.ffffffZ` with six fraction digits,
 * or with no fraction at all when the microseconds are 0.
 */
export type Instant = string

/** Microseconds since 1970, the unit of every computation with time in this program. */
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

/** What the messages say of a moment in a fixture or a control body. */
export const INSTANT_FORM =
  'an ISO 8601 date, or a time from now in authentik’s notation such as "days=30" or "-hours=1;minutes=5"'

/** What the messages say of a duration. */
export const DURATION_FORM = `number of ${Object.keys(UNITS).join(', ')}, joined by ";", such as "days=30"`

export function formatInstant(micros: Micros): Instant {
  const seconds = Math.floor(micros / 1e6)
  const fraction = micros - seconds * 1e6
  const text = new Date(seconds * 1e3).toISOString().slice(0, 19)
  return fraction === 0 ? `${text}Z` : `${text}.${String(fraction).padStart(6, '0')}Z`
}

/** Exact between the years 1684 and 2255, where a double still counts single microseconds. */
export function microsOf(instant: Instant): Micros {
  return Date.parse(`${instant.slice(0, 19)}Z`) * 1e3 + Number(instant.slice(20, -1))
}

/** Reads ISO 8601, without an offset as UTC. Undefined: not a date, or a day that no calendar has. */
export function parseIso(text: string): Instant | undefined {
  const [, date = '', minute = '00:00', second = '00', fraction = '', zone = 'Z'] = ISO.exec(text) ?? []
  const offset = zone.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')
  const time = Date.parse(`${date}T${minute}:${second}${offset}`)
  const realDay = new Date(`${date}T00:00:00Z`)
  if (Number.isNaN(time) || Number.isNaN(realDay.getTime()) || !realDay.toISOString().startsWith(date)) return undefined
  const digits = Number(fraction) === 0 ? '' : `.${fraction.padEnd(6, '0')}`
  return `${new Date(time).toISOString().slice(0, 19)}${digits}Z`
}

/**
 * Reads authentik's notation of a duration: `key=number` pairs joined by `;`, keys in any case, fractions allowed.
 * A leading `-` turns the whole around. Unknown keys are skipped, as authentik does, unless `strict`.
 * Undefined: not in this notation.
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
  return backwards ? -micros : micros
}

const FIRST = microsOf('0001-01-01T00:00:00Z')
const LAST = microsOf('9999-12-31T23:59:59.999999Z')

/** Reads a moment of a fixture: ISO 8601, or a duration counted from `begin`. Undefined: neither, or beyond year 9999. */
export function parseInstant(text: string, begin: Micros): Instant | undefined {
  const duration = parseDuration(text, { strict: true })
  if (duration === undefined) return parseIso(text)
  const micros = begin + duration
  return micros >= FIRST && micros <= LAST ? formatInstant(micros) : undefined
}
