#!/usr/bin/env node
import manifest from '../package.json' with { type: 'json' }
import { UsageError } from './command-line.js'
import { helpText } from './help.js'
import { readCommandLine, type ServeOptions } from './options.js'

/**
 * The process: the only place that reads its arguments and environment, prints, and decides how it ends. Commands are
 * loaded when they are called for.
 */

const CLOSE_WITHIN_MS = 10_000
const REASONS: Record<string, string> = {
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
    case 'serve':
      return runServer(options)
    case 'validate': {
      const { validate } = await import('./commands/validate.js')
      return print(await validate(words, options))
    }
    case 'schema': {
      const { FixtureFile } = await import('./world/fixtures/grammar.js')
      return print(`${JSON.stringify(FixtureFile, null, 2)}\n`)
    }
    case 'openapi': {
      const { documentText } = await import('./api/v3/schema.js')
      return print(documentText(options.release, 'yaml'))
    }
    case 'releases': {
      const { releasesText } = await import('./commands/releases.js')
      return print(releasesText(words))
    }
    case 'healthcheck': {
      const { checkHealth, serverArguments } = await import('./commands/healthcheck.js')
      const asServer = readCommandLine(['healthcheck', ...(await serverArguments()), ...args.slice(1)], process.env)
      return checkHealth(asServer.options)
    }
  }
}

async function runServer(options: ServeOptions): Promise<void> {
  const [{ serve }, { default: closeWithGrace }] = await Promise.all([
    import('./commands/serve.js'),
    import('close-with-grace'),
  ])
  const server = await serve(options, process.stdout.isTTY)
  closeWithGrace({ delay: CLOSE_WITHIN_MS, logger: false }, async ({ err }) => {
    if (err !== undefined) report(err)
    await server.close()
  })
  if (process.stdout.isTTY) print(firstSteps(server.url, options.token))
  print(`authentik-mock ready on ${server.url}\n`)
}

function firstSteps(url: string, token: string): string {
  const curl = `curl -H 'Authorization: Bearer ${token}' ${url}/api/v3/oauth2/refresh_tokens/`
  return `token  ${token}  (superuser akadmin)\ntry    ${curl}\n`
}

function print(text: string): void {
  process.stdout.write(text)
}

/** One line for each thing that is wrong, never a stack trace. Returns the exit code. */
function report(error: unknown): number {
  const { name, code = '', message } = error as NodeJS.ErrnoException
  const reason = REASONS[code]
  const text =
    name === 'FixtureError' ? message : `authentik-mock: ${message}${reason === undefined ? '' : `: ${reason}`}`
  process.stderr.write(`${text}\n`)
  return error instanceof UsageError || name === 'FixtureError' ? 2 : 1
}

try {
  await run(process.argv.slice(2))
} catch (error) {
  process.exitCode = report(error)
}
