import { type DestinationStream, type Logger, pino } from 'pino'
import type { RequestContext } from '../authentik/context.js'
import type { LogLevel } from '../cli/options.js'
import { visible, visibleJson, visibleLines } from '../format/visible.js'
import { maskUrl } from './masking.js'

export type Log = Logger

/** Where lines go. */
export interface LogDestination {
  write(line: string): unknown
  flush?(done: (error?: Error) => void): void
}

const MAX_REMEMBERED = 100

export function standardOutput() {
  return pino.destination({ dest: 1, sync: false })
}

/** JSON lines on standard output, one an event, in pino's form; or wherever else they shall go. */
export function createLog(level: LogLevel, destination: DestinationStream = standardOutput()): Log {
  const formatters = { level: (label: string) => ({ level: label }) }
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters }, destination)
}

/** A destination of lines that shows what a terminal would obey, and passes them on. */
export function visibleFor(destination: LogDestination, isPretty: boolean): LogDestination {
  const shown = (name: string, value: unknown) =>
    typeof value === 'string' ? (name === 'stack' ? visibleLines(value) : visible(value)) : value
  return {
    // What is made pretty is parsed first, which undoes the escapes of JSON.
    write: (line) =>
      void destination.write(isPretty ? `${JSON.stringify(JSON.parse(line, shown))}\n` : visibleJson(line)),
    flush: (done) => (destination.flush === undefined ? done() : destination.flush(done)),
  }
}

/** Waits until everything logged so far is written. */
export function flushLog(log: Log): Promise<void> {
  return new Promise((resolve) => log.flush(() => resolve()))
}

/** One line a request: who called what, how it was answered, how long it took. Keys of API tokens never enter it. */
export function logRequest(log: Log, ctx: RequestContext, status: number | null): void {
  if (!log.isLevelEnabled('info')) return
  const { method } = ctx
  const url = maskUrl(ctx.target)
  const ms = Math.round((performance.now() - ctx.startedAt) * 1000) / 1000
  const as = ctx.token ?? 'anonymous'
  log.info({ method, url, status, ms, as }, `${method} ${url} ${status ?? 'dropped'} in ${ms.toFixed(1)} ms as ${as}`)
}

/** Warns of each thing once, and of no more than a hundred things. */
export function createOnce(log: Log): (thing: string, message: string) => void {
  const known = new Set<string>()
  return (thing, message) => {
    if (known.has(thing) || known.size >= MAX_REMEMBERED) return
    known.add(thing)
    log.warn(message)
  }
}
