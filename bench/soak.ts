import { parseArgs } from 'node:util'
import { connectMock } from '../src/control/client.js'
import { writeReport } from './report.js'
import { readResults, type SoakResult, writeResults } from './results.js'
import { startMock } from './scale.js'
import { measured } from './sections.js'
import { prepare } from './setup.js'
import { createVisitor } from './visitor.js'

const VISITORS = 8
const WORLDS = 100
const ROWS = 1000
const JOURNAL = 1000
const POINTS = 40
const MINUTES = 10

/** Mixed load in many worlds at once, against the built program; every answer is checked. */
async function soak(minutes: number, seed: number): Promise<SoakResult> {
  await using setup = await prepare()
  await using server = await startMock(ROWS, setup, '--worlds', String(WORLDS), '--journal', String(JOURNAL))
  const mock = await connectMock(server.url)
  const visitors = Array.from({ length: VISITORS }, (_, i) =>
    createVisitor(mock, { name: `v${i}`, seed: seed + i, rows: ROWS, worlds: WORLDS }),
  )
  const result: SoakResult = { minutes, seed, requests: 0, acts: {}, wrong: [], memory: [server.memory()] }
  const begin = performance.now()
  const length = minutes * 60_000
  const running = () => performance.now() - begin < length && result.wrong.length === 0
  await Promise.all([
    ...visitors.map(async (visitor) => {
      while (running()) await visitor.act(result)
    }),
    watch(),
  ])
  return result

  async function watch(): Promise<void> {
    for (let point = 1; point <= POINTS && running(); point++) {
      while (running() && performance.now() - begin < (length * point) / POINTS - 50)
        await new Promise((resolve) => setTimeout(resolve, 50))
      const memory = server.memory()
      result.memory.push(memory)
      print(`${((minutes * point) / POINTS).toFixed(1)} min  ${result.requests} requests  ${memory?.toFixed(0)} MiB`)
    }
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } })
  const minutes = Number(values.minutes ?? MINUTES)
  if (!(minutes > 0)) {
    process.stderr.write(`--minutes: found ${values.minutes}; allowed: a number above 0\n`)
    process.exit(2)
  }
  const outcome = await soak(minutes, Number(values.seed ?? 1))
  for (const line of outcome.wrong) print(line)
  print(outcome.wrong.length === 0 ? `${outcome.requests} answers, all right` : 'something was wrong')
  writeResults({ ...readResults(), soak: measured({ rounds: 1, seconds: minutes * 60 }, outcome) })
  await writeReport()
  process.exitCode = outcome.wrong.length === 0 ? 0 : 1
}
