import type { IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough, pipeline, Readable } from 'node:stream'
import { createDeflateRaw, createGzip } from 'node:zlib'
import { type Answer, type Body, LAYERS } from '../authentik/answer.js'
import type { RequestContext } from '../authentik/context.js'
import { bytesOf, type Encoding, encodingOf } from './compression.js'

/** From an answer to the wire: the headers of authentik's application and of the front server before it, in order. */

const EMPTY: Body = { plain: Buffer.alloc(0) }
/** What the front server compresses it counts only this far before it begins to send. */
const MAX_COUNTED = 2048
const DROP_SESSION = 'authentik_session=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax'

/** @param connection `cut`: half of the body, then the connection ends */
export function send(response: ServerResponse, ctx: RequestContext, answer: Answer, connection?: 'cut' | 'drop'): void {
  const { request, release } = ctx
  const layer = LAYERS[answer.from ?? 'application']
  const isFront = layer >= LAYERS.front
  const isProxied = layer >= LAYERS.proxy
  const isApplication = layer >= LAYERS.application
  const encoding = isFront ? encodingOf(request.headers['accept-encoding']) : undefined
  const isHead = ctx.method === 'HEAD'
  const bytes = bytesOf(isHead && encoding !== undefined ? EMPTY : (answer.body ?? EMPTY), encoding)
  const isChunked =
    answer.ends === 'chunked' || answer.parts !== undefined || (encoding !== undefined && bytes.length > MAX_COUNTED)
  const isCounted = !isChunked && answer.ends !== 'unsaid' && (!isHead || isProxied || encoding !== undefined)
  const contentType = answer.contentType === undefined ? release.jsonType : answer.contentType

  const headers: string[] = []
  if (answer.allow !== undefined) headers.push('Allow', answer.allow)
  if (encoding !== undefined) headers.push('Content-Encoding', encoding)
  if (isApplication && release.languages) headers.push('Content-Language', ctx.language)
  if (isCounted) headers.push('Content-Length', String(bytes.length))
  if (contentType !== null && answer.ends !== 'unsaid') headers.push('Content-Type', contentType)
  headers.push('Date', dateText(ctx.database.clock.now()))
  if (isApplication) headers.push('Referrer-Policy', 'same-origin')
  if (isApplication && hasSession(request)) headers.push('Set-Cookie', DROP_SESSION)
  if (isChunked) headers.push('Transfer-Encoding', 'chunked')
  if (isFront) headers.push('Vary', 'Accept-Encoding')
  if (isApplication) {
    headers.push('Vary', answer.vary ?? (release.languages ? 'Accept-Language, Cookie' : 'Cookie'))
    headers.push('X-Authentik-Id', ctx.id, 'X-Content-Type-Options', 'nosniff', 'X-Frame-Options', 'DENY')
  }
  if (isProxied) headers.push('X-Powered-By', 'authentik')
  const sorted = answer.headers === undefined ? headers : merge(headers, answer.headers)
  if (!response.shouldKeepAlive) sorted.push('Connection', 'close')
  else if (request.httpVersion === '1.0') sorted.push('Connection', 'keep-alive')
  else response.removeHeader('Connection')

  response.writeHead(answer.status, sorted)
  if (connection === 'cut') response.write(bytes.subarray(0, bytes.length / 2), () => response.socket?.destroy())
  else if (answer.parts === undefined || isHead) response.end(bytes)
  else sendParts(response, answer.parts, encoding)
}

/** A client that goes away in the middle is nobody's error. */
function sendParts(response: ServerResponse, parts: Iterable<Buffer>, encoding: Encoding | undefined): void {
  const compressor =
    encoding === undefined ? new PassThrough() : encoding === 'gzip' ? createGzip() : createDeflateRaw()
  pipeline(Readable.from(parts), compressor, response, () => {})
}

/** Puts further headers in their alphabetical places. */
function merge(headers: string[], others: Record<string, string>): string[] {
  const merged = [...headers]
  for (const [name, value] of Object.entries(others)) {
    let at = 0
    while (at < merged.length && (merged[at] as string) < name) at += 2
    merged.splice(at, 0, name, value)
  }
  return merged
}

/** A session cookie is never usable here, and the application takes it back. */
function hasSession(request: IncomingMessage): boolean {
  const { cookie } = request.headers
  return cookie !== undefined && /(?:^|;\s*)authentik_session=/.test(cookie)
}

let lastDate = { second: Number.NaN, text: '' }

function dateText(now: number): string {
  const second = Math.floor(now / 1e6)
  if (second !== lastDate.second) lastDate = { second, text: new Date(second * 1e3).toUTCString() }
  return lastDate.text
}
