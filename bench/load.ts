import { type LineProcess, startLineProcess } from './line-process.js'
import type { Exchange } from './operations.js'
import type { Server } from './server.js'

/** What the load generator is to do. */
export interface Load {
  url: string
  connections: number
  /** How long, unless an amount is given. */
  seconds: number
  /** How many requests in all. */
  amount?: number
  /** What each connection asks, over and over; the connections take them in turn. */
  scripts: Exchange[][]
}

/** What a server did under load. */
export interface Round {
  /** Requests per second. */
  rate: number
  /** Milliseconds. */
  p50: number
  p99: number
  /** Microseconds of processor time that the server took for each request; null where the system does not tell. */
  cpu: number | null
}

/** What the load generator tells. */
export interface Answer {
  requests: number
  seconds: number
  p50: number
  p99: number
  statuses: [number, number][]
  errors: number
}

/**
 * Puts load on a server from a process of its own.
 *
 * @param statuses what the answers may be
 * @throws Error where an answer was another: there is no point in the speed of wrong answers
 */
export async function measure(server: Server, load: Omit<Load, 'url'>, statuses: number[]): Promise<Round> {
  const before = server.processorTime()
  const answer = await generate({ url: server.url, ...load })
  const after = server.processorTime()
  const wrong = answer.statuses.filter(([status]) => !statuses.includes(status))
  if (wrong.length > 0 || answer.errors > 0)
    throw new Error(`${server.name}: ${answer.errors} errors, and answers with status ${wrong.map(String).join('; ')}`)
  return {
    rate: answer.requests / answer.seconds,
    p50: answer.p50,
    p99: answer.p99,
    cpu: before === null || after === null ? null : (after - before) / answer.requests,
  }
}

async function generate(load: Load): Promise<Answer> {
  loader ??= startLineProcess('loader.ts')
  return loader.ask(load)
}

/** One for all that is measured: it is warm from the second time on, whoever is asked. */
let loader: LineProcess<Load, Answer> | undefined

/** Lets the load generator go. */
export function endLoad(): void {
  loader?.end()
  loader = undefined
}
