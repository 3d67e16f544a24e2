import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import type { Cost } from './cost.js'
import type { Grants } from './grants.js'
import type { Round } from './load.js'
import type { MemoryCurve } from './memory.js'
import type { OperationName } from './operations.js'
import type { ReplicaRound } from './replicas.js'
import type { Pace } from './rounds.js'
import type { Counted, ScaleRound } from './scale.js'
import type { Cell } from './throughput.js'
import type { UsersRound } from './users.js'

/** Everything that was measured, raw: the report is made of it. */
export interface Results {
  machine: string
  versions: Record<string, string>
  operations: Partial<Record<OperationName, Measured<Record<string, Cell>>>>
  cost?: Measured<Cost>
  start?: Measured<Record<string, Starts>>
  health?: Measured<number[]>
  library?: Measured<LibraryTimes>
  scale?: Measured<Record<string, ScaleRound[]>>
  users?: Measured<Record<string, UsersRound[]>>
  worlds?: Measured<Record<string, Counted>>
  connections?: Measured<Record<string, Record<string, Round[]>>>
  grants?: Measured<Grants>
  replicas?: Measured<Record<string, ReplicaRound[]>>
  memory?: Measured<MemoryCurve>
  soak?: Measured<SoakResult>
}

/** Milliseconds to the first answer, processor time until then in milliseconds, and MiB a second later: of each start. */
export interface Starts {
  start: number[]
  cpu: (number | null)[]
  memory: (number | null)[]
}

export interface LibraryTimes {
  /** Milliseconds that the first `startMock` after the import takes, in a process each. */
  firstStart: number[]
  start: number[]
  firstReset: number[]
  reset: number[]
}

/** What a soak came to. */
export interface SoakResult {
  minutes: number
  seed: number
  /** Requests to the mock, all of whose answers were checked. */
  requests: number
  /** What each visitor did, by the name of the act. */
  acts: Record<string, number>
  wrong: string[]
  /** MiB, every fortieth of the time. */
  memory: (number | null)[]
  /** The longest that a good request took, in milliseconds. */
  slowest?: number
  /** How often each kind of hostile client came. */
  attacks?: Record<string, number>
  /** Milliseconds from the signal to the end, with hostile connections open. */
  stop?: number
}

export interface Measured<Values> {
  /** The day, as ISO 8601. */
  date: string
  pace: Pace
  /** How many processes wanted the processor in the minute before the end. */
  busy: number
  values: Values
}

const FILE = join(import.meta.dirname, 'results.json')
const PACKAGES = ['@mockoon/cli', '@stoplight/prism-cli', 'autocannon', 'fastify', 'json-server', 'oauth2-mock-server']

/** What was measured so far. */
export function readResults(): Results {
  return existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : { ...surroundings(), operations: {} }
}

/** Keeps what was measured, here and now. */
export function writeResults(results: Results): void {
  writeFileSync(FILE, `${JSON.stringify({ ...results, ...surroundings() }, rounded, 1)}\n`)
}

function surroundings(): Pick<Results, 'machine' | 'versions'> {
  return { machine: describeMachine(), versions: readVersions() }
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value
}

function describeMachine(): string {
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cpus()[0]?.model ?? arch()}, ${availableParallelism()} cores, ${memory} GiB, ${type()} ${release()}`
}

function readVersions(): Record<string, string> {
  const version = (folder: string) =>
    JSON.parse(readFileSync(join(import.meta.dirname, folder, 'package.json'), 'utf8')).version
  const peers = PACKAGES.map((name): [string, string] => [name, version(`node_modules/${name}`)])
  return {
    'authentik-mock': version('..'),
    'Node.js': process.versions.node,
    ...Object.fromEntries(peers),
    ...javaVersion(),
  }
}

function javaVersion(): Record<string, string> {
  try {
    return {
      Java: /\S+/.exec(execFileSync('java', ['--version'], { encoding: 'utf8' }).split(' ')[1] ?? '')?.[0] ?? '',
    }
  } catch {
    return {}
  }
}
