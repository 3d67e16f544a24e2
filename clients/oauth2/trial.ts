import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { cp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startMock } from '../../src/index.js'
import { openBrowser } from './browser.js'
import { PROGRAMS, type Program } from './programs.js'
import type { Trial } from './results.js'
import { expectedOf, faultIn, type Outcome, type Task, taskOf, USER, worldWith } from './task.js'

const CACHE = join(import.meta.dirname, '..', '.cache', 'oauth2')
const LIMIT_MS = 120_000

/** What stands in the manifest of a client: each package and its version. */
export function versionsOf(name: string): string[] {
  const { manifest, pinned } = PROGRAMS[name] as Program
  const text = readFileSync(join(import.meta.dirname, name, manifest), 'utf8')
  return [...text.matchAll(pinned)].map(([, what, version = '']) => `${what} ${version.replace(/^v/, '')}`)
}

/**
 * Installs a client unless it is there already, and takes the steps through it, in a world of its own.
 *
 * @throws Error where it cannot be installed or started
 */
export async function tryClient(name: string, release: string): Promise<Trial> {
  const program = PROGRAMS[name] as Program
  const trial = { client: name, packages: versionsOf(name), release }
  const folder = await installOnce(name, program)
  const { as = 'server', callback = '/callback' } = program
  const redirectUri = `http://localhost:${await freePort()}${callback}`
  await using browser = await openBrowser(USER, redirectUri)
  await using mock = await startMock({ fixtures: worldWith(redirectUri), release, logLevel: 'silent' })
  await using world = mock.world()
  // A page of another origin may not use a world by its name.
  const task = taskOf(as === 'page' ? mock.url : world.url, as, redirectUri, browser.url, mock.token)
  return { ...trial, ...judge(await takeSteps(program, folder, task), expectedOf(as)) }
}

/** What came of the steps. */
export function judge(
  outcomes: Outcome[],
  expected: Outcome[],
): Required<Pick<Trial, 'steps' | 'plain' | 'absent' | 'failures'>> {
  const names = (has: (outcome: Outcome) => boolean | undefined) => outcomes.filter(has).map(({ step }) => step)
  const failures = expected.flatMap((each) => {
    const outcome = outcomes.find(({ step }) => step === each.step)
    const error = faultIn(each, outcome)
    return error === undefined ? [] : [{ step: each.step, error }]
  })
  const absent = names((outcome) => outcome.absent)
  return { steps: expected.length - absent.length, plain: names((outcome) => outcome.plain), absent, failures }
}

/** A mark tells of which sources all is there: what was cut short or has changed since is begun again. */
async function installOnce(name: string, program: Program): Promise<string> {
  const sources = join(import.meta.dirname, name)
  const folder = join(CACHE, name)
  const hash = createHash('sha256')
  for (const file of readdirSync(sources).sort()) hash.update(file).update(readFileSync(join(sources, file)))
  const mark = join(folder, `.installed-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(mark)) return folder
  await rm(folder, { recursive: true, force: true })
  await cp(sources, folder, { recursive: true })
  await program.install(folder)
  await writeFile(mark, '')
  return folder
}

async function takeSteps({ start, variables }: Program, folder: string, task: Task): Promise<Outcome[]> {
  const [command, ...args] = start
  const env = { ...process.env, ...variables, TASK: JSON.stringify(task) }
  const { stdout } = await promisify(execFile)(command, args, { cwd: folder, env, timeout: LIMIT_MS })
  const lines = stdout.trim().split('\n')
  return lines.map((line): Outcome => JSON.parse(line))
}

/** One that nothing listens on, but what a client starts itself. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
