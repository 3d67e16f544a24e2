import { numPkOf } from '../src/world/computed-fields.js'
import { microsOf } from '../src/world/instant.js'
import type { Facts } from './facts.js'
import { type Hole, type Piece, piecesOf } from './pieces.js'
import type { Values } from './values.js'

/** What a text is matched by. */
export interface Place {
  facts: Facts
  values: Values
  /** Whether the text is JSON or a URL: it says where a value ends. */
  form: 'json' | 'url'
  /** The section of the rows that the text is about. */
  rows?: string | undefined
  /** By how many seconds a time in seconds may differ: the recorded second may have passed during the answer. */
  drift: number
}

export interface Match {
  /** Values that were met for the first time, by name. */
  named: [name: string, value: string][]
  drawn: [recorded: string, value: string][]
  /** Tokens that are not letter by letter what their name stands for: two that were issued in another second. */
  others: [name: string, token: string][]
  /** Undefined: the texts agree. */
  mismatch?: Mismatch
}

export interface Mismatch {
  got: string
  wanted: string
}

const VALUE = { json: /(?:[^"\\]|\\.)*/y, url: /[^&#\s]*/y }
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z/y
/** How much later than the request the recorded server may have read its clock, and how much earlier a second began. */
const LATE = 3e6
const EARLY = 1e6
const JWT = /^[\w-]+\.[\w-]+\.[\w-]/
const EXCERPT = 120
const BEFORE = 40

/** Goes along a recorded text and an answer, and stops at the first difference. Changes nothing. */
export function matchText(recorded: string, got: string, place: Place): Match {
  const pieces = piecesOf(recorded, place.facts, place.rows)
  const match: Match = { named: [], drawn: [], others: [] }
  let at = 0
  for (const [i, piece] of pieces.entries()) {
    const end = typeof piece === 'string' ? endOfLiteral(piece, got, at) : endOfHole(piece, got, at, match, place)
    if (end === undefined) return { ...match, mismatch: mismatchOf(pieces, i, got, at, place) }
    at = end
  }
  return at === got.length ? match : { ...match, mismatch: mismatchOf(pieces, pieces.length, got, at, place) }
}

export function commit({ named, drawn }: Match, values: Values): void {
  for (const [name, value] of named) values.named.set(name, value)
  for (const [recorded, value] of drawn) {
    values.drawn.set(recorded, value)
    values.drawnFor.set(value, recorded)
  }
}

function endOfLiteral(piece: string, got: string, at: number): number | undefined {
  return got.startsWith(piece, at) ? at + piece.length : undefined
}

function endOfHole(hole: Hole, got: string, at: number, match: Match, place: Place): number | undefined {
  const found = stickyMatch(patternOf(hole, place), got, at)
  return found !== undefined && isFilled(hole, found, got.slice(0, at), match, place) ? at + found.length : undefined
}

function patternOf(hole: Hole, { form }: Place): RegExp {
  switch (hole.kind) {
    case 'value':
      return VALUE[form]
    case 'drawn':
      return new RegExp(hole.pattern, 'y')
    case 'counted':
      return /\d+/y
    case 'instant':
      return INSTANT
    case 'seconds':
    case 'num_pk':
      return /\d+/y
    case 'scope':
      return hole.recorded.startsWith('[') ? /\[[^\]]*\]/y : /[^"\\]*/y
  }
}

function stickyMatch(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** @param before what the answer says before it */
function isFilled(hole: Hole, found: string, before: string, match: Match, place: Place): boolean {
  switch (hole.kind) {
    case 'value':
      return isValue(hole, read(found, place), match, place)
    case 'drawn':
      return isDrawn(hole, found, match, place)
    case 'counted':
      return isDrawn({ ...hole, key: 'pk' }, `${hole.section} ${found}`, match, place)
    case 'instant': {
      const late = microsOf(hole.recorded) - microsOf(found)
      return late >= -EARLY && late <= LATE
    }
    case 'seconds':
      return Math.abs(Number(hole.recorded) - Number(found)) <= place.drift
    case 'num_pk':
      return Number(found) === numPkOf(/([0-9a-f-]{36})","num_pk":$/.exec(before.slice(-100))?.[1] ?? '0')
    case 'scope':
      return sorted(hole.recorded) === sorted(found)
  }
}

function read(found: string, { form }: Place): string {
  if (form === 'url') return found
  try {
    return JSON.parse(`"${found}"`)
  } catch {
    return found
  }
}

function isValue({ name, base64 }: Hole & { kind: 'value' }, found: string, match: Match, { values }: Place): boolean {
  const value = base64 ? Buffer.from(found, 'base64').toString() : found
  const known = values.named.get(name) ?? match.named.find(([other]) => other === name)?.[1]
  if (known === undefined) match.named.push([name, value])
  else if (known !== value && JWT.test(known) && JWT.test(value)) match.others.push([name, value])
  else return known === value
  return value !== ''
}

function isDrawn(
  { key, recorded }: { key: string; recorded: string },
  found: string,
  match: Match,
  { values }: Place,
): boolean {
  if (/_hash$/.test(key) && found !== recorded && !values.hashes.has(found)) return false
  const known = values.drawn.get(recorded) ?? match.drawn.find(([other]) => other === recorded)?.[1]
  if (known !== undefined) return known === found
  match.drawn.push([recorded, found])
  return (values.drawnFor.get(found) ?? recorded) === recorded
}

function sorted(scope: string): string {
  return (scope.match(/[^\s",[\]]+/g) ?? []).sort().join(' ')
}

/** Both texts from a little before the first letter that differs. */
function mismatchOf(pieces: Piece[], index: number, got: string, at: number, { values }: Place): Mismatch {
  const rest = pieces.slice(index).map((piece) => shown(piece, values))
  const wanted = got.slice(0, at) + rest.join('')
  let end = at
  while (end < got.length && got[end] === wanted[end]) end++
  const from = Math.max(0, end - BEFORE)
  const cut = (text: string) => `${from > 0 ? '…' : ''}${shorten(text.slice(from))}`
  return { got: cut(got), wanted: cut(wanted) }
}

function shown(piece: Piece, { named, drawn }: Values): string {
  if (typeof piece === 'string') return piece
  if (piece.kind === 'value') return named.get(piece.name) ?? `{{${piece.name}}}`
  if (piece.kind === 'counted') return (drawn.get(piece.recorded) ?? piece.recorded).replace(/^.* /, '')
  return piece.kind === 'drawn' ? (drawn.get(piece.recorded) ?? piece.recorded) : piece.recorded
}

export function shorten(text: string): string {
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text
}
