import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Release } from '../src/authentik/releases.js'
import type { MockWorld } from '../src/index.js'
import { explain } from './findings.js'
import type { Language } from './languages.js'
import { serveRecording } from './recorded-server.js'
import { readModels, releaseOf } from './release-of.js'
import { expectedOutcomes, isSame, type Outcome, recordingOf, TASK } from './task.js'

/** What became of a step that did not go as on a real authentik. */
export interface Failure {
  step: string
  error: string
  /** The finding that explains it; without one, the mock or this check is at fault. */
  finding?: string
  /** The release whose recorded bodies fail the client in the same way. */
  recording?: string
}

/** What came of one version of a client; `skipped` says why nothing did. */
export interface Trial {
  language: string
  version: string
  release?: string
  steps?: number
  failures?: Failure[]
  skipped?: string
}

const CACHE = join(import.meta.dirname, '.cache')
const STEP_LIMIT_MS = 60_000

/** Whether the commands of a language are here. */
export async function hasToolchain({ toolchain: [command, ...args] }: Language): Promise<boolean> {
  return promisify(execFile)(command, args).then(
    () => true,
    () => false,
  )
}

/**
 * Installs a version of a client unless it is there already, and takes the steps through it, in a world of its own at
 * the release that it speaks for.
 *
 * @throws Error where it cannot be installed, or speaks for no known release
 */
export async function tryClient(mock: MockWorld, name: string, language: Language, version: string): Promise<Trial> {
  const folder = join(CACHE, name, version)
  await installOnce(language, version, folder)
  const release = releaseOf(version, await readModels(language, folder, version))
  await using world = mock.world()
  await world.serveAs(release.name)
  const outcomes = await takeSteps(language, folder, world.url)
  const expected = expectedOutcomes(recordingOf(release))
  const failed = expected.filter(({ step }, i) => !isSame(expected[i] as Outcome, outcomes.get(step)))
  const failures = failed.map(({ step }) => ({ step, error: wordsOf(outcomes.get(step)) }))
  const trial = { language: name, version, release: release.name, steps: expected.length }
  if (failures.length === 0) return { ...trial, failures }
  return { ...trial, failures: await explainAll(failures, name, language, folder, release) }
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
  const { stdout } = await promisify(execFile)(command, args, { env, timeout: STEP_LIMIT_MS })
  const outcomes = stdout.trim().split('\n').map((line): Outcome => JSON.parse(line))
  return new Map(outcomes.map((outcome) => [outcome.step, outcome]))
}

/** A failure is authentik's own only where recorded bodies fail the client for the same reason. */
async function explainAll(
  failures: Failure[],
  name: string,
  language: Language,
  folder: string,
  release: Release,
): Promise<Failure[]> {
  const recording = recordingOf(release)
  await using server = await serveRecording(recording)
  const recorded = await takeSteps(language, folder, server.url)
  return failures.map((failure) => {
    const finding = explain(name, failure.error)
    if (finding === undefined) return failure
    const isProven = explain(name, wordsOf(recorded.get(failure.step))) === finding
    return { ...failure, finding, ...(isProven && { recording: recording.release }) }
  })
}

function wordsOf(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'the step was not taken'
  const { error } = (outcome.detail ?? {}) as { error?: string }
  return error ?? `the outcome was ${JSON.stringify({ ok: outcome.ok, detail: outcome.detail })}`
}
