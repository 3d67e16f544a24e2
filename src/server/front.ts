import { METHODS, type ServerResponse } from 'node:http'
import { type Answer, bodyOf } from '../authentik/answer.js'
import type { RequestContext } from '../authentik/context.js'
import { memoizeLast } from '../world/memoize.js'
import { cleanPath, escapePath } from './path.js'
import type { Target } from './target.js'

/**
 * What authentik's front server answers before the application sees a request: it refuses what is no request, tidies
 * paths, and answers the liveness check.
 */

/** What a Host header may hold: bytes that Go takes, and names that there can be. */
const HOST = /^(?:[a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(?::\d+)?$/i
const HOST_BYTES = /^[A-Za-z0-9!$%&'()*+,.:;=[\]_~-]*$/
const judgeHost = memoizeLast((host: string) => ({
  isTaken: HOST_BYTES.test(host),
  isPossible: host === '' || HOST.test(host),
}))
export const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS)

const UNKNOWN_METHOD: Answer = {
  status: 400,
  contentType: 'text/plain; charset=utf-8',
  body: bodyOf('Invalid HTTP request received.'),
  from: 'proxy',
}
const IMPOSSIBLE_HOST: Answer = { status: 404, contentType: 'text/html; charset=utf-8', from: 'proxy' }
const LIVE: Answer = { status: 200, contentType: null, from: 'front' }
const NOT_FOUND: Answer = {
  status: 404,
  contentType: 'text/plain; charset=utf-8',
  headers: { 'X-Content-Type-Options': 'nosniff' },
  body: bodyOf('404 page not found\n'),
  from: 'router',
}
const SERVER_OPTIONS: Answer = { status: 200, contentType: null, from: 'router' }

/** Why Go's HTTP server does not take a request: status and reason; undefined: it does. */
export function protocolError({ headers, httpVersion }: RequestContext['request']): [number, string] | undefined {
  const { host, 'transfer-encoding': coding } = headers
  // Node hands over a request whose body it cannot read, before it says so.
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') return [400, 'Bad Request']
  if (host === undefined) return httpVersion === '1.0' ? undefined : [400, 'Bad Request: missing required Host header']
  return judgeHost(host).isTaken ? undefined : [400, 'Bad Request: malformed Host header']
}

export function frontAnswer(
  { request, method, release, path, base }: RequestContext,
  { isPlain, isOutside, bytes = '', query }: Target,
): Answer | undefined {
  if (bytes === '*' && method === 'OPTIONS') return SERVER_OPTIONS
  const whole = isOutside ? bytes : base + bytes
  const clean = isPlain ? whole : cleanPath(whole)
  if (clean !== whole)
    return { status: 301, contentType: null, headers: { Location: escapePath(clean) + query }, from: 'router' }
  if (isOutside) return bytes === '/' ? leadTo(`${base}/`, method) : NOT_FOUND
  if (path === '/-/health/live/' && release.livenessBy === 'front') return LIVE
  if (!KNOWN_METHODS.has(method)) return UNKNOWN_METHOD
  const { host } = request.headers
  if (host === undefined || judgeHost(host).isPossible) return undefined
  return release.impossibleHost === 'chunked' ? { ...IMPOSSIBLE_HOST, ends: 'chunked' } : IMPOSSIBLE_HOST
}

/** Go shows a link to whoever would see one. */
function leadTo(path: string, method: string): Answer {
  const answer: Answer = { status: 302, contentType: null, headers: { Location: path }, from: 'front' }
  if (method !== 'GET' && method !== 'HEAD') return answer
  const body = method === 'GET' ? { body: bodyOf(`<a href="${path}">Found</a>.\n\n`) } : {}
  return { ...answer, contentType: 'text/html; charset=utf-8', ...body }
}

/** Go's own words to what is no HTTP: no date, and the connection ends. */
export function refuse(response: ServerResponse, status: number, reason: string): void {
  for (const automatic of ['Date', 'Content-Length', 'Transfer-Encoding']) response.removeHeader(automatic)
  response.writeHead(status, ['Content-Type', 'text/plain; charset=utf-8', 'Connection', 'close'])
  response.end(`${status} ${reason}`)
}
