import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { serve as serveOptions } from '../src/cli/commands/serve.js'
import { failureOf } from '../src/cli/failure.js'
import { readCommandLine } from '../src/cli/invocation.js'
import { runCommand } from '../src/cli/run-command.js'
import { visible } from '../src/format/visible.js'

const ROOT = join(import.meta.dirname, '..')
export const PROGRAM = join(ROOT, 'dist', 'main.js')

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** A program that runs, and everything it has printed so far. */
export interface Running extends AsyncDisposable {
  process: ChildProcess
  printed: { stdout: string; stderr: string }
  /** Waits until standard output holds something. */
  prints(pattern: RegExp): Promise<RegExpExecArray>
  ended: Promise<Ended>
}

/** Runs the built program, or what the arguments of Node say, with nothing of this process's own settings. */
export function run(args: string[], environment: Record<string, string> = {}, program = PROGRAM): Running {
  return follow(process.execPath, [...(program === '' ? [] : [program]), ...args], environment)
}

/** Runs a program of this repository, such as `replay/run`: compiled where the tests are (`scripts/test.ts`), or by tsx. */
export function runScript(script: string, args: string[]): Running {
  const { COMPILED } = process.env
  const program = COMPILED === undefined ? join(ROOT, `${script}.ts`) : join(ROOT, COMPILED, `${script}.js`)
  return run([...(COMPILED === undefined ? ['--import=tsx'] : []), program, ...args], {}, '')
}

/** Runs a line of the shell, in which `$NODE` and `$PROGRAM` stand for what they say. */
export function runShell(line: string): Running {
  return follow('sh', ['-c', line], { NODE: process.execPath, PROGRAM })
}

function follow(command: string, args: string[], environment: Record<string, string>): Running {
  const child = spawn(command, args, { env: { PATH: process.env['PATH'] ?? '', ...environment } })
  const printed = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (part) => {
      printed[stream] += part
      for (const look of waiting) look()
    })
  }
  const ended = once(child, 'close').then(([code]): Ended => ({ code, ...printed }))
  return {
    process: child,
    printed,
    ended,
    prints: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(printed.stdout)
          if (found !== null) resolve(found)
        }
        waiting.add(look)
        look()
        ended.then(({ code, stderr }) =>
          reject(new Error(`ended with ${code} before it printed ${pattern}: ${stderr}`)),
        )
      }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Runs the built program to its end. */
export function runToEnd(args: string[], environment: Record<string, string> = {}): Promise<Ended> {
  return run(args, environment).ended
}

/** Runs a command that ends, or a server that does not start, in this process: as `runToEnd` does, in a tenth of its time. */
export async function runHere(args: string[], environment: Record<string, string> = {}): Promise<Ended> {
  const ended: Ended = { code: 0, stdout: '', stderr: '' }
  const say = (text: string) => {
    ended.stderr += `${text}\n`
  }
  try {
    const invocation = readCommandLine(args, environment)
    const tell = (line: string) => say(visible(line))
    if (invocation.command === 'worker') throw new Error('it does not end')
    if (invocation.command === 'serve') {
      ;(await serveOptions(invocation.options, false, tell)).cut()
      throw new Error('it starts')
    }
    ended.code = await runCommand(invocation, args, environment, {
      ...{ isTerminal: false, tell, progress: () => {} },
      async print(text) {
        ended.stdout += text
        return 0
      },
    })
  } catch (error) {
    const { text, exitCode } = failureOf(error, false)
    say(text)
    ended.code = exitCode
  }
  return ended
}

/** Starts a server on a free port, and waits until it is ready. */
export async function serve(
  args: string[] = [],
  environment: Record<string, string> = {},
): Promise<Running & { url: string }> {
  const running = run(['--port', '0', ...args], environment)
  const [, url = ''] = await running.prints(/ready on (\S+)/)
  return { ...running, url }
}
