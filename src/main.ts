#!/usr/bin/env node
import { failureOf, standardOutputFailed } from './cli/failure.js'
import { type Invocation, readCommandLine } from './cli/invocation.js'
import { idleOptions } from './cli/option-conflicts.js'
import type { ServeOptions } from './cli/options.js'
import { createStop, STOP_SIGNALS } from './cli/stop.js'
import { visible } from './format/visible.js'

/**
 * The process: the only place that reads its arguments and environment, prints, and decides how it ends. Commands are
 * loaded when they are called for.
 */

const BAR_LENGTH = 30
const MAX_TIMER_MS = 2 ** 31 - 1

/** Whether the stack of an unexpected error is shown. */
let isDebugging = false
/** What becomes of an error that nobody caught. */
let onUncaught = (error: unknown): void => process.exit(say(error))

/** Returns the exit code. */
async function run(args: string[]): Promise<number> {
  const invocation = readCommandLine(args, process.env)
  isDebugging = 'options' in invocation && ['debug', 'trace'].includes(invocation.options.logLevel)
  if ('warnings' in invocation) tellWarnings(invocation)
  if (invocation.command === 'serve') return runServer(invocation.options)
  if (invocation.command === 'worker') return runWorker()
  const { runCommand } = await import('./cli/run-command.js')
  return runCommand(invocation, args, process.env, { ...TALK, print, isTerminal: process.stdout.isTTY })
}

/** A health check, which is asked every few seconds, leaves it to the server to say them. */
function tellWarnings(invocation: Extract<Invocation, { warnings: string[] }>): void {
  const { command, options, warnings } = invocation
  if (command === 'healthcheck' || ['error', 'silent'].includes(options.logLevel)) return
  const idle = invocation.command === 'serve' ? idleOptions(invocation.options) : []
  for (const warning of [...warnings, ...idle]) TALK.tell(`authentik-mock: warning: ${warning}`)
}

/** All work is done by the server: a worker only has to be there. */
async function runWorker(): Promise<number> {
  const stop = createStop()
  for (const signal of STOP_SIGNALS) process.on(signal, stop.ask)
  const staying = setInterval(() => {}, MAX_TIMER_MS)
  await print('authentik-mock worker ready: it has nothing to do\n')
  await stop.requested
  clearInterval(staying)
  return 0
}

/** Serves until somebody asks it to stop, or something goes wrong that nobody planned for. */
async function runServer(options: ServeOptions): Promise<number> {
  const stop = createStop()
  for (const signal of STOP_SIGNALS) process.on(signal, stop.ask)
  const { serve, writeAtEnd, emptyReport } = await import('./cli/commands/serve.js')
  const starting = serve(options, process.stdout.isTTY, TALK.tell)
  const server = await Promise.race([starting, stop.requested])
  if (server === undefined) process.exit(await writeAtEnd(options, emptyReport(), say))

  let failed = 0
  stop.onFurther(server.cut)
  onUncaught = (error) => {
    failed = say(error)
    server.cut()
    stop.ask()
  }
  try {
    if (process.stdout.isTTY) {
      const { firstSteps } = await import('./cli/first-steps.js')
      await print(firstSteps(server.url, options))
    }
    if (server.httpsUrl !== undefined) await print(`authentik-mock by https on ${server.httpsUrl}\n`)
    await print(`authentik-mock ready on ${server.url}\n`)
    await stop.requested
  } catch (error) {
    failed = say(error)
  }
  const ended = await server.stop(say)
  process.exit(failed || ended)
}

/** What a long command says goes where it does not mix with what it prints. */
const TALK = {
  tell: (line: string) => void process.stderr.write(`${visible(line)}\n`),
  progress(done: number, of: number) {
    if (!process.stderr.isTTY || of === 0) return
    const bar = '█'.repeat((done / of) * BAR_LENGTH).padEnd(BAR_LENGTH, '░')
    process.stderr.write(`\r${bar} ${done} of ${of}${done < of ? '' : '\r\x1b[K'}`)
  },
}

/**
 * Resolves to the exit code.
 *
 * @throws OutputError
 */
function print(text: string): Promise<number> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(standardOutputFailed(error)) : resolve(0)))
  })
}

/** Says what went wrong, and returns the exit code for it. */
function say(error: unknown): number {
  const { text, exitCode } = failureOf(error, isDebugging)
  process.stderr.write(`${text}\n`)
  return exitCode
}

// Who writes is told of an error, too; without a listener it would end the process.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})
process.on('uncaughtException', (error) => onUncaught(error))
process.on('unhandledRejection', (error) => onUncaught(error))

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  process.exitCode = say(error)
}
