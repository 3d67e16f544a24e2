import type { Json } from '../world/json.js'
import type { FakeData } from './fake-data.js'
import type { Pseudonyms } from './pseudonyms.js'
import type { Remarks } from './remarks.js'
import type { Tally } from './tally.js'

export type Fields = { [field: string]: Json }

/** What all replacements of one capture share. */
export interface Anonymizer {
  fakeData: FakeData
  pseudonyms: Pseudonyms
  tally: Tally
  remarks: Remarks
  /** What uids are computed from, in the place of the target's own. */
  installId: string
}

/** A value in its place. */
export interface Place extends Anonymizer {
  /** Such as `user.groups_obj[].name`. */
  path: string
  /** The object around it, as it was. */
  around: Fields
  /** The user of the row, as it was. */
  user: Fields
}

/** A place inside another. Written out, as it is made for each value: to spread one takes several times as long. */
export function within(
  { fakeData, pseudonyms, tally, remarks, installId, around, user }: Place,
  path: string,
  inside = around,
): Place {
  return { fakeData, pseudonyms, tally, remarks, installId, user, path, around: inside }
}

/** What becomes of a value. */
export type Rule = (value: Json, place: Place) => Json

/** The rule of each field of an object. */
export type Table = ReadonlyMap<string, Rule>

export function isObject(value: Json): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** Whose names are meant first in a place. */
export function ownerOf({ user: { pk } }: Place): string {
  return typeof pk === 'object' ? '' : String(pk)
}
