#!/usr/bin/env node
import closeWithGrace from 'close-with-grace'
import manifest from '../package.json' with { type: 'json' }
import { UsageError } from './command-line.js'
import { checkHealth, serverArguments } from './commands/healthcheck.js'
import { watchFixtures } from './commands/watch.js'
import { helpText } from './help.js'
import { createLog, flushLog, type Log } from './log.js'
import { openMock } from './mock.js'
import { readCommandLine, type ServeOptions } from './options.js'
import { SHIPPED_WORLD } from './shipped.js'
import { readDocuments } from './world/fixtures/files.js'
import { FixtureFile } from './world/fixtures/grammar.js'
import { FixtureError, formatMistake } from './world/fixtures/mistakes.js'
import { startWorld } from './world/start.js'

/** The process: the only place that prints, and that decides how it ends. */

const CLOSE_WITHIN_MS = 10_000
const NETWORK_ERRORS: Record<string, string> = {
  EADDRINUSE: 'the port is in use; --port 0 takes any free one',
  EACCES: 'this port is not for everybody; take one above 1023',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'no such host is known',
}

async function run(args: string[]): Promise<void> {
  const { command, words, options } = readCommandLine(args, process.env)
  switch (command) {
    case 'help':
      return print(helpText(manifest.version))
    case 'version':
      return print(`${manifest.version}\n`)
    case 'schema':
      return print(`${JSON.stringify(FixtureFile, null, 2)}\n`)
    case 'validate':
      return validate(words, options)
    case 'healthcheck':
      return healthcheck(args)
    case 'serve':
      return serve(options)
  }
}

async function serve(options: ServeOptions): Promise<void> {
  if (options.watch && options.fixtures.length === 0)
    throw new UsageError('--watch: found no --fixtures; allowed: with at least one')
  const log = await openLog(options)
  const isDefault = options.fixtures.length === 0 && options.generate === 0
  const documents = isDefault ? [SHIPPED_WORLD] : await readDocuments(options.fixtures)
  const mock = await openMock({ ...options, documents, log }, options)
  const unwatch = options.watch ? await watchFixtures(options.fixtures, mock, log) : undefined
  closeWithGrace({ delay: CLOSE_WITHIN_MS, logger: false }, async ({ err }) => {
    if (err !== undefined) report(err)
    await unwatch?.()
    await mock.close()
    await flushLog(log)
  })
  await flushLog(log)
  if (process.stdout.isTTY) print(firstSteps(mock.url, options.token))
  print(`authentik-mock ready on ${mock.url}\n`)
}

function firstSteps(url: string, token: string): string {
  return `token  ${token}  (superuser akadmin)\ntry    curl -H 'Authorization: Bearer ${token}' ${url}/api/v3/oauth2/refresh_tokens/\n`
}

async function validate(paths: string[], options: ServeOptions): Promise<void> {
  const { baseline, warnings } = await startWorld({
    ...options,
    documents: await readDocuments(paths),
    begin: Date.now() * 1e3,
  })
  for (const warning of warnings) print(`warning: ${warning}\n`)
  const { users, providers, refreshTokens } = baseline
  print(`fine: ${refreshTokens.size} refresh tokens, ${users.size} users, ${providers.size} providers\n`)
}

async function healthcheck(args: string[]): Promise<void> {
  const { options } = readCommandLine([...args, ...(await serverArguments()), ...args.slice(1)], process.env)
  const trouble = await checkHealth(options)
  if (trouble === undefined) return
  process.stderr.write(`authentik-mock: ${trouble}\n`)
  process.exitCode = 1
}

/** Readable on a terminal, JSON lines otherwise; both on standard output. */
async function openLog({ logLevel, logFormat }: ServeOptions): Promise<Log> {
  const isPretty = logFormat === 'pretty' || (logFormat === 'auto' && process.stdout.isTTY)
  if (!isPretty) return createLog(logLevel)
  const { PinoPretty } = await import('pino-pretty')
  return createLog(
    logLevel,
    PinoPretty({ ignore: 'method,url,status,ms,as', translateTime: 'SYS:HH:MM:ss.l', sync: true }),
  )
}

function print(text: string): void {
  process.stdout.write(text)
}

/** One line for each thing that is wrong, never a stack trace. Returns the exit code. */
function report(error: unknown): number {
  if (error instanceof FixtureError) {
    process.stderr.write(`${error.mistakes.map(formatMistake).join('\n')}\n`)
    return 2
  }
  const { code = '', message } = error as NodeJS.ErrnoException
  const reason = NETWORK_ERRORS[code]
  process.stderr.write(`authentik-mock: ${reason === undefined ? message : `${message}: ${reason}`}\n`)
  return error instanceof UsageError ? 2 : 1
}

try {
  await run(process.argv.slice(2))
} catch (error) {
  process.exitCode = report(error)
}
