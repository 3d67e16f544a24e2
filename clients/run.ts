import { readFileSync, writeFileSync } from 'node:fs'
import { startMock, UsageError } from '../src/index.js'
import { LANGUAGES, type Language } from './languages.js'
import { isAgreed, type Trial } from './results.js'
import { readSelection, type Selection } from './selection.js'
import { clientsTable } from './table.js'
import { WORLD } from './task.js'
import { hasToolchain, label, tryClient } from './trial.js'

/**
 * The process of `npm run clients`: tries authentik's own clients against the mock, keeps the results, prints the table.
 * Exit codes: 0 where all agree, or fail as they do on a real authentik; 1 where one does not; 2 for wrong options.
 */

const RESULTS = new URL('results.json', import.meta.url)

async function tryAll(selection: Selection[]): Promise<Trial[]> {
  await using mock = await startMock({ fixtures: WORLD })
  const trials: Trial[] = []
  for (const { language: name, version } of selection) {
    const language = LANGUAGES[name] as Language
    const found = (await hasToolchain(language))
      ? await tryClient(mock, name, language, version).catch((error) => ({
          ...label(name, language, version),
          broken: error.message.trim().split('\n').at(-1),
        }))
      : { ...label(name, language, version), skipped: 'no toolchain' }
    process.stderr.write(`${name} ${version}: ${isAgreed(found) ? (found.skipped ?? 'as on authentik') : 'differs'}\n`)
    trials.push(found)
    keep(found)
  }
  return trials
}

/** The results of versions that were not tried this time stay; those of versions no longer listed go. */
function keep(trial: Trial): void {
  const kept = readResults().filter((other) => !isSameClient(other, trial))
  const trials = readSelection([]).flatMap((each) => [...kept, trial].find((other) => isSameClient(other, each)) ?? [])
  writeFileSync(RESULTS, `${JSON.stringify(trials, null, 2)}\n`)
}

function readResults(): Trial[] {
  return JSON.parse(readFileSync(RESULTS, 'utf8'))
}

function isSameClient(some: Selection, other: Selection): boolean {
  return some.language === other.language && some.version === other.version
}

try {
  const trials = await tryAll(readSelection(process.argv.slice(2)))
  process.stdout.write(`${clientsTable(readResults())}\n`)
  process.exitCode = trials.every(isAgreed) ? 0 : 1
} catch (error) {
  process.stderr.write(`clients: ${(error as Error).message}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
