import { type IncomingMessage, METHODS, type ServerResponse } from 'node:http'
import { type Answer, bodyOf } from './answer.js'
import { cleanPath, decodePath, escapePath, isPlain, routablePath, unescapePath } from './path.js'
import type { Site } from './site.js'
import { Visit } from './visit.js'

/**
 * What authentik's front server does before the application sees a request: it refuses what is no request, tidies
 * paths, and answers the liveness check.
 */
export interface Front {
  request: Handler
  /** For what the HTTP parser does not take: a method that it does not know, or no request at all. */
  unreadable(error: ClientError, request: IncomingMessage, response: ServerResponse): void
}

/** What Node says of something that its HTTP parser does not take, and where in the packet the parser stopped. */
export type ClientError = NodeJS.ErrnoException & { rawPacket?: Buffer; bytesParsed?: number }

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** Puts an answer on the wire, and what is to be noted of it where it belongs. */
export type Respond = (response: ServerResponse, visit: Visit, answer: Answer) => void

/** Where a path belongs: the site it is served from, and the rest of the path. */
export type Locate = (path: string) => { site: Site; path: string }

export interface FrontSettings {
  locate: Locate
  /** Decides whether and when a request goes on. */
  admit: (response: ServerResponse, visit: Visit, proceed: () => void) => void
  application: Handler
  respond: Respond
}

declare module 'node:http' {
  interface IncomingMessage {
    /** Set by the front server for the application. */
    visit?: Visit
  }
}

const HOST = /^(?:[a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(?::\d+)?$/i
const HOST_BYTES = /^[A-Za-z0-9!$%&'()*+,.:;=[\]_~-]*$/
const ABSOLUTE = /^https?:\/\/[^/?]*/i
const NOT_ASCII = /[\x80-\xff]/g
const KNOWN_METHODS = new Set(METHODS)
/** The parser stopped in the first line of a request. */
const IN_FIRST_LINE = new Set(['HPE_INVALID_METHOD', 'HPE_INVALID_URL', 'HPE_INVALID_CONSTANT'])

const UNKNOWN_METHOD: Answer = {
  status: 400,
  contentType: 'text/plain; charset=utf-8',
  body: bodyOf('Invalid HTTP request received.'),
  from: 'proxy',
}
const IMPOSSIBLE_HOST: Answer = { status: 404, contentType: 'text/html; charset=utf-8', from: 'proxy' }
const LIVE: Answer = { status: 200, contentType: null, from: 'front' }
const SERVER_OPTIONS: Answer = { status: 200, contentType: null, from: 'router' }

export function createFront({ locate, admit, application, respond }: FrontSettings): Front {
  function handle(request: IncomingMessage, response: ServerResponse): void {
    const { host, 'transfer-encoding': coding } = request.headers
    // Node hands over a request whose body it cannot read, before it says so.
    if (coding !== undefined && coding.toLowerCase() !== 'chunked') return refuse(response, 400, 'Bad Request')
    if (host === undefined && request.httpVersion !== '1.0')
      return refuse(response, 400, 'Bad Request: missing required Host header')
    if (host !== undefined && !HOST_BYTES.test(host)) return refuse(response, 400, 'Bad Request: malformed Host header')
    const target = (request.url ?? '').replace(ABSOLUTE, '')
    const mark = target.indexOf('?')
    const [written, query] = mark === -1 ? [target, ''] : [target.slice(0, mark), target.slice(mark)]
    const { site, path } = locate(written)
    const plain = isPlain(path)
    const bytes = plain ? path : unescapePath(path)
    if (bytes === undefined) return refuse(response, 400, 'Bad Request')
    const visit = new Visit(request, site, plain ? path : decodePath(bytes), query.slice(1))
    admit(response, visit, () => {
      const answer = answerAtOnce(visit, bytes, plain ? bytes : cleanPath(bytes), query)
      if (answer !== undefined) return respond(response, visit, answer)
      request.visit = visit
      // Routing goes by the path alone: which methods a route knows, authentik decides later.
      request.method = 'GET'
      if (!plain || path + query !== request.url) request.url = routablePath(visit.path) + query
      application(request, response)
    })
  }

  function unreadable(
    { code, rawPacket, bytesParsed }: ClientError,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    if (code === 'HPE_HEADER_OVERFLOW') refuse(response, 431, 'Request Header Fields Too Large')
    else if (IN_FIRST_LINE.has(code ?? '') && readRequest(request, rawPacket, bytesParsed)) handle(request, response)
    else refuse(response, 400, 'Bad Request')
  }

  return { request: handle, unreadable }
}

function answerAtOnce(
  { request, method, release, path }: Visit,
  bytes: string,
  clean: string,
  query: string,
): Answer | undefined {
  if (bytes === '*' && method === 'OPTIONS') return SERVER_OPTIONS
  if (clean !== bytes)
    return { status: 301, contentType: null, headers: { Location: escapePath(clean) + query }, from: 'router' }
  if (path === '/-/health/live/' && release.livenessBy === 'front') return LIVE
  if (!KNOWN_METHODS.has(method)) return UNKNOWN_METHOD
  const { host } = request.headers
  if (host === undefined || host === '' || HOST.test(host)) return undefined
  return release.impossibleHost === 'chunked' ? { ...IMPOSSIBLE_HOST, ends: 'chunked' } : IMPOSSIBLE_HOST
}

/** Go's own words to what is no HTTP: no date, and the connection ends. */
export function refuse(response: ServerResponse, status: number, reason: string): void {
  for (const automatic of ['Date', 'Content-Length', 'Transfer-Encoding']) response.removeHeader(automatic)
  response.writeHead(status, ['Content-Type', 'text/plain; charset=utf-8', 'Connection', 'close'])
  response.end(`${status} ${reason}`)
}

/**
 * Reads a request whose method, or bytes in its target, the parser does not take. False: something else is wrong.
 *
 * @param stop where in the packet the parser stopped: in the first line of the request, which others may stand before
 */
function readRequest(request: IncomingMessage, packet: Buffer = Buffer.alloc(0), stop = 0): boolean {
  const begin = stop === 0 ? 0 : packet.lastIndexOf('\n', stop - 1) + 1
  const [head = ''] = packet.toString('latin1', begin).split('\r\n\r\n', 1)
  const [first = '', ...lines] = head.split('\r\n')
  const [, method, target = '', version] = /^([!#$%&'*+.^_`|~\w-]+) (\S+) HTTP\/(1\.[01])$/.exec(first) ?? []
  if (method === undefined || (KNOWN_METHODS.has(method) && !NOT_ASCII.test(target))) return false
  const url = target.replace(NOT_ASCII, (byte) => `%${byte.charCodeAt(0).toString(16)}`)
  Object.assign(request, { method, url, httpVersion: version })
  for (const line of lines) {
    const colon = line.indexOf(':')
    request.headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  return true
}
