import { isIP } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { createLookup } from './dns.js'
import { AnswerError, TimeoutError, UnreachableError, UpstreamError } from './error.js'
import { reasonOf } from './reasons.js'
import { createRoom, type Room } from './room.js'
import { tlsOf } from './tls.js'
import { type Connection, MIB, send, type WireAnswer, type WireRequest } from './wire.js'

/** How to reach a real authentik, and how gently. Times are seconds. */
export interface UpstreamSettings {
  target: string
  token: string
  /** Requests a second, at the most. */
  rate: number
  retries: number
  timeout: number
  maxTime: number
  /** MiB that one answer may have. */
  maxAnswer: number
  ca: string | undefined
  insecure: boolean
}

export interface Client {
  /** Without a slash at the end. */
  readonly url: string
  /**
   * Sends a request, and again where it was not answered or the answer is that it cannot be now.
   *
   * @throws UnreachableError, UpstreamError for an answer that cannot be read
   */
  ask(request: WireRequest): Promise<WireAnswer>
  /** The header that shows the token. */
  readonly authorization: { Authorization: string }
  /**
   * For work that takes long because of what was answered.
   *
   * @throws UnreachableError where `--max-time` is over
   */
  checkTime(): void
  /** For what is kept of all its answers. */
  readonly room: Room
}

const COME_BACK = new Set([429, 502, 503, 504])
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000

/** @throws UpstreamError for a file of certificates that cannot be read */
export async function createClient(settings: UpstreamSettings): Promise<Client> {
  const { token, rate, retries, timeout, maxTime, maxAnswer } = settings
  const url = settings.target.replace(/\/+$/, '')
  const { pathname, hostname } = new URL(url)
  const prefix = pathname.replace(/\/$/, '')
  const end = performance.now() + maxTime * 1000
  const limit = maxAnswer * MIB
  const tls = await tlsOf(settings)
  const isName = isIP(hostname.replace(/^\[|\]$/g, '')) === 0 && hostname !== 'localhost'
  const lookup = isName ? createLookup(timeLeft) : undefined
  let next = 0

  /** Milliseconds that an answer may take that is asked for now. */
  function timeLeft(): number {
    return Math.min(timeout * 1000, end - performance.now())
  }

  function outOfTime(): UnreachableError {
    return new UnreachableError(`${url}: not done within --max-time ${maxTime} s`)
  }

  async function pause(ms: number): Promise<void> {
    if (performance.now() + ms >= end) throw outOfTime()
    if (ms > 0) await wait(ms)
  }

  async function once(request: WireRequest): Promise<WireAnswer | Error> {
    const now = performance.now()
    const turn = Math.max(now, next)
    next = turn + 1000 / rate
    await pause(turn - now)
    const connection: Connection = { timeout: timeLeft(), limit, tls, ...(lookup && { lookup }) }
    try {
      const answer = await send(url, { ...request, path: prefix + request.path }, connection)
      return answer.whole ? answer : new Error('the answer was cut in the middle')
    } catch (error) {
      if (error instanceof AnswerError)
        throw new UpstreamError(`--target: found ${url}, but ${error.message}; allowed: ${error.allowed}`)
      if (error instanceof TimeoutError && connection.timeout !== timeout * 1000) throw outOfTime()
      return error as Error
    }
  }

  return {
    url,
    room: createRoom(url, limit),
    checkTime() {
      if (performance.now() >= end) throw outOfTime()
    },
    authorization: { Authorization: `Bearer ${token}` },
    async ask(request) {
      for (let attempt = 0; ; attempt++) {
        const answer = await once(request)
        const isAnswer = 'status' in answer
        if (isAnswer && !COME_BACK.has(answer.status)) return answer
        if (attempt < retries) await pause(pauseBefore(attempt, isAnswer ? answer.headers['retry-after'] : undefined))
        else if (isAnswer) return answer
        else throw new UnreachableError(`${url}: ${reasonOf(answer)}`)
      }
    },
  }
}

/** What the answer asks for, in seconds or as a date, else longer each time. */
function pauseBefore(attempt: number, after: string | string[] | undefined): number {
  const text = String(after)
  const requested = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Math.min(LONGEST_PAUSE_MS, requested >= 0 ? requested : FIRST_PAUSE_MS * 2 ** attempt)
}
