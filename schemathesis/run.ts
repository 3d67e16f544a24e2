import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { RELEASES } from '../src/authentik/releases.js'
import { markdownTable } from '../src/format/markdown.js'
import { startMock } from '../src/index.js'
import { type Exclusion, exclusions, type Failure, isExcluded, unprovenEvidence } from './exclusions.js'

/**
 * Sends what Schemathesis makes up from the served document to the mock, for every contract, with and without
 * credentials. What authentik breaks of its own contract is excluded by name, each with a recording that shows it.
 */

const FOLDER = import.meta.dirname
const VENV = join(FOLDER, '.venv')
const PROGRAM = join(VENV, 'bin', 'schemathesis')
const CALLERS = ['authenticated', 'anonymous'] as const

const { values } = parseArgs({
  options: {
    release: { type: 'string' },
    examples: { type: 'string', default: '25' },
    seed: { type: 'string', default: '1' },
  },
})

function install(): void {
  if (existsSync(PROGRAM)) return
  for (const [command, ...args] of [
    ['python3', '-m', 'venv', VENV],
    [join(VENV, 'bin', 'pip'), 'install', '--quiet', '--requirement', join(FOLDER, 'requirements.txt')],
  ]) {
    const { status, error } = spawnSync(command as string, args, { stdio: 'inherit' })
    if (status !== 0) throw new Error(`${command} ${args[0]} failed${error === undefined ? '' : `: ${error.message}`}`)
  }
}

interface Outcome {
  cases: number
  failures: Failure[]
}

async function test(release: string, caller: (typeof CALLERS)[number]): Promise<Outcome> {
  await using mock = await startMock({ release, logLevel: 'silent' })
  const folder = mkdtempSync(join(tmpdir(), 'schemathesis-'))
  const file = join(folder, 'events.ndjson')
  const args = [
    'run',
    `${mock.url}/api/v3/schema/`,
    '--seed',
    values.seed,
    '--max-examples',
    values.examples,
    '--continue-on-failure',
  ]
  const as = caller === 'authenticated' ? ['--header', `Authorization: Bearer ${mock.token}`] : []
  await new Promise((resolve) =>
    execFile(PROGRAM, [...args, ...as, '--report', 'ndjson', '--report-ndjson-path', file], { cwd: folder }, resolve),
  )
  try {
    return outcomeOf(readFileSync(file, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Check {
  name: string
  status: string
  failure_info?: { failure: { operation: string; message: string; title: string } }
}

function outcomeOf(events: string): Outcome {
  const outcome: Outcome = { cases: 0, failures: [] }
  for (const line of events.trim().split('\n')) {
    const { ScenarioFinished: scenario } = JSON.parse(line)
    const byCase: Check[][] = Object.values(scenario?.recorder?.checks ?? {})
    outcome.cases += byCase.length
    for (const { name, status, failure_info } of byCase.flat()) {
      if (status === 'success') continue
      const { operation = '', message = '', title = '' } = failure_info?.failure ?? {}
      outcome.failures.push({ check: name, operation, message: `${title}: ${message}` })
    }
  }
  return outcome
}

async function main(): Promise<number> {
  install()
  const contracts = [...new Set(RELEASES.map(({ contract }) => contract))]
  const latest = contracts.map((contract) => RELEASES.findLast((release) => release.contract === contract)?.name ?? '')
  const wanted = values.release === undefined ? latest : [values.release]
  const used = new Set<Exclusion>()
  const rows: (string | number)[][] = []
  let failed = 0
  for (const release of wanted) {
    for (const caller of CALLERS) {
      const { cases, failures } = await test(release, caller)
      const others = failures.filter((failure) => !isExcluded(failure, used))
      failed += others.length + (cases === 0 ? 1 : 0)
      rows.push([release, caller, cases, failures.length - others.length, others.length])
      for (const { check, operation, message } of others)
        console.error(`${release} ${caller}: ${check}: ${operation}: ${message.replace(/\s+/g, ' ').slice(0, 300)}`)
    }
  }
  console.log(markdownTable(['release', 'caller', 'cases', 'excluded by name', 'failures'], rows))
  const unused = values.release === undefined ? exclusions.filter((exclusion) => !used.has(exclusion)) : []
  for (const { name } of unused) console.error(`excluded, and never met: ${name}`)
  const unproven = unprovenEvidence()
  for (const name of unproven) console.error(`excluded, and not in the recording: ${name}`)
  console.log(`${failed} failures; ${used.size} of ${exclusions.length} exclusions met`)
  return failed + unused.length + unproven.length === 0 ? 0 : 1
}

process.exitCode = await main()
