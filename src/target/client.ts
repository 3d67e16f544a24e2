import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { TargetError, UnreachableError } from './error.js'
import { type Connection, send, type WireAnswer, type WireRequest } from './wire.js'

/** How to reach a real authentik, and how gently. Times are seconds. */
export interface TargetSettings {
  target: string
  token: string
  /** Requests a second, at the most. */
  rate: number
  retries: number
  timeout: number
  maxTime: number
  ca: string | undefined
  insecure: boolean
}

export interface Client {
  /** Without a slash at the end. */
  readonly url: string
  /**
   * Sends a request, and again where it was not answered or the answer is that it cannot be now.
   *
   * @throws UnreachableError
   */
  ask(request: WireRequest): Promise<WireAnswer>
  /** The header that shows the token. */
  readonly authorization: { Authorization: string }
}

const COME_BACK = new Set([429, 502, 503, 504])
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000

/** @throws TargetError for a file of certificates that cannot be read */
export async function createClient(settings: TargetSettings): Promise<Client> {
  const { token, rate, retries, timeout, maxTime } = settings
  const url = settings.target.replace(/\/+$/, '')
  const prefix = new URL(url).pathname.replace(/\/$/, '')
  const connection: Connection = { timeout: timeout * 1000, tls: await tlsOf(settings) }
  const end = performance.now() + maxTime * 1000
  let next = 0

  async function pause(ms: number): Promise<void> {
    if (performance.now() + ms > end) throw new UnreachableError(`${url}: not done within --max-time ${maxTime} s`)
    if (ms > 0) await wait(ms)
  }

  async function once(request: WireRequest): Promise<WireAnswer | Error> {
    const now = performance.now()
    const turn = Math.max(now, next)
    next = turn + 1000 / rate
    await pause(turn - now)
    try {
      const answer = await send(url, { ...request, path: prefix + request.path }, connection)
      return answer.whole ? answer : new Error('the answer was cut in the middle')
    } catch (error) {
      return error as Error
    }
  }

  return {
    url,
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
  const asked = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Math.min(LONGEST_PAUSE_MS, asked >= 0 ? asked : FIRST_PAUSE_MS * 2 ** attempt)
}

async function tlsOf({ ca, insecure }: TargetSettings): Promise<Connection['tls'] & object> {
  if (insecure) return { rejectUnauthorized: false }
  if (ca === undefined) return {}
  const { rootCertificates } = await import('node:tls')
  try {
    const pem = await readFile(ca, 'utf8')
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('no certificate in it')
    return { ca: [...rootCertificates, pem] }
  } catch (error) {
    throw new TargetError(`--ca: found ${ca}, ${(error as Error).message}; allowed: a PEM file of certificates`)
  }
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'no such host is known',
  EAI_AGAIN: 'no such host is known',
  ECONNRESET: 'the connection was broken off',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not known; --ca FILE vouches for it',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not known; --ca FILE vouches for it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not known; --ca FILE vouches for it',
}

function reasonOf(error: NodeJS.ErrnoException): string {
  return REASONS[error.code ?? ''] ?? error.message
}
