import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { connectMock } from '../src/control/client/client.js'
import { HOSTILE } from './hostile.js'
import { mockCommand } from './mock-command.js'
import { get, OPERATIONS } from './operations.js'
import { writeReport } from './report.js'
import { readResults, type SoakResult, writeResults } from './results.js'
import { measured } from './sections.js'
import { type Ending, type Server, startServer } from './server.js'
import { prepare } from './setup.js'
import { besiege } from './siege.js'
import { createVisitor } from './visitor.js'

const VISITORS = 8
const WORLDS = 100
const ROWS = 1000
const JOURNAL = 1000
const POINTS = 40
const MINUTES = 10
/** How long a request may take once all is warm. */
const REQUEST_MS = 1000
/** Before that hostile clients come, and before anything but answers is judged. */
const WARM_UP_MS = 10_000
/** In less, memory does not come to rest. */
const LEAST_MINUTES_FOR_MEMORY = 1
/** What a server may take to end: the grace of begun answers, and as much again. */
const STOP_MS = 3000
/** By how much the least memory of the last third may exceed that of the third before it. */
const GROWTH = { factor: 1.15, mebibytes: 16 }

interface Plan {
  minutes: number
  seed: number
  /** The hostile clients that come. */
  names: string[]
}

/** Good load in many worlds, every answer checked, while hostile clients do their worst; then the server is stopped. */
async function soak({ minutes, seed, names }: Plan): Promise<SoakResult> {
  await using setup = await prepare()
  const report = join(setup.folder, 'report.json')
  const options = [
    ...['--worlds', String(WORLDS), '--journal', String(JOURNAL), '--report', report],
    // The log is where foreign bytes go, too.
    ...['--log-level', 'info'],
  ]
  // Not on a core of its own: where other things run, it would wait for that core while another one is idle.
  await using server = await startServer({
    name: 'authentik-mock',
    command: (port) => mockCommand(setup.world, ROWS, port, ...options),
    probe: get(OPERATIONS.retrieve.path),
    status: 200,
    pin: false,
  })
  const mock = await connectMock(server.url)
  const limits = { request: Number.POSITIVE_INFINITY }
  const visitors = Array.from({ length: VISITORS }, (_, i) =>
    createVisitor(mock, { name: `v${i}`, seed: seed + i, rows: ROWS, worlds: WORLDS, limits }),
  )
  const wrong: string[] = []
  const result = { minutes, seed, requests: 0, acts: {}, wrong, memory: [] as (number | null)[], slowest: 0 }
  await visit(WARM_UP_MS)
  limits.request = REQUEST_MS
  await using siege = besiege({ port: Number(new URL(server.url).port), names, seed })
  await siege.begun
  const length = minutes * 60_000
  const begin = performance.now()
  let ending: Ending | undefined
  void server.ended.then((end) => {
    ending = end
  })
  await Promise.all([visit(length), watch()])
  if (wrong.length > 0) wrong.push(`hostile clients just before: ${siege.recent().join(', ')}`)
  if (minutes >= LEAST_MINUTES_FOR_MEMORY) wrong.push(...growthOf(result.memory))
  await siege.hold()
  if (ending !== undefined) {
    wrong.push(`the server ended by itself, with ${ending.code}: ${ending.errors.trim()}`)
    return { ...result, attacks: siege.attacks }
  }
  return { ...result, attacks: siege.attacks, stop: await stop(server, report, wrong) }

  async function visit(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds
    await Promise.all(
      visitors.map(async (visitor) => {
        while (performance.now() < end && wrong.length === 0) await visitor.act(result)
      }),
    )
  }

  async function watch(): Promise<void> {
    for (let point = 1; point <= POINTS && wrong.length === 0; point++) {
      while (wrong.length === 0 && performance.now() - begin < (length * point) / POINTS - 50) await delay(50)
      const memory = server.memory()
      result.memory.push(memory)
      const attacks = Object.values(siege.attacks).reduce((sum, count) => sum + count, 0)
      if (point % 4 !== 0) continue
      const time = `${((minutes * point) / POINTS).toFixed(1)} min`
      print(`${time}  ${result.requests} requests  ${attacks} attacks  ${memory?.toFixed(0)} MiB`)
    }
  }
}

/** What is wrong with the memory. The first third of the time is not looked at: worlds are still being made. */
function growthOf(memory: (number | null)[]): string[] {
  const third = Math.floor(memory.length / 3)
  const least = (from: number, to: number) => Math.min(...memory.slice(from, to).map((value) => value ?? 0))
  const [before, after] = [least(third, 2 * third), least(2 * third, memory.length)]
  const limit = before * GROWTH.factor + GROWTH.mebibytes
  return after > limit ? [`memory grew from ${before.toFixed(0)} to ${after.toFixed(0)} MiB`] : []
}

/** Stops a server with hostile connections open. Returns the milliseconds that it took. */
async function stop(server: Server, report: string, wrong: string[]): Promise<number> {
  const begin = performance.now()
  server.terminate()
  const ending = await Promise.race([server.ended, delay(4 * STOP_MS)])
  const took = performance.now() - begin
  if (ending === undefined) wrong.push(`still running ${took.toFixed(0)} ms after SIGTERM`)
  else if (ending.code !== 0) wrong.push(`ended with ${ending.code} after SIGTERM: ${ending.errors.trim()}`)
  if (took > STOP_MS) wrong.push(`took ${took.toFixed(0)} ms to end`)
  if (!existsSync(report)) wrong.push('wrote no report at its end')
  else if (!(JSON.parse(readFileSync(report, 'utf8')).requests > 0)) wrong.push('wrote a report of no requests')
  return took
}

/** @throws Error for a word that is not allowed */
function readPlan(): Plan & { isWhole: boolean } {
  const { values } = parseArgs({
    options: { minutes: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string', multiple: true } },
  })
  const minutes = Number(values.minutes ?? MINUTES)
  if (!(minutes > 0)) throw new Error(`--minutes: found ${values.minutes}; allowed: a number above 0`)
  const all = Object.keys(HOSTILE)
  const unknown = values.only?.find((name) => !all.includes(name))
  if (unknown !== undefined) throw new Error(`--only: found ${unknown}; allowed:\n  ${all.join('\n  ')}`)
  return { minutes, seed: Number(values.seed ?? 1), names: values.only ?? all, isWhole: values.only === undefined }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function run({ isWhole, ...plan }: ReturnType<typeof readPlan>): Promise<void> {
  const outcome = await soak(plan)
  for (const line of outcome.wrong) print(line)
  const slowest = `the slowest took ${outcome.slowest?.toFixed(0)} ms`
  print(outcome.wrong.length === 0 ? `${outcome.requests} answers, all right; ${slowest}` : 'something was wrong')
  if (isWhole) {
    writeResults({ ...readResults(), soak: measured({ rounds: 1, seconds: plan.minutes * 60 }, outcome) })
    await writeReport()
  }
  // Requests that were never answered would keep this process.
  process.exit(outcome.wrong.length === 0 ? 0 : 1)
}

if (process.argv[1] === import.meta.filename) {
  try {
    await run(readPlan())
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 2
  }
}
