import manifest from '../../package.json' with { type: 'json' }
import { visibleJson } from '../format/visible.js'
import type { Environment } from './environment.js'
import { type Invocation, readCommandLine } from './invocation.js'
import type { Talk } from './talk.js'

/** Commands that do their work and end. Each is loaded when it is called for. */

type Ending = Exclude<Invocation, { command: 'serve' | 'worker' }>

/** Where what a command is asked for goes. */
export interface Printer {
  isTerminal: boolean
  /** Resolves to the exit code. */
  print(text: string): Promise<number>
}

/** Returns the exit code. */
export async function runCommand(
  invocation: Ending,
  args: string[],
  environment: Environment,
  output: Talk & Printer,
): Promise<number> {
  const { print } = output
  switch (invocation.command) {
    case 'help': {
      const { helpText } = await import('./help.js')
      return print(helpText(manifest.version, invocation.about))
    }
    case 'version':
      return print(`${manifest.version}\n`)
    case 'validate': {
      const { validate } = await import('./commands/validate.js')
      return print(await validate(invocation.words, invocation.options))
    }
    case 'schema': {
      const { FixtureFile } = await import('../world/load/sections.js')
      return print(`${JSON.stringify(FixtureFile, null, 2)}\n`)
    }
    case 'openapi': {
      const { documentText } = await import('../routes/api/v3/schema-document.js')
      return print(documentText(invocation.options.release, invocation.options.format))
    }
    case 'releases': {
      const { releasesText } = await import('./commands/releases.js')
      return print(releasesText(invocation.words))
    }
    case 'capture': {
      const { capture } = await import('./commands/capture.js')
      const { hidingToken } = await import('./hidden-token.js')
      const rows = await hidingToken(invocation.options.token, output, (said) => capture(invocation.options, said))
      return print(output.isTerminal ? visibleJson(rows) : rows)
    }
    case 'verify': {
      const { verify } = await import('./commands/verify.js')
      const { hidingToken } = await import('./hidden-token.js')
      const { text, agrees } = await hidingToken(invocation.options.token, output, async (said, hide) => {
        const { text, agrees } = await verify(invocation.options, said)
        return { text: hide(text), agrees }
      })
      await print(text)
      return agrees ? 0 : 1
    }
    case 'healthcheck': {
      const { checkHealth, containerArguments } = await import('./commands/healthcheck.js')
      const own = args.filter((_, i) => i !== args.indexOf('healthcheck'))
      const started = readCommandLine([...(await containerArguments()), ...own], environment)
      // A worker is healthy as long as it is there, and it is the first process of its container.
      if (started.command !== 'worker')
        await checkHealth(started.command === 'serve' ? started.options : invocation.options)
      return 0
    }
  }
}
