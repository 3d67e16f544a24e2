import type { Json } from '../world/json.js'
import { type Fields, isObject, type Place, type Rule, type Table, within } from './anonymizer.js'
import type { FakeData } from './fake-data.js'
import { freshNames, scrubForeign } from './foreign.js'
import * as harmless from './harmless.js'
import type { Kept } from './tally.js'

/** What the table of fields is made of. A rule that keeps values says which; all others replace whatever they meet. */

/** A value stays where it is harmless; else `otherwise` says what stands in its place. */
export function kept(kind: Kept, isHarmless: (value: Json, place: Place) => boolean, otherwise: Rule): Rule {
  return (value, place) => (isHarmless(value, place) ? place.tally.keep(kind, value) : otherwise(value, place))
}

/** For what a real authentik never says: something of the right kind, so that the fixture can be read. */
export function odd(what: string, instead: (text: string, fakeData: FakeData) => Json): Rule {
  return (value, place) => {
    place.remarks.add(`${place.path}: not ${what}, which it always is: a made-up one stands there`)
    return place.tally.replace('values of the wrong kind', value, instead(textOf(value), place.fakeData))
  }
}

export const key = kept(
  'primary keys',
  harmless.isKey,
  odd('a primary key', (text, fakeData) => fakeData.key(text)),
)
export const moment = kept(
  'dates',
  harmless.isMoment,
  odd('a moment', (text, fakeData) => fakeData.moment(text)),
)
export const seconds = kept(
  'dates',
  harmless.isSeconds,
  odd('a moment', (text, fakeData) => Date.parse(fakeData.moment(text)) / 1000),
)
export const flag = kept(
  'booleans',
  harmless.isFlag,
  odd('true or false', () => false),
)
export const duration = kept(
  'durations',
  harmless.isDuration,
  odd('a duration', (text) => text.split(';').filter(harmless.isDuration).join(';') || 'hours=1'),
)

/** A UUID stays, and so does the same one wherever else it stands. */
export const uuid: Rule = kept(
  'UUIDs',
  (value, { pseudonyms }) => {
    if (!harmless.isUuid(value)) return false
    pseudonyms.of(value as string, () => value as string)
    return true
  },
  odd('a UUID', (text, fakeData) => fakeData.uuid(text)),
)

export function oneOf(values: readonly string[]): Rule {
  const isOne = (value: Json) => values.includes(value as string)
  return kept(
    'enum values',
    isOne,
    odd(`one of ${values.join(', ')}`, () => values[0] as string),
  )
}

export function fixed(text: string): Rule {
  return kept(
    'fixed texts',
    (value) => value === text,
    odd(JSON.stringify(text), () => text),
  )
}

/** A text that is always replaced, but for an empty one. */
export function text(kind: string, replacement: (text: string, place: Place) => string): Rule {
  return (value, place) => {
    if (value === '') return value
    if (typeof value !== 'string')
      place.remarks.add(`${place.path}: not a text, which it always is: a made-up one stands there`)
    return place.tally.replace(kind, value, replacement(textOf(value), place))
  }
}

export function orNull(rule: Rule): Rule {
  return (value, place) => (value === null ? null : rule(value, place))
}

export function listOf(rule: Rule): Rule {
  return (value, place) => {
    const inside = within(place, `${place.path}[]`)
    if (Array.isArray(value)) return value.map((member) => rule(member, inside))
    return odd('a list', () => [])(value, place)
  }
}

/** An object of fields that are known. Another one is of a release to come, and its name is replaced, too. */
export function objectOf(table: Table): Rule {
  return (value, place) => {
    if (!isObject(value)) return odd('an object', () => ({}))(value, place)
    const names = freshNames(place)
    const members = Object.entries(value).map(([name, member]) => {
      const rule = table.get(name)
      if (rule !== undefined) return [name, rule(member, within(place, joined(place.path, name), value))]
      const shown = names(name)
      const path = joined(place.path, shown)
      return [shown, scrubForeign(member, 'unknown fields', within(place, path))]
    })
    return Object.fromEntries(members)
  }
}

/** A list of such objects. What lacks a field that makes it one is left out. */
export function listOfObjects(table: Table, required: string[]): Rule {
  const list = listOf(objectOf(table))
  return (value, place) => {
    if (!Array.isArray(value)) return list(value, place)
    const members = value.filter((member) => hasFields(member, required))
    if (members.length < value.length)
      place.remarks.add(`${place.path}[]: not an object with ${required.join(' and ')}: left out`)
    return list(members, place)
  }
}

const uuids = listOf(uuid)

/** The keys of the objects that stand beside it, as they always are. */
export function keysOf(beside: string, required: string[]): Rule {
  return (value, place) => {
    const objects = place.around[beside] ?? null
    if (objects === null) return uuids(value, place)
    const members = Array.isArray(objects) ? objects.filter((member) => hasFields(member, required)) : []
    const keys = members.map((member) => (member as Fields)['pk'] as Json)
    if (JSON.stringify(keys) !== JSON.stringify(value))
      place.remarks.add(`${place.path}: not the keys of ${beside}, which it always is: those stand there`)
    return uuids(keys, place)
  }
}

function hasFields(value: Json, required: string[]): boolean {
  return isObject(value) && required.every((name) => Object.hasOwn(value, name))
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

const OUTLINE_DEPTH = 5

/** What a made-up value is a function of: of an object that stands for a text, as much as tells it from others. */
function textOf(value: Json, depth = 0): string {
  if (value === null || typeof value !== 'object') return String(value)
  if (depth === OUTLINE_DEPTH) return '…'
  return Object.entries(value)
    .map(([name, member]) => `${name}: ${textOf(member, depth + 1)}`)
    .join()
}
