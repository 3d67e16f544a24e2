import type { Report } from '../../control/bodies.js'
import { asSevereAs, createReporter } from '../../control/findings/report.js'
import { counted } from '../../format/counted.js'
import { visibleJson, visibleValues } from '../../format/visible.js'
import { createLog } from '../../server/log.js'
import { type LogOutput, openLogOutput } from '../../server/log-output.js'
import { createMasks } from '../../server/masking.js'
import { openMock } from '../../server/mock.js'
import { readSources } from '../../world/load/files.js'
import { SHIPPED_WORLD } from '../../world/load/shipped.js'
import { FindingsError, standardOutputFailed } from '../failure.js'
import { refuseConflicts } from '../option-conflicts.js'
import type { ServeOptions } from '../options.js'
import { checkReportFile, writeReport } from '../report-file.js'
import { openCertificates } from '../tls-options.js'
import { watchFixtures } from '../watch.js'

/** A server that runs. */
export interface Server {
  url: string
  httpsUrl: string | undefined
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

/**
 * @param isTerminal whether a person reads the log
 * @param tell is told what the log cannot tell
 */
export async function serve(options: ServeOptions, isTerminal: boolean, tell: (line: string) => void): Promise<Server> {
  refuseConflicts(options)
  if (options.report !== undefined) await checkReportFile(options.report)
  const output = await openOutput(options, isTerminal, tell)
  const log = createLog(options.logLevel, output)
  const watch = options.watch ? await watchFixtures(options.fixtures) : undefined
  const isDefault = options.fixtures.length === 0 && options.generate === 0
  const sources = isDefault ? [SHIPPED_WORLD] : await readSources(options.fixtures, process.stdin)
  const tls = await openCertificates(options)
  const mock = await openMock({ ...options, sources, log, tls }, options)
  watch?.begin(mock, log)
  await output.drain()
  const isAsked = options.report !== undefined || options.failOn !== undefined
  const onPart = (reason: string) => {
    if (isAsked) tell(`authentik-mock: the report lacks what other mocks saw: ${reason}`)
  }
  return {
    url: mock.url,
    httpsUrl: mock.httpsUrl,
    cut: mock.cut,
    async stop(say) {
      watch?.end()
      const closed = await attempt(mock.close, say)
      const written = await writeAtEnd(options, mock.report(onPart), say)
      await output.end()
      return closed || written
    },
  }
}

/**
 * Writes the report of a server that has ended, or was stopped before it began.
 *
 * @param say is told if it cannot be written, or has what `--fail-on` names, and returns the exit code for it
 * @returns the exit code
 */
export async function writeAtEnd(
  { report: file, failOn }: ServeOptions,
  report: Report,
  say: (error: unknown) => number,
): Promise<number> {
  const failed = file === undefined ? 0 : await attempt(() => writeReport(file, report), say)
  const [first, ...others] = failOn === undefined ? [] : asSevereAs(failOn, report)
  if (failed || first === undefined) return failed
  const { says, found, request } = first
  return say(
    new FindingsError(
      `--fail-on ${failOn}: found ${counted(others.length + 1, 'finding')}: ${says}: ${found} in ${request}${others.length === 0 ? '' : ' …'}`,
    ),
  )
}

/** That of a server which was stopped before it began. */
export function emptyReport(): Report {
  return createReporter(createMasks()).read()
}

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
  const isPretty = !isJson && logLevel !== 'silent'
  const format = isPretty ? await loadFormat() : isTerminal ? visibleJson : (line: string) => line
  return openLogOutput(format, (error) =>
    tell(`authentik-mock: the log ends here: ${standardOutputFailed(error).message}`),
  )
}

/** What is made pretty is parsed first, which undoes the escapes of JSON. */
async function loadFormat(): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty')
  const pretty = prettyFactory({ ignore: 'method,url,status,ms,as,client,reason', translateTime: 'SYS:HH:MM:ss.l' })
  return (line) => pretty(visibleValues(line))
}
