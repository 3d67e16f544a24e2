import { parseIso } from '../world/instant.js'
import type { Json } from '../world/json.js'

/** What is harmless by its form alone: it has no room for anything that somebody chose. */

const MAX_INT32 = 2 ** 31 - 1
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z$/
const DURATION = /^(?:microseconds|milliseconds|seconds|minutes|hours|days|weeks)=\d{1,8}(?:\.\d{1,6})?$/i
const FIRST_SECOND = Date.UTC(2010) / 1000
const LAST_SECOND = Date.UTC(2200) / 1000

export function isKey(value: Json): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_INT32
}

export function isUuid(value: Json): boolean {
  return typeof value === 'string' && UUID.test(value)
}

/** A moment as authentik writes it. */
export function isMoment(value: Json): boolean {
  return typeof value === 'string' && MOMENT.test(value) && parseIso(value) === value
}

/** A moment as a token says it: seconds since 1970. */
export function isSeconds(value: Json): boolean {
  return Number.isInteger(value) && (value as number) >= FIRST_SECOND && (value as number) < LAST_SECOND
}

/** A duration in authentik's notation, without the pairs that authentik would skip. */
export function isDuration(value: Json): boolean {
  return typeof value === 'string' && value.split(';').every((pair) => DURATION.test(pair))
}

export function isFlag(value: Json): boolean {
  return typeof value === 'boolean'
}
