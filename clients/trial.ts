import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Release } from '../src/authentik/releases.js'
import type { Mock } from '../src/index.js'
import { breachesIn, fieldsIn } from './findings.js'
import type { Language } from './languages.js'
import { serveRecording } from './recorded-server.js'
import { readModels, releaseOf } from './release-of.js'
import type { Failure, Trial } from './results.js'
import { expectedOutcomes, isNeighbour, isSame, type Outcome, recordingOf, TASK } from './task.js'

const CACHE = join(import.meta.dirname, '.cache')
/** The first import of the Python client takes most of it. */
const LIMIT_MS = 300_000

/** Whether the commands of a language are here. */
export async function hasToolchain({ toolchain: [command, ...args] }: Language): Promise<boolean> {
  return promisify(execFile)(command, args).then(
    () => true,
    () => false,
  )
}

export function label(name: string, language: Language, version: string): Trial {
  return { language: name, package: language.package, version }
}

/**
 * Installs a version of a client unless it is there already, and takes the steps through it, in a world of its own at
 * the release that it speaks for.
 *
 * @throws Error where it cannot be installed, or speaks for no known release
 */
export async function tryClient(mock: Mock, name: string, language: Language, version: string): Promise<Trial> {
  const folder = join(CACHE, name, version)
  await installOnce(language, version, folder)
  const release = releaseOf(version, await readModels(language, folder, version))
  await using world = mock.world()
  await world.serveAs(release.name)
  const outcomes = await takeSteps(language, folder, world.url)
  const expected = expectedOutcomes(recordingOf(release), release)
  const failed = expected.filter(({ step }, i) => !isSame(expected[i] as Outcome, outcomes.get(step)))
  const failures = failed.map(({ step }) => ({ step, error: wordsOf(outcomes.get(step)) }))
  const trial = { ...label(name, language, version), release: release.name, steps: expected.length }
  if (failures.length === 0) return { ...trial, failures }
  return { ...trial, failures: await explainAll(failures, language, folder, release) }
}

/** A mark is left once all is there, so that an install that was cut short is begun again. */
async function installOnce(language: Language, version: string, folder: string): Promise<void> {
  const mark = join(folder, '.installed')
  if (existsSync(mark)) return
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await language.install(version, folder)
  await writeFile(mark, '')
}

async function takeSteps(language: Language, folder: string, url: string): Promise<Map<string, Outcome>> {
  const { command, args = [], variables } = language.start(folder)
  const env = { ...process.env, ...variables, TASK: JSON.stringify({ ...TASK, url }) }
  const { stdout } = await promisify(execFile)(command, args, { env, timeout: LIMIT_MS })
  const outcomes = stdout
    .trim()
    .split('\n')
    .map((line): Outcome => JSON.parse(line))
  return new Map(outcomes.map((outcome) => [outcome.step, outcome]))
}

/** A failure is authentik's own only where recorded bodies fail the client for the same reason. */
async function explainAll(
  failures: Failure[],
  language: Language,
  folder: string,
  release: Release,
): Promise<Failure[]> {
  const recording = recordingOf(release)
  await using server = await serveRecording(recording)
  const recorded = await takeSteps(language, folder, server.url)
  return failures.map(({ step, error }) => {
    const breaches = breachesIn(error, step)
    if (breaches.length === 0) return { step, error }
    const seen = fieldsIn(wordsOf(recorded.get(step)), step)
    const isProven = breaches.every((field) => seen.includes(field))
    const { release } = isNeighbour(step, recording) ? recording.neighbours : recording
    return { step, error, breaches, ...(isProven && { recording: release }) }
  })
}

function wordsOf(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'the step was not taken'
  const { error } = (outcome.detail ?? {}) as { error?: string }
  return (
    error?.replaceAll(/\n +For further information .*/g, '') ??
    `the outcome was ${JSON.stringify({ ok: outcome.ok, detail: outcome.detail })}`
  )
}
