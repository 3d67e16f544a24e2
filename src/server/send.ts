import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import { PassThrough, pipeline, Readable } from 'node:stream'
import { createDeflateRaw, createGzip } from 'node:zlib'
import { type Answer, type Body, LAYERS, NO_STORE } from '../authentik/answer.js'
import { cookiesIn, SESSION_COOKIE } from '../authentik/browser/browser.js'
import { droppedSession } from '../authentik/browser/cookies.js'
import type { RequestContext } from '../authentik/context.js'
import type { Release } from '../authentik/releases.js'
import { bytesOf, type Encoding, encodingOf } from './compression.js'

/** From an answer to the wire: the headers of authentik's application and of the front server before it, in order. */

const EMPTY: Body = { plain: Buffer.alloc(0) }
/** What the front server compresses it counts only this far before it begins to send. */
const MAX_COUNTED = 2048
/** Where length, date and id go into a head. No header holds it. */
const SLOT = '\0'
const NO_COOKIES: string[] = []

/** What the headers of an answer depend on, beside the answer itself. */
interface Sending {
  ctx: RequestContext
  answer: Answer
  encoding: Encoding | undefined
  /** The text of the Content-Length header. */
  length: string
  isChunked: boolean
  /** The text of the Date header. */
  date: string
  id: string
}

/**
 * @param connection `cut`: half of the body, then the connection ends
 * @param onHead is called once the head is known, and before anything is sent
 */
export function send(
  response: ServerResponse,
  ctx: RequestContext,
  answer: Answer,
  connection?: 'cut' | 'drop',
  onHead?: () => void,
): void {
  const { request } = ctx
  const { body = EMPTY, parts } = answer
  const accepted = request.headers['accept-encoding']
  const encoding =
    accepted === undefined || LAYERS[answer.from ?? 'application'] < LAYERS.front ? undefined : encodingOf(accepted)
  const isHead = ctx.method === 'HEAD'
  const bytes = bytesOf(isHead && encoding !== undefined ? EMPTY : body, encoding)
  const isChunked =
    answer.ends === 'chunked' || parts !== undefined || (encoding !== undefined && bytes.length > MAX_COUNTED)
  const length = String(bytes.length)
  const sending = { ctx, answer, encoding, length, isChunked, date: dateText(ctx.database.clock.now()), id: ctx.id }

  if (connection === undefined && !isHead && !isChunked && isUsual(answer, request, response))
    writeUsualHead(response, sending)
  else writeHead(response, sending)
  onHead?.()
  if (connection === 'cut') response.write(bytes.subarray(0, bytes.length / 2), () => response.socket?.destroySoon())
  else if (parts === undefined || isHead) response.end(bytes)
  else sendParts(response, parts, encoding)
}

/** Whether nothing about the answer is special but what `Made` tells apart. */
function isUsual(
  { body, from, headers, cookies = NO_COOKIES, ends }: Answer,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  return (
    body !== undefined &&
    from === undefined &&
    (headers === undefined || headers === NO_STORE) &&
    cookies.length === 0 &&
    ends === undefined &&
    response.shouldKeepAlive &&
    request.httpVersionMinor === 1 &&
    request.headers.cookie === undefined &&
    takesHead(response)
  )
}

/** A response as Node makes it: what is to be sent as its head stands in a field that is not documented. */
interface OpenResponse extends ServerResponse {
  _header?: string | null
}

/** Whether this Node has that field. */
function takesHead(response: OpenResponse): boolean {
  return response._header === null
}

/** Gives Node a head that is ready. It would put the same one together anew, and check each header on the way. */
function writeUsualHead(response: OpenResponse, sending: Sending): void {
  const { answer, length, date, id } = sending
  const [start, toDate, toId, end] = partsOf(sending)
  response.statusCode = answer.status
  response._header = start + length + toDate + date + toId + id + end
}

/** The head of an answer as it goes over the wire, in four parts: between them stand length, date and id. */
type HeadParts = readonly [string, string, string, string]

/** Most heads are like one of these but for that. The newest first, each with what it was made of. */
const heads: { made: Made; parts: HeadParts }[] = []
const MAX_HEADS = 20

/** What such a head depends on. */
interface Made {
  status: number
  contentType: string | null | undefined
  allow: string | undefined
  vary: string | undefined
  headers: Record<string, string> | undefined
  release: Release
  encoding: string | undefined
  language: string | undefined
}

