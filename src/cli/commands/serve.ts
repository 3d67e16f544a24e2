import type { Report } from '../../control/schema.js'
import { createLog, flushLog, type Log, standardOutput, visibleFor } from '../../server/log.js'
import { openMock } from '../../server/mock.js'
import { readSources } from '../../world/load/files.js'
import { SHIPPED_WORLD } from '../../world/load/shipped.js'
import { UsageError } from '../command-line.js'
import type { ServeOptions } from '../options.js'
import { checkReportFile } from './report.js'
import { watchFixtures } from './watch.js'

export { fails } from '../../control/findings/report.js'
export { writeReport } from './report.js'

/** A server that runs. */
export interface Server {
  url: string
  /** What its clients did so far. */
  report(): Report
  /** Finishes open requests and writes what is logged. */
  close(): Promise<void>
}

/** @param isTerminal whether a person reads the log */
export async function serve(options: ServeOptions, isTerminal: boolean): Promise<Server> {
  if (options.watch && options.fixtures.length === 0) {
    throw new UsageError('--watch: found no --fixtures; allowed: with at least one')
  }
  if (options.report !== undefined) await checkReportFile(options.report)
  const log = await openLog(options, isTerminal)
  const watch = options.watch ? await watchFixtures(options.fixtures) : undefined
  const isDefault = options.fixtures.length === 0 && options.generate === 0
  const sources = isDefault ? [SHIPPED_WORLD] : await readSources(options.fixtures)
  const mock = await openMock({ ...options, sources, log }, options)
  watch?.begin(mock, log)
  await flushLog(log)
  return {
    url: mock.url,
    report: mock.report,
    async close() {
      watch?.end()
      await mock.close()
      await flushLog(log)
    },
  }
}

async function openLog({ logLevel, logFormat }: ServeOptions, isTerminal: boolean): Promise<Log> {
  if (logFormat === 'json' || (logFormat === 'auto' && !isTerminal))
    return createLog(logLevel, isTerminal ? visibleFor(standardOutput(), false) : undefined)
  const { default: prettify } = await import('pino-pretty')
  const pretty = prettify({ ignore: 'method,url,status,ms,as', translateTime: 'SYS:HH:MM:ss.l', sync: true })
  return createLog(logLevel, visibleFor(pretty, true))
}
