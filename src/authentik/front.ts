import { IncomingMessage, METHODS, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Answer, bodyOf } from './answer.js'
import { cleanPath, decodePath, escapePath, isPlain, routablePath, unescapePath, withoutOrigin } from './path.js'
import type { Site } from './site.js'
import { Visit } from './visit.js'

/**
 * What authentik's front server does before the application sees a request: it refuses what is no request, tidies
 * paths, and answers the liveness check.
 */
export interface Front {
  request: Handler
  /** For a connection on which something came that the HTTP parser does not take. */
  clientError(error: ClientError, socket: Socket): void
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** Puts an answer on the wire, and what is to be noted of it where it belongs. */
export type Respond = (response: ServerResponse, visit: Visit, answer: Answer) => void

/** Where a path belongs: the site it is served from, and the rest of the path. */
export type Locate = (path: string) => { site: Site; path: string }

export interface FrontSettings {
  /** Answers what must not touch anything. False: the request may go on. */
  turnAway: (request: IncomingMessage, response: ServerResponse, path: string) => boolean
  locate: Locate
  /** Decides whether and when a request goes on. */
  admit: (response: ServerResponse, visit: Visit, proceed: () => void) => void
  application: Handler
  respond: Respond
}

type ClientError = NodeJS.ErrnoException & { rawPacket?: Buffer }

declare module 'node:http' {
  interface IncomingMessage {
    /** Set by the front server for the application. */
    visit?: Visit
  }
}

const HOST = /^(?:[a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(?::\d+)?$/i
const HOST_BYTES = /^[A-Za-z0-9!$%&'()*+,.:;=[\]_~-]*$/
const NOT_ASCII = /[\x80-\xff]/g
const KNOWN_METHODS = new Set(METHODS)

const UNKNOWN_METHOD: Answer = {
  status: 400,
  contentType: 'text/plain; charset=utf-8',
  body: bodyOf('Invalid HTTP request received.'),
  from: 'proxy',
}
const IMPOSSIBLE_HOST: Answer = { status: 404, contentType: 'text/html; charset=utf-8', from: 'proxy' }
const LIVE: Answer = { status: 200, contentType: null, from: 'front' }
const SERVER_OPTIONS: Answer = { status: 200, contentType: null, from: 'router' }

export function createFront({ turnAway, locate, admit, application, respond }: FrontSettings): Front {
  function handle(request: IncomingMessage, response: ServerResponse): void {
    const { host } = request.headers
    if (host === undefined && request.httpVersion !== '1.0')
      return refuse(response, 400, 'Bad Request: missing required Host header')
    if (host !== undefined && !HOST_BYTES.test(host)) return refuse(response, 400, 'Bad Request: malformed Host header')
    const target = withoutOrigin(request.url ?? '')
    const mark = target.indexOf('?')
    const [written, query] = mark === -1 ? [target, ''] : [target.slice(0, mark), target.slice(mark)]
    if (turnAway(request, response, written)) return
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

  function clientError({ code, rawPacket }: ClientError, socket: Socket): void {
    if (!socket.writable || code === 'ECONNRESET' || code === 'ERR_HTTP_REQUEST_TIMEOUT') return void socket.destroy()
    const request = new IncomingMessage(socket)
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket)
    response.on('finish', () => socket.end())
    if (code === 'HPE_HEADER_OVERFLOW') refuse(response, 431, 'Request Header Fields Too Large')
    else if (readRequest(request, rawPacket)) handle(request, response)
    else refuse(response, 400, 'Bad Request')
  }

  return { request: handle, clientError }
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
function refuse(response: ServerResponse, status: number, reason: string): void {
  for (const automatic of ['Date', 'Content-Length', 'Transfer-Encoding']) response.removeHeader(automatic)
  response.writeHead(status, ['Content-Type', 'text/plain; charset=utf-8', 'Connection', 'close'])
  response.end(`${status} ${reason}`)
}

/** Reads a request whose method, or bytes in its target, the parser does not take. False: something else is wrong. */
function readRequest(request: IncomingMessage, packet: Buffer | undefined): boolean {
  const [first = '', ...lines] = (packet?.toString('latin1').split('\r\n\r\n')[0] ?? '').split('\r\n')
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
