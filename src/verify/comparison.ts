import type { RefreshTokenBody, RefreshTokenListBody } from '../routes/api/v3/oauth2/refresh_tokens/body-schemas.js'
import { maskBody } from '../server/masking.js'
import { readJson } from '../upstream/read-json.js'

/** Compares two answers: what differs, and what may. */

export interface ComparedAnswer {
  status: number
  /** By lower-case name; two headers of one name are an array. */
  headers: Record<string, string | string[]>
  /** Undefined: the text is not compared. */
  body?: string | undefined
  /** It is a page for people, or too large to keep: neither text nor length are compared. */
  loose?: boolean
}

/** What both answers are about. */
export interface CompareContext {
  path: string
  /** Every row that the caller sees, for the order of those that tie. */
  rows: Map<number, RefreshTokenBody>
  /** What the two are called, as in `status: mock 404, target 200`. */
  names: { got: string; wanted: string }
  /** Headers that are not compared, beside those that never are. */
  ignored?: Set<string>
}

const NOT_COMPARED = new Set(['date', 'connection', 'keep-alive'])
const EXCERPT = 120
const BEFORE = 40

/** What differs between an answer and the wanted one, a sentence each. */
export function differences(
  wanted: ComparedAnswer,
  got: ComparedAnswer & { body: string },
  context: CompareContext,
): string[] {
  const { names } = context
  const difference = (what: string, a: unknown, b: unknown) =>
    `${what}: ${names.got} ${JSON.stringify(a) ?? 'none'}, ${names.wanted} ${JSON.stringify(b) ?? 'none'}`
  const isOther = wanted.loose !== true && wanted.body !== undefined && wanted.body !== got.body
  const isTied = isOther && isSameButForTies(wanted.body ?? '', got.body, context)
  const found = wanted.status === got.status ? [] : [difference('status', got.status, wanted.status)]
  for (const name of new Set([...Object.keys(wanted.headers), ...Object.keys(got.headers)])) {
    if (NOT_COMPARED.has(name) || context.ignored?.has(name) || isFree(name, wanted, isTied)) continue
    const [has, wants] = [got.headers[name], wanted.headers[name]]
    if (name === 'x-authentik-id' && wants !== undefined && /^[0-9a-f]{32}$/.test(String(has))) continue
    if (JSON.stringify(has) !== JSON.stringify(wants)) found.push(difference(`header ${name}`, has, wants))
  }
  if (isOther && !isTied) found.push(difference('body', ...excerpts(got.body, wanted.body ?? '')))
  return found
}

/** A length says nothing where the text does not, and two compressors need not agree. */
function isFree(name: string, { loose, headers }: ComparedAnswer, isTied: boolean): boolean {
  if (name === 'content-length') return loose === true || isTied || headers['content-encoding'] !== undefined
  return name === 'expires' && loose === true
}

/** From a little before the first difference on, without what is secret. */
function excerpts(got: string, wanted: string): [string, string] {
  const [a, b] = [maskBody(got), maskBody(wanted)]
  if (a === b) return ['another secret', 'one secret']
  let at = 0
  while (a[at] === b[at]) at++
  const from = Math.max(0, at - BEFORE)
  const cut = (text: string) => `${from > 0 ? '…' : ''}${text.slice(from, from + EXCERPT)}`
  return [cut(a), cut(b)]
}

/** What rows are ordered by. */
const TERMS: Record<string, (row: RefreshTokenBody) => unknown> = {
  pk: (row) => row.pk,
  provider: (row) => row.provider.pk,
  user: (row) => row.user.pk,
  expires: (row) => row.expires,
  revoked: (row) => row.revoked,
}

/** Rows that tie in every term come in the database's order there, and by primary key here. */
function isSameButForTies(wanted: string, got: string, { path, rows }: CompareContext): boolean {
  const [a, b] = [listIn(wanted), listIn(got)]
  if (a === undefined || b === undefined || a.results.length !== b.results.length) return false
  const keyOf = orderingKey(path)
  const key = (row: RefreshTokenBody | undefined) => row && keyOf(row)
  const there = new Map([...rows, ...a.results.map((row): [number, RefreshTokenBody] => [row.pk, row])])
  return (
    JSON.stringify({ ...a, results: [] }) === JSON.stringify({ ...b, results: [] }) &&
    new Set(b.results.map(({ pk }) => pk)).size === b.results.length &&
    b.results.every(
      (row, i) => JSON.stringify(row) === JSON.stringify(there.get(row.pk)) && key(row) === key(a.results[i]),
    )
  )
}

/** What a list was ordered by: rows with the same key tie. */
export function orderingKey(path: string): (row: RefreshTokenBody) => string {
  const requested = (new URLSearchParams(path.split('?')[1]).get('ordering') ?? '')
    .split(',')
    .map((term) => term.trim().replace(/^-/, ''))
  const known = requested.filter((term) => Object.hasOwn(TERMS, term))
  const terms = known.length === 0 ? ['provider', 'expires'] : known
  return (row) => JSON.stringify(terms.map((term) => TERMS[term]?.(row)))
}

function listIn(body: string): RefreshTokenListBody | undefined {
  if (!body.startsWith('{"pagination"')) return undefined
  try {
    const list = readJson(body) as RefreshTokenListBody
    return Array.isArray(list.results) && list.results.every((row) => row?.provider && row.user) ? list : undefined
  } catch {
    return undefined
  }
}
