import { microsOf } from '../src/world/instant.js'
import type { Facts } from './facts.js'
import { REFERENCE } from './values.js'

/** A recorded text is what stands there letter by letter, and holes for what another server says otherwise. */
export type Piece = string | Hole

export type Hole =
  /** What the recording gives a name. */
  | { kind: 'value'; name: string; base64: boolean }
  /** What the server drew, but the recording keeps. It stands for the same here wherever it stands there. */
  | { kind: 'drawn'; key: string; recorded: string; pattern: string }
  /** The primary key of a row that the server counted. */
  | { kind: 'counted'; section: string; recorded: string }
  /** A moment in microseconds: the recorded server took a while, and its clock ran on. */
  | { kind: 'instant'; recorded: string }
  | { kind: 'seconds'; recorded: string }
  /** The number of a group, which follows from the UUID before it that the server drew. */
  | { kind: 'num_pk'; recorded: string }
  /** A Python set: its order says nothing. */
  | { kind: 'scope'; recorded: string }

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

/** What a value that is drawn looks like, by its key. A recorded value that looks otherwise was not drawn. */
const DRAWN: Record<string, string> = {
  sid: '[0-9a-f]{64}',
  sub: '[0-9a-f]{64}',
  uid: '(?:[0-9a-f]{64}|[0-9A-Za-z]{40})',
  jti: '[0-9A-Za-z-]{20,64}',
  at_hash: '[\\w-]{22,43}',
  c_hash: '[\\w-]{22,43}',
  request_id: '[0-9a-f]{32}',
}

/** What follows from a key that the world file does not hold. */
const KEY_PARTS: Record<string, string> = {
  kid: '[0-9a-f]{32}',
  n: '[\\w-]+',
  x: '[\\w-]{43,88}',
  y: '[\\w-]{43,88}',
  x5t: '[\\w-]{27}',
  'x5t#S256': '[\\w-]{43}',
  x5c: '[\\w+/]+=*',
}

/** Quotes are escaped where JSON stands in a string of JSON, as the id_token of a row does. */
const AFTER = (key: string) => `(?<="(?:${key})\\\\?": ?\\\\?"?)`

const HOLES = new RegExp(
  [
    REFERENCE.source,
    `(?<=(?:[{,\\[ ]|\\\\n)\\\\?"(?<key>${[...Object.keys(DRAWN), ...Object.keys(KEY_PARTS)].join('|')})\\\\?": ?\\[?\\\\?")(?<drawn>[\\w+/=-]+)(?=\\\\?")`,
    `(?<=[{]"pk":)(?<row>\\d+)(?=,"provider":)`,
    `(?<="pk":"(?<group>${UUID})","num_pk":)(?<number>\\d+)`,
    `(?<=[{]"pk":)(?<user>\\d+)(?=,"username":)`,
    `${AFTER('exp|iat|auth_time')}(?<seconds>\\d{9,11})\\b`,
    `(?<=": ?")(?<instant>\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z)(?=")`,
    `(?<="scope": ?)(?<list>\\["[^\\]]*\\])`,
    `(?<="scope\\\\?": ?\\\\?")(?<words>[^"\\\\]+ [^"\\\\]+)(?=\\\\?")`,
    `\\b(?<uuid>${UUID})\\b`,
  ].join('|'),
  'g',
)

/** @param rows the section of the rows that the text is about */
export function piecesOf(text: string, facts: Facts, rows?: string): Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const { 0: found, index, groups = {} } of text.matchAll(HOLES)) {
    const hole = holeOf(groups, facts, rows)
    if (hole === undefined) continue
    pieces.push(text.slice(end, index), hole)
    end = index + found.length
  }
  return [...pieces, text.slice(end)]
}

/** Undefined: it stands in the world file, so it is the same here. */
function holeOf(groups: Record<string, string | undefined>, facts: Facts, rows: string | undefined): Hole | undefined {
  const { name, base64, key = '', drawn, row, group = '', number, user, seconds, instant, list, words, uuid } = groups
  if (name !== undefined) return { kind: 'value', name, base64: base64 !== undefined }
  if (drawn !== undefined) return drawnHole(key, drawn, facts)
  if (row !== undefined && rows !== undefined) return countedHole(rows, row, facts)
  if (row !== undefined) return undefined
  if (number !== undefined) return facts.text.includes(group) ? undefined : { kind: 'num_pk', recorded: number }
  if (user !== undefined) return countedHole('users', user, facts)
  if (uuid !== undefined) return drawnHole('uuid', uuid, facts)
  if (seconds !== undefined)
    return facts.moments.has(Number(seconds)) ? undefined : { kind: 'seconds', recorded: seconds }
  if (instant !== undefined)
    return facts.moments.has(microsOf(instant)) ? undefined : { kind: 'instant', recorded: instant }
  return { kind: 'scope', recorded: list ?? words ?? '' }
}

/** Where a server begins to count on does not matter; which row is which does. */
function countedHole(section: string, pk: string, { keys }: Facts): Hole | undefined {
  const recorded = `${section} ${pk}`
  return keys.has(recorded) ? undefined : { kind: 'counted', section, recorded }
}

function drawnHole(key: string, recorded: string, { text, knowsKeys, usernames }: Facts): Hole | undefined {
  if (usernames.has(recorded)) return undefined
  const pattern = key === 'uuid' ? UUID : (DRAWN[key] ?? (knowsKeys ? undefined : KEY_PARTS[key]))
  if (pattern === undefined || !new RegExp(`^${pattern}$`).test(recorded) || text.includes(recorded)) return undefined
  return { kind: 'drawn', key, recorded, pattern }
}
