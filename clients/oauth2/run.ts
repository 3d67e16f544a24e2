import { readFileSync, writeFileSync } from 'node:fs'
import { UsageError } from '../../src/index.js'
import { isAgreed, type Trial } from './results.js'
import { ALL, readSelection, type Selection } from './selection.js'
import { oauth2ClientsTable } from './table.js'
import { tryClient, versionsOf } from './trial.js'

/**
 * The process of `npm run clients:oauth2`: has OAuth2 clients sign in, refresh and revoke, keeps the results, prints the
 * table. Exit codes: 0 where all goes as on authentik, 1 where something does not, 2 for wrong options.
 */

const RESULTS = new URL('results.json', import.meta.url)

async function tryAll(selection: Selection[]): Promise<Trial[]> {
  const trials: Trial[] = []
  for (const { client, release } of selection) {
    const trial = await tryClient(client, release).catch(
      (error): Trial => ({
        ...{ client, packages: versionsOf(client), release },
        broken: error.message.trim().split('\n').at(-1),
      }),
    )
    process.stderr.write(`${client} at ${release}: ${isAgreed(trial) ? 'as on authentik' : 'differs'}\n`)
    trials.push(trial)
    keep(trial)
  }
  return trials
}

/** The results of clients that were not tried this time stay; those of clients no longer listed go. */
function keep(trial: Trial): void {
  const kept = readResults().filter((other) => !isOf(other, trial))
  const trials = ALL.flatMap((each) => [...kept, trial].find((other) => isOf(other, each)) ?? [])
  writeFileSync(RESULTS, `${JSON.stringify(trials, null, 2)}\n`)
}

function readResults(): Trial[] {
  return JSON.parse(readFileSync(RESULTS, 'utf8'))
}

function isOf(trial: Trial, { client, release }: Selection): boolean {
  return trial.client === client && trial.release === release
}

try {
  const trials = await tryAll(readSelection(process.argv.slice(2)))
  process.stdout.write(`${oauth2ClientsTable(readResults())}\n`)
  process.exitCode = trials.every(isAgreed) ? 0 : 1
} catch (error) {
  process.stderr.write(`clients:oauth2: ${(error as Error).message}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
