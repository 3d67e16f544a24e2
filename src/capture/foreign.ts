import { parseIso } from '../world/instant.js'
import type { Json } from '../world/json.js'
import { ownerOf, type Place } from './anonymizer.js'
import { EMAIL } from './pseudonyms.js'
import { NAMES } from './published.js'
import { scrubUrl } from './urls.js'

/**
 * Replaces what nobody knows the meaning of: attributes, claims, fields of a release to come. Of it, only true, false,
 * null, what is empty, and published names stay.
 */

/** Deeper than this nothing is read: a fixture holds a hundred levels, those around it included. */
const MAX_DEPTH = 90

const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const DAY_LENGTH = 10
/** As many as a double holds. */
const LEADING_DIGITS = /^\d{1,15}(?:\.\d{1,6})?/

/** @param kind what the summary calls it */
export function scrubForeign(value: Json, kind: string, place: Place, depth = 0): Json {
  const { tally, remarks } = place
  if (typeof value === 'boolean') return tally.keep('booleans', value)
  if (typeof value === 'string') return tally.replace(kind, value, scrubText(value, place))
  if (typeof value === 'number') return tally.replace(kind, value, numberLike(value, place))
  if (value === null) return value
  if (depth >= MAX_DEPTH) {
    remarks.add(`${place.path}: deeper than ${MAX_DEPTH} levels: cut there`)
    return null
  }
  if (Array.isArray(value)) return value.map((member) => scrubForeign(member, kind, place, depth + 1))
  const names = freshNames(place)
  const members = Object.entries(value).map(([name, member]) => [
    names(name),
    scrubForeign(member, kind, place, depth + 1),
  ])
  return Object.fromEntries(members)
}

/** Names for the members of one object: two never get the same one. */
export function freshNames(place: Place): (name: string) => string {
  const used = new Set<string>()
  return (name) => {
    const wanted = scrubName(name, place)
    const given = used.has(wanted) ? place.fakeData.word(`${name} ${used.size}`) : wanted
    used.add(given)
    return given
  }
}

function scrubName(name: string, place: Place): string {
  const kind = 'names of claims and attributes'
  if (NAMES.has(name)) return place.tally.keep(kind, name)
  const hasForm = EMAIL.test(name) || ADDRESS.test(name)
  const known = place.pseudonyms.find(name, ownerOf(place))
  return place.tally.replace(kind, name, known ?? (hasForm ? scrubText(name, place) : place.fakeData.word(name)))
}

/** What a text says in a field of its own, it says here, too. */
export function scrubText(text: string, place: Place): string {
  const { pseudonyms, fakeData } = place
  if (text.trim() === '') return ''
  const known = pseudonyms.find(text, ownerOf(place))
  if (known !== undefined) return known
  if (ADDRESS.test(text)) return scrubUrl(text, place)
  if (EMAIL.test(text)) return fakeData.email(text.toLowerCase())
  if (UUID.test(text)) return fakeData.uuid(text.toLowerCase())
  if (parseIso(text) !== undefined) return text.length === DAY_LENGTH ? fakeData.day(text) : fakeData.moment(text)
  return /\p{L}/u.test(text) || !/\p{N}/u.test(text) ? fakeData.words(text) : fakeData.digits(text)
}

function numberLike(number: number, { fakeData }: Place): number {
  if (number === 0) return 0
  const [digits = '1'] = LEADING_DIGITS.exec(String(Math.abs(number))) ?? []
  return Math.sign(number) * Number(fakeData.digits(digits))
}
