import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RefreshTokenBody } from '../../src/index.js'
import { differences as compare } from '../../src/verify/comparison.js'
import type { Sender, WireAnswer } from '../http.js'

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
  /** A body that was too large to keep. */
  bytes?: string
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

const RECORDINGS = import.meta.dirname

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
  { send }: Sender,
  { method, path, as, headers, host, requestBody }: Exchange,
  { tokens }: Recording,
  prefix = '',
): Promise<WireAnswer> {
  const body =
    requestBody === undefined ? '' : typeof requestBody === 'string' ? requestBody : JSON.stringify(requestBody)
  return send({
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
  const { status, responseHeaders: headers, path } = exchange
  const loose = exchange.html === true || exchange.bytes !== undefined
  const wanted = { status, headers, body: expectedBody(exchange, rows), loose }
  return compare(wanted, got, { path, rows, names: { got: 'answered', wanted: 'recorded' } })
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
