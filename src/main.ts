#!/usr/bin/env node
import manifest from '../package.json' with { type: 'json' }
import { helpText } from './cli/help.js'
import { readCommandLine } from './cli/invocation.js'
import type { ServeOptions } from './cli/options.js'
import { visible, visibleJson } from './format/visible.js'

/**
 * The process: the only place that reads its arguments and environment, prints, and decides how it ends. Commands are
 * loaded when they are called for.
 */

const CLOSE_WITHIN_MS = 10_000
const EXIT_FINDINGS = 4
const BAR_LENGTH = 30
/** How the process ends after an error, by its name; any other one is a failure while running. */
const EXIT_CODES: Record<string, number> = {
  UsageError: 2,
  FixtureError: 2,
  TargetError: 2,
  UnreachableError: 3,
  OutputError: 1,
}
const REASONS: Record<string, string> = {
  EADDRINUSE: 'the port is in use; --port 0 takes any free one',
  EACCES: 'this port is not for everybody; take one above 1023',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'no such host is known',
}

async function run(args: string[]): Promise<void> {
  const asked = readCommandLine(args, process.env)
  switch (asked.command) {
    case 'help':
      return print(helpText(manifest.version, asked.about))
    case 'version':
      return print(`${manifest.version}\n`)
    case 'serve':
      return runServer(asked.options)
    case 'validate': {
      const { validate } = await import('./cli/commands/validate.js')
      return print(await validate(asked.words, asked.options))
    }
    case 'schema': {
      const { FixtureFile } = await import('./world/load/grammar.js')
      return print(`${JSON.stringify(FixtureFile, null, 2)}\n`)
    }
    case 'openapi': {
      const { documentText } = await import('./routes/api/v3/document.js')
      return print(documentText(asked.options.release, asked.options.format))
    }
    case 'releases': {
      const { releasesText } = await import('./cli/commands/releases.js')
      return print(releasesText(asked.words))
    }
    case 'capture': {
      const { capture } = await import('./cli/commands/capture.js')
      const rows = await capture(asked.options, TALK)
      return print(process.stdout.isTTY ? visibleJson(rows) : rows)
    }
    case 'verify': {
      const { verify } = await import('./cli/commands/verify.js')
      const { text, agrees } = await verify(asked.options, TALK)
      if (!agrees) process.exitCode = 1
      return print(text)
    }
    case 'healthcheck': {
      const { checkHealth, serverArguments } = await import('./cli/commands/healthcheck.js')
      const asServer = readCommandLine(['healthcheck', ...(await serverArguments()), ...args.slice(1)], process.env)
      return checkHealth(asServer.command === 'healthcheck' ? asServer.options : asked.options)
    }
  }
}

async function runServer(options: ServeOptions): Promise<void> {
  const [{ serve, fails, writeReport }, { default: closeWithGrace }] = await Promise.all([
    import('./cli/commands/serve.js'),
    import('close-with-grace'),
  ])
  const server = await serve(options, process.stdout.isTTY)
  closeWithGrace({ delay: CLOSE_WITHIN_MS, logger: false }, async ({ err }) => {
    if (err !== undefined) report(err)
    await server.close()
    const findings = server.report()
    try {
      if (options.report !== undefined) await writeReport(options.report, findings)
    } catch (error) {
      process.exit(report(error))
    }
    if (fails(findings, options.failOn)) process.exit(EXIT_FINDINGS)
  })
  if (process.stdout.isTTY) print(firstSteps(server.url, options.token))
  print(`authentik-mock ready on ${server.url}\n`)
}

function firstSteps(url: string, token: string): string {
  const curl = `curl -H 'Authorization: Bearer ${token}' ${url}/api/v3/oauth2/refresh_tokens/`
  return `token  ${token}  (superuser akadmin)\ntry    ${curl}\n`
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

function print(text: string): void {
  process.stdout.write(text)
}

/** One line for each thing that is wrong, never a stack trace. Returns the exit code. */
function report(error: unknown): number {
  const { name, code = '', message } = error as NodeJS.ErrnoException
  const reason = REASONS[code]
  // The lines of a FixtureError are visible already.
  const text =
    name === 'FixtureError'
      ? message
      : `authentik-mock: ${visible(message.trim())}${reason === undefined ? '' : `: ${reason}`}`
  process.stderr.write(`${text}\n`)
  return EXIT_CODES[name] ?? 1
}

try {
  await run(process.argv.slice(2))
} catch (error) {
  process.exitCode = report(error)
}
