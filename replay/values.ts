import { createHash } from 'node:crypto'
import type { WireAnswer } from '../src/upstream/wire.js'
import { hiddenFields } from './forms.js'
import type { Recording } from './recording.js'

/** What this server drew, at the places where the recorded one drew something else. */
export interface Values {
  /** By `step#field`. */
  named: Map<string, string>
  /** The name under which a value was learned that is new in every answer. */
  nameOf: Map<string, string>
  /** Drawn values that the recording keeps as they were, by the recorded one: sid, uid, uuid and the like. */
  drawn: Map<string, string>
  /** The other way round: what was drawn twice there is not the same here. */
  drawnFor: Map<string, string>
  /** at_hash and c_hash of every token and code that was given out. */
  hashes: Set<string>
  /** The names that a walk through pages has to give a value: no step has them. */
  walked: string[]
}

export const REFERENCE = /\{\{(?<name>[^{}#]+#[\w-]+)(?<base64>:base64)?\}\}/g
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g

/** A request needs a value that no answer has held. */
export class MissingValue extends Error {
  override name = 'MissingValue'
}

/** @param keys of the rows that both servers began with, as `section key` */
export function createValues(recording: Recording, keys: Iterable<string> = []): Values {
  const steps = new Set(recording.steps.map(({ name }) => name))
  const names = stringsIn(recording).flatMap((text) =>
    [...text.matchAll(REFERENCE)].map(({ groups }) => groups?.['name'] ?? ''),
  )
  const walked = [...new Set(names)].filter((name) => !steps.has(name.split('#')[0] ?? ''))
  const same = () => new Map(Array.from(keys, (key) => [key, key]))
  return { named: new Map(), nameOf: new Map(), drawn: same(), drawnFor: same(), hashes: new Set(), walked }
}

function stringsIn(node: unknown): string[] {
  if (typeof node === 'string') return [node]
  return typeof node === 'object' && node !== null ? Object.values(node).flatMap(stringsIn) : []
}

/** Fields that are new in every answer. Two id_tokens of one second are the same. */
const FRESH = new Set(['access_token', 'refresh_token', 'code', 'device_code'])

/**
 * Learns what an answer holds, under the name of its step. A value that an earlier answer spoke of stays: this answer is
 * held against it.
 *
 * @returns values that are not new, though the recorded ones are: each by its field, and the name it had before
 */
export function learn(values: Values, step: string, fields: Map<string, string>): [field: string, before: string][] {
  const stale: [string, string][] = []
  for (const [field, value] of fields) {
    const name = `${step}#${field}`
    if (!values.named.has(name)) values.named.set(name, value)
    const before = FRESH.has(field) ? values.nameOf.get(value) : undefined
    if (before !== undefined && before !== name) stale.push([field, before])
    else if (FRESH.has(field)) values.nameOf.set(value, name)
  }
  rememberHashes(values, fields)
  return stale
}

/** Learns where a walk ended, under the names that the recorder gave it: `setup/after-consent-0#code` for `setup/authorize`. */
export function learnWalk(values: Values, step: string, fields: Map<string, string>): void {
  const group = step.slice(0, Math.max(0, step.lastIndexOf('/')))
  for (const name of values.walked) {
    const [walk = '', field = ''] = name.split('#')
    const parent = walk.slice(0, walk.lastIndexOf('/'))
    const value = fields.get(field)
    if (value !== undefined && (parent === step || parent === group)) values.named.set(name, value)
  }
  rememberHashes(values, fields)
}

/** Before a step is sent whose name an earlier one had. */
export function forget(values: Values, step: string): void {
  for (const name of values.named.keys()) if (name.startsWith(`${step}#`)) values.named.delete(name)
}

/**
 * Puts values in the place of their names.
 *
 * @param encode how a value is written there
 * @throws MissingValue
 */
export function substitute(text: string, values: Values, encode = (value: string) => value): string {
  const filled = text.replace(REFERENCE, (_, name: string, base64?: string) => {
    const value = values.named.get(name)
    if (value === undefined) throw new MissingValue(name)
    return encode(base64 === undefined ? value : Buffer.from(value).toString('base64'))
  })
  return filled.replace(UUID, (uuid) => values.drawn.get(uuid) ?? uuid)
}

/** So many rows a recording may add. */
const NEAR = 150
const ROW_PATH = /^(\/api\/v3\/(?:oauth2\/(\w+)|core\/(users))\/)(\d+)(?=\/)/

/** The section of the rows that a path of the API is about. Undefined: of none that a server counts. */
export function sectionOf(path: string): string | undefined {
  const [, token, core] = /^\/api\/v3\/(?:oauth2\/(\w+)|core\/(users))\//.exec(path) ?? []
  return token ?? core
}

/** A path with this server's key of the row that it names. */
export function mapRow(path: string, { drawn }: Values): string {
  return path.replace(ROW_PATH, (_, before: string, token: string | undefined, core: string, key: string) => {
    return before + otherKey(drawn, token ?? core, key)
  })
}

/** The recorded key of a row of this server. */
export function recordedKey(section: string, key: string, { drawnFor }: Values): string {
  return otherKey(drawnFor, section, key)
}

/** By what is known of the row itself, else by how far apart the two servers count. */
function otherKey(known: Map<string, string>, section: string, key: string): string {
  const exact = known.get(`${section} ${key}`)
  if (exact !== undefined) return exact.slice(section.length + 1)
  for (const [one, other] of known) {
    const [here, there] = [one, other].map((row) => Number(row.slice(section.length + 1))) as [number, number]
    if (one !== other && one.startsWith(`${section} `) && Math.abs(Number(key) - here) < NEAR)
      return String(Number(key) + there - here)
  }
  return key
}

/** Every field of an answer by which something can be learned: of its JSON, its redirect, its form. */
export function fieldsOf({ body, headers }: WireAnswer): Map<string, string> {
  const fields = new Map<string, string>()
  const json = String(headers['content-type']).startsWith('application/json') ? membersOf(body) : {}
  for (const [field, value] of Object.entries(json)) if (typeof value === 'string') fields.set(field, value)
  const userCode = fields.get('user_code')
  if (userCode !== undefined) fields.set('code', userCode)
  if (headers['location'] !== undefined)
    for (const [field, value] of fieldsOfUrl(String(headers['location']))) fields.set(field, value)
  if (body.includes('<form')) for (const [field, value] of hiddenFields(body)) fields.set(field, value)
  return fields
}

/** Of a JSON object; none of anything else. */
export function membersOf(body: string): Record<string, unknown> {
  try {
    return JSON.parse(body) ?? {}
  } catch {
    return {}
  }
}

/** The parameters of its query and of its fragment. */
export function fieldsOfUrl(url: string): [string, string][] {
  const [, query = '', fragment = ''] = /^[^?#]*\??([^#]*)#?(.*)$/s.exec(url) ?? []
  return [...new URLSearchParams(query), ...new URLSearchParams(fragment)]
}

/** Remembers the hashes of what was given out, by which other tokens speak of it. */
function rememberHashes(values: Values, fields: Map<string, string>): void {
  for (const field of ['access_token', 'code']) {
    const value = fields.get(field)
    if (value !== undefined) for (const bits of ['256', '384', '512']) values.hashes.add(leftHash(value, bits))
  }
}

/** OpenID Connect Core 3.1.3.6: the left half of the hash, in base64url. */
export function leftHash(value: string, bits: string): string {
  const hash = createHash(`sha${bits}`).update(value).digest()
  return hash.subarray(0, hash.length / 2).toString('base64url')
}
