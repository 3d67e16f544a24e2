import { type LevelWithSilent, type Logger, pino } from 'pino'
import type { RequestContext } from '../authentik/context.js'
import type { LogOutput } from './log-output.js'
import type { Masks } from './masking.js'

export type Log = Logger

const MAX_REMEMBERED = 100
const MAX_URL_LENGTH = 4096
const MAX_THING_LENGTH = 200
const MAX_REASON_LENGTH = 500

/** JSON lines, one an event, in pino's form. */
export function createLog(level: LevelWithSilent, destination: Pick<LogOutput, 'write'>): Log {
  const formatters = { level: (label: string) => ({ level: label }) }
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters }, destination)
}

/**
 * One line a request: who called what, how it was answered and, where authentik does not say it, why, how long it took.
 * Keys of API tokens never enter it.
 */
export function logRequest(log: Log, masks: Masks, ctx: RequestContext, status: number | null): void {
  if (!log.isLevelEnabled('info')) return
  const { target } = ctx
  const method = masks.mask(ctx.method)
  const url = masks.mask(target.slice(0, MAX_URL_LENGTH), target.length > MAX_URL_LENGTH)
  const ms = Math.round((performance.now() - ctx.startedAt) * 1000) / 1000
  const as = ctx.token ?? 'anonymous'
  const { client } = ctx
  const who = client === undefined ? as : `client ${client}`
  const done = `${method} ${url} ${status ?? 'dropped'} in ${ms.toFixed(1)} ms as ${who}`
  const fields = { method, url, status, ms, as, ...(client !== undefined && { client }) }
  if (ctx.reason === undefined) return log.info(fields, done)
  const isLong = ctx.reason.length > MAX_REASON_LENGTH
  const reason = masks.mask(ctx.reason.slice(0, MAX_REASON_LENGTH), isLong)
  log.info({ ...fields, reason }, `${done}: ${reason}`)
}

/** Warns of each thing once, and of no more than a hundred things. */
export function createOnce(
  log: Log,
  masks: Masks,
  message = (thing: string, _more: string) => thing,
): (thing: string, more?: string) => void {
  const known = new Set<string>()
  return (thing, more = '') => {
    if (known.size >= MAX_REMEMBERED) return
    const shown = masks.mask(thing.slice(0, MAX_THING_LENGTH), thing.length > MAX_THING_LENGTH)
    const said = message(shown, more)
    if (known.has(said)) return
    known.add(said)
    log.warn(said)
  }
}
