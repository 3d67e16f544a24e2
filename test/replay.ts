import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RefreshTokenBody } from '../src/index.js'
import { send, type WireAnswer } from './http.js'

/** Replays what was recorded of a real authentik, and finds what differs. */

export interface Exchange {
  name: string
  method: string
  path: string
  as?: string
  headers?: Record<string, string | null>
  host?: string
  requestBody?: unknown
  status: number
  responseHeaders: Record<string, string | string[]>
  row?: number
  page?: Page
  body?: string
  html?: true
  bytes?: true
}

interface Page {
  pagination: object
  results: number[]
}

export interface Recording {
  folder: string
  exchanges: Exchange[]
  rows: Map<number, RefreshTokenBody>
  tokens: Record<string, { key: string }>
}

const RECORDINGS = join(import.meta.dirname, 'conformance')
const NOT_COMPARED = new Set(['date', 'connection'])

export function readRecording(release: string): Recording {
  const folder = join(RECORDINGS, release)
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'))
  const rows: RefreshTokenBody[] = read('rows.json')
  return {
    folder,
    exchanges: read('exchanges.json'),
    rows: new Map(rows.map((row) => [row.pk, row])),
    tokens: read('world.json').tokens,
  }
}

/** Sends a recorded request. */
export function replay(
  base: string,
  { method, path, as, headers, host, requestBody }: Exchange,
  { tokens }: Recording,
  prefix = '',
): Promise<WireAnswer> {
  const body =
    requestBody === undefined ? '' : typeof requestBody === 'string' ? requestBody : JSON.stringify(requestBody)
  return send(base, {
    method,
    path: prefix + path,
    body,
    headers: {
      ...(host !== undefined && { Host: host }),
      ...(body !== '' && { 'Content-Type': 'application/json' }),
      ...(as !== undefined && { Authorization: `Bearer ${tokens[as]?.key ?? 'nobody-knows-this-token'}` }),
      ...Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [spelt(name), value])),
    },
  })
}

/** Header names as `send` spells its own, so that they replace them. */
function spelt(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase())
}

/** What differs between an answer and the recorded one, a sentence each. */
export function differences(exchange: Exchange, got: WireAnswer, { rows }: Recording): string[] {
  const found: string[] = []
  if (got.status !== exchange.status) found.push(`status ${got.status}, recorded ${exchange.status}`)
  const isTied = isSamePageButForTies(exchange, got.body, rows)
  for (const name of new Set([...Object.keys(exchange.responseHeaders), ...Object.keys(got.headers)])) {
    if (NOT_COMPARED.has(name)) continue
    if (name === 'content-length' && (exchange.html || exchange.bytes || isTied)) continue
    if (name === 'expires' && exchange.bytes) continue
    const wanted = exchange.responseHeaders[name]
    const has = got.headers[name]
    if (name === 'x-authentik-id' && wanted !== undefined && /^[0-9a-f]{32}$/.test(String(has))) continue
    if (JSON.stringify(wanted) !== JSON.stringify(has))
      found.push(`header ${name}: ${JSON.stringify(has)}, recorded ${JSON.stringify(wanted)}`)
  }
  const wanted = expectedBody(exchange, rows)
  if (wanted !== undefined && wanted !== got.body && !isTied)
    found.push(`body ${got.body.slice(0, 200)}, recorded ${wanted.slice(0, 200)}`)
  return found
}

/** Undefined: the text is not compared. */
function expectedBody(exchange: Exchange, rows: Map<number, RefreshTokenBody>): string | undefined {
  if (exchange.html || exchange.bytes) return undefined
  if (exchange.row !== undefined) return JSON.stringify(rows.get(exchange.row))
  return exchange.page === undefined ? exchange.body : pageText(exchange.page, (pk) => rows.get(pk))
}

/** The recorder put the rows last; on the wire they stand right after the numbers. */
function pageText({ pagination, results, ...rest }: Page, rowOf: (pk: number) => unknown): string {
  return JSON.stringify({ pagination, results: results.map(rowOf), ...rest })
}

/** What rows are ordered by, as a text that is equal where they tie. */
const TERMS: Record<string, (row: RefreshTokenBody) => unknown> = {
  pk: (row) => row.pk,
  provider: (row) => row.provider.pk,
  user: (row) => row.user.pk,
  expires: (row) => row.expires,
  revoked: (row) => row.revoked,
}

/** Rows that tie in every term come in the database's order there, and by primary key here. */
function isSamePageButForTies({ page, path }: Exchange, body: string, rows: Map<number, RefreshTokenBody>): boolean {
  if (page === undefined || !body.startsWith('{"pagination"')) return false
  const got: { results: RefreshTokenBody[] } = JSON.parse(body)
  const asked = (new URLSearchParams(path.split('?')[1]).get('ordering') ?? '')
    .split(',')
    .map((term) => term.trim().replace(/^-/, ''))
  const known = asked.filter((term) => term in TERMS)
  const key = (row: RefreshTokenBody | undefined) =>
    row && JSON.stringify((known.length === 0 ? ['provider', 'expires'] : known).map((term) => TERMS[term]?.(row)))
  return (
    JSON.stringify({ ...got, results: [] }) === pageText({ ...page, results: [] }, () => undefined) &&
    got.results.length === page.results.length &&
    new Set(got.results.map((row) => row.pk)).size === page.results.length &&
    got.results.every(
      (row, i) =>
        JSON.stringify(row) === JSON.stringify(rows.get(row.pk)) && key(row) === key(rows.get(page.results[i] ?? 0)),
    )
  )
}
