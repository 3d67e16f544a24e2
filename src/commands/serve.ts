import { UsageError } from '../command-line.js'
import { createReporter, fails } from '../control/report/report.js'
import type { Report } from '../control/schema.js'
import { OutputError } from '../failure.js'
import { createLog } from '../log.js'
import { type LogOutput, openLogOutput } from '../log-output.js'
import { openMock } from '../mock.js'
import type { ServeOptions } from '../options.js'
import { SHIPPED_WORLD } from '../shipped.js'
import { readDocuments } from '../world/fixtures/files.js'
import { checkReportFile, writeReport } from './report.js'
import { watchFixtures } from './watch.js'

/** A server that runs. */
export interface Server {
  url: string
  /**
   * Stops it within the grace that its options give to begun answers. Whatever fails, the report is written.
   *
   * @param say is told of what fails, and returns the exit code for it
   * @returns the exit code
   */
  stop(say: (error: unknown) => number): Promise<number>
  /** Cuts all connections, so that nobody waits for the grace. */
  cut(): void
}

const EXIT_FINDINGS = 4

/**
 * @param isTerminal whether a person reads the log
 * @param tell is told what the log cannot tell
 */
export async function serve(options: ServeOptions, isTerminal: boolean, tell: (line: string) => void): Promise<Server> {
  if (options.watch && options.fixtures.length === 0) {
    throw new UsageError('--watch: found no --fixtures; allowed: with at least one')
  }
  if (options.report !== undefined) checkReportFile(options.report)
  const output = await openOutput(options, isTerminal, tell)
  const log = createLog(options.logLevel, output)
  const isDefault = options.fixtures.length === 0 && options.generate === 0
  const documents = isDefault ? [SHIPPED_WORLD] : await readDocuments(options.fixtures)
  const mock = await openMock({ ...options, documents, log }, options)
  const unwatch = options.watch ? await watchFixtures(options.fixtures, mock, log) : undefined
  await output.drain()
  return {
    url: mock.url,
    cut: mock.cut,
    async stop(say) {
      unwatch?.().catch(say)
      const closed = await attempt(mock.close, say)
      const written = await writeAtEnd(options, mock.report(), say)
      await output.end()
      return closed || written
    },
  }
}

/**
 * Writes the report of a server that has ended, or was stopped before it began.
 *
 * @param say is told if it cannot be written, and returns the exit code for it
 * @returns the exit code
 */
export async function writeAtEnd(
  { report: file, failOn }: ServeOptions,
  report: Report,
  say: (error: unknown) => number,
): Promise<number> {
  const failed = file === undefined ? 0 : await attempt(() => writeReport(file, report), say)
  return failed || (fails(report, failOn) ? EXIT_FINDINGS : 0)
}

export const EMPTY_REPORT: Report = createReporter().read()

async function attempt(act: () => Promise<void>, say: (error: unknown) => number): Promise<number> {
  try {
    await act()
    return 0
  } catch (error) {
    return say(error)
  }
}

async function openOutput(
  { logLevel, logFormat }: ServeOptions,
  isTerminal: boolean,
  tell: (line: string) => void,
): Promise<LogOutput> {
  const isJson = logFormat === 'json' || (logFormat === 'auto' && !isTerminal)
  const format = isJson || logLevel === 'silent' ? (line: string) => line : await loadFormat()
  return openLogOutput(format, (error) => tell(`authentik-mock: the log ends here: ${new OutputError(error).message}`))
}

async function loadFormat(): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty')
  return prettyFactory({ ignore: 'method,url,status,ms,as', translateTime: 'SYS:HH:MM:ss.l' })
}