function partsOf(sending: Sending): HeadParts {
  const { ctx, answer, encoding } = sending
  const { release } = ctx
  const { status, contentType, allow, vary, headers } = answer
  const language = release.languages ? ctx.language : undefined
  for (const { made, parts } of heads)
    if (
      made.status === status &&
      made.contentType === contentType &&
      made.allow === allow &&
      made.vary === vary &&
      made.headers === headers &&
      made.release === release &&
      made.encoding === encoding &&
      made.language === language
    )
      return parts
  const parts = headParts(sending)
  heads.unshift({ made: { status, contentType, allow, vary, headers, release, encoding, language }, parts })
  if (heads.length > MAX_HEADS) heads.pop()
  return parts
}

/** The head that an answer was sent with; empty where this Node does not tell. */
export function headSent(response: OpenResponse): string {
  return response._header ?? ''
}

function headParts(sending: Sending): HeadParts {
  const { status } = sending.answer
  const headers = withOthers(headersOf({ ...sending, length: SLOT, date: SLOT, id: SLOT }), sending.answer)
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`
  const [start = '', toDate = '', toId = '', end = ''] = `${text}\r\n`.split(SLOT)
  return [start, toDate, toId, end]
}

function writeHead(response: ServerResponse, sending: Sending): void {
  const { answer, ctx } = sending
  const sorted = withOthers(headersOf(sending), answer)
  if (!response.shouldKeepAlive) sorted.push('Connection', 'close')
  else if (ctx.request.httpVersion === '1.0') sorted.push('Connection', 'keep-alive')
  else response.removeHeader('Connection')
  response.writeHead(answer.status, sorted)
}

/** The headers of the layers that an answer passes, in the order of the wire. */
function headersOf({ ctx, answer, encoding, length, isChunked, date, id }: Sending): string[] {
  const { release } = ctx
  const layer = LAYERS[answer.from ?? 'application']
  const isFront = layer >= LAYERS.front
  const isProxied = layer >= LAYERS.proxy
  const isApplication = layer >= LAYERS.application
  const isSaid = ctx.method !== 'HEAD' || isProxied || encoding !== undefined || answer.body !== undefined
  const isCounted = !isChunked && answer.ends !== 'unsaid' && isSaid
  const contentType = answer.contentType === undefined ? release.jsonType : answer.contentType

  const headers: string[] = []
  if (answer.allow !== undefined) headers.push('Allow', answer.allow)
  if (encoding !== undefined) headers.push('Content-Encoding', encoding)
  if (isApplication && release.languages) headers.push('Content-Language', ctx.language)
  if (isCounted) headers.push('Content-Length', length)
  if (contentType !== null && answer.ends !== 'unsaid') headers.push('Content-Type', contentType)
  headers.push('Date', date)
  if (isApplication) headers.push('Referrer-Policy', 'same-origin')
  if (isApplication) for (const cookie of cookiesOf(ctx, answer)) headers.push('Set-Cookie', cookie)
  if (isChunked) headers.push('Transfer-Encoding', 'chunked')
  if (isFront) headers.push('Vary', 'Accept-Encoding')
  if (isApplication) {
    headers.push('Vary', answer.vary ?? (release.languages ? 'Accept-Language, Cookie' : 'Cookie'))
    headers.push('X-Authentik-Id', id, 'X-Content-Type-Options', 'nosniff', 'X-Frame-Options', 'DENY')
  }
  if (isProxied) headers.push('X-Powered-By', 'authentik')
  return headers
}

/** A client that goes away in the middle is nobody's error. */
function sendParts(response: ServerResponse, parts: Iterable<Buffer>, encoding: Encoding | undefined): void {
  const compressor =
    encoding === undefined ? new PassThrough() : encoding === 'gzip' ? createGzip() : createDeflateRaw()
  pipeline(Readable.from(parts), compressor, response, () => {})
}

/** Puts further headers in their alphabetical places. */
function withOthers(headers: string[], { headers: others }: Answer): string[] {
  if (others === undefined) return headers
  const merged = [...headers]
  for (const [name, value] of Object.entries(others)) {
    let at = 0
    while (at < merged.length && (merged[at] as string) < name) at += 2
    merged.splice(at, 0, name, value)
  }
  return merged
}

/** A session cookie that is not good any more is taken back. */
function cookiesOf(ctx: RequestContext, { cookies = NO_COOKIES }: Answer): string[] {
  const { cookie } = ctx.request.headers
  if (cookie === undefined || cookiesIn(cookie, SESSION_COOKIE).length === 0 || ctx.browser !== undefined)
    return cookies
  return cookies.some((own) => own.startsWith(`${SESSION_COOKIE}=`)) ? cookies : [...cookies, droppedSession(ctx)]
}

let lastDate = { second: Number.NaN, text: '' }

function dateText(now: number): string {
  const second = Math.floor(now / 1e6)
  if (second !== lastDate.second) lastDate = { second, text: new Date(second * 1e3).toUTCString() }
  return lastDate.text
}
