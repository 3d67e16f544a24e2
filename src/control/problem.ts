import type { ServerResponse } from 'node:http'
import { Crash } from '../python/crash.js'
import { isOutOfDescriptors } from '../world/lazy.js'
import { FixtureError, sayMistake } from '../world/load/mistakes.js'
import type { Problem } from './bodies.js'

/** What went wrong with a control request, for the one who sent it. */
export class ControlError extends Error {
  override name = 'ControlError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

const KEY = 'Bearer, and the key of --control-token (controlToken in the library)'
/** Where the words of the framework say too little. */
const WORDS: Record<string, string> = {
  FST_BEARER_AUTH_MISSING_AUTHORIZATION_HEADER: `Authorization: found nothing; allowed: ${KEY}`,
  FST_BEARER_AUTH_INVALID_AUTHORIZATION_HEADER: `Authorization: found something else; allowed: ${KEY}`,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'Content-Type: found another one, or none; allowed: application/json',
  FST_ERR_CTP_BODY_TOO_LARGE: 'found a body of more than 32 MiB; allowed: a smaller one',
}

export const PROBLEM = 'application/problem+json; charset=utf-8'

export function forbidden(detail: string): Problem {
  return { title: 'Forbidden', status: 403, detail }
}

/** Sends a problem where no application is asked. */
export function sendProblem(response: ServerResponse, problem: Problem): void {
  const text = JSON.stringify(problem)
  response.writeHead(problem.status, { 'Content-Type': PROBLEM, 'Content-Length': Buffer.byteLength(text) })
  response.end(text)
}

const OUT_OF_DESCRIPTORS =
  'the mock has no file descriptor left to read with; close connections, or raise the limit (ulimit -n), and try again'

/** Any error as RFC 9457 has it; what is not the client's fault says no more than that. */
export function problemOf(error: unknown): Problem {
  if (error instanceof FixtureError) {
    const mistakes = error.mistakes.map(({ path, found, allowed }) => ({ path, found, allowed }))
    const detail = mistakes.map(sayMistake).join('\n')
    return { title: 'Bad Request', status: 400, detail, mistakes }
  }
  // What a real authentik would fail at, for what its rows say.
  if (error instanceof Crash) return { title: TITLES[422] ?? '', status: 422, detail: error.message }
  if (isOutOfDescriptors(error)) return { title: TITLES[503] ?? '', status: 503, detail: OUT_OF_DESCRIPTORS }
  if ((error as Error).name === 'StoreAway')
    return { title: TITLES[503] ?? '', status: 503, detail: (error as Error).message }
  const {
    status,
    statusCode,
    code: name,
    message,
  } = error as { status?: number; statusCode?: number; code?: string; message: string }
  const code = status ?? statusCode ?? 500
  if (code >= 500) return { title: 'Internal Server Error', status: 500, detail: 'the mock failed; its log says more' }
  return { title: TITLES[code] ?? 'Bad Request', status: code, detail: WORDS[name ?? ''] ?? message }
}
