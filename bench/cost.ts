import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { get as request } from 'node:http'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { measure } from './load.js'
import { MOCK, mockCommand } from './mock-command.js'
import { get, OPERATIONS, type Operation, type OperationName } from './operations.js'
import { PEERS, scriptsFor } from './peers.js'
import { inRounds, type Pace } from './rounds.js'
import { createPool, type Server, startServer } from './server.js'
import type { Setup } from './setup.js'

/** What requests and starts cost in processor time, and what another build of the mock needs for the same. */
export interface Cost {
  /** Microseconds for each request, of each round, by operation and server. */
  requests: Record<string, Record<string, number[]>>
  /** Milliseconds to the first answer, and MiB a second later, by build. */
  starts: Record<string, { cpu: number[]; memory: number[] }>
  /**
   * Milliseconds of the import of the library and the first `startMock()` of each process, of that one alone, of another
   * one, and of another one together with its first control request, by build.
   */
  library: Record<string, { imported: number[]; first: number[]; other: number[]; controlled?: number[] }>
}

export const COSTLY: OperationName[] = ['retrieve', 'list of 100', 'delete and create']
const CONNECTIONS = 16
/** Short rounds, and many of them: what else runs on the machine hits all alike. */
const ROUNDS_TIMES = 3
const SECONDS_PART = 1 / 3
const REST_MS = 1000

type Command = (port: number) => string[]

/** @param before `main.js` of another build, to be measured in the same rounds */
export async function measureCost(setup: Setup, { rounds, seconds }: Pace, before?: string): Promise<Cost> {
  const builds = { 'authentik-mock': MOCK, ...(before !== undefined && { before }) }
  const cost: Cost = { requests: {}, starts: {}, library: {} }
  for (const build of Object.keys(builds)) {
    cost.starts[build] = { cpu: [], memory: [] }
    cost.library[build] = { imported: [], first: [], other: [], controlled: [] }
  }
  const pace = { rounds: rounds * ROUNDS_TIMES, seconds: seconds * SECONDS_PART }
  for (const name of COSTLY) cost.requests[name] = await measureRequests(name, setup, pace, builds)
  for (let round = 0; round < pace.rounds; round++)
    for (const [build, main] of Object.entries(builds)) {
      const start = await measureStart(build, mockOf(setup, main))
      cost.starts[build]?.cpu.push(start.cpu)
      cost.starts[build]?.memory.push(start.memory)
      const { load, first, other, controlled } = await libraryTimes(main)
      cost.library[build]?.imported.push(load + first)
      cost.library[build]?.first.push(first)
      cost.library[build]?.other.push(other)
      cost.library[build]?.controlled?.push(controlled)
    }
  return cost
}

async function measureRequests(name: OperationName, setup: Setup, pace: Pace, builds: Record<string, string>) {
  const operation: Operation = OPERATIONS[name]
  const commands: Record<string, Command> = {}
  for (const [build, main] of Object.entries(builds)) {
    commands[build] = mockOf(setup, main)
    // Rows are made again by the control API.
    if (operation.recreates !== true) commands[`${build}, control off`] = mockOf(setup, main, '--no-control')
  }
  await using servers = createPool()
  const all: Server[] = []
  const add = async (server: string, command: Command) => {
    const probe = get(operation.path, operation.key)
    all.push(servers.add(await startServer({ name: server, command, probe, status: 200, pin: true })))
  }
  for (const [server, command] of Object.entries(commands)) await add(server, command)
  if (operation.recreates !== true) {
    const file = join(setup.folder, `${name}.answer.json`)
    await writeFile(file, JSON.stringify(await wholeAnswer(`${all[0]?.url}${operation.path}`, operation.key)))
    for (const kind of ['node:http', 'Fastify'])
      await add(kind, (port) => [
        process.execPath,
        join(import.meta.dirname, 'servers/same.js'),
        String(port),
        kind,
        file,
      ])
  }
  const statuses = operation.recreates === true ? [204, 201] : [operation.status]
  const measured = await inRounds(all, pace, (server, seconds, turn) => {
    const scripts = scriptsFor(PEERS['authentik-mock'], operation, CONNECTIONS, turn)
    return measure(server, { connections: CONNECTIONS, seconds, scripts }, statuses)
  })
  return Object.fromEntries(
    all.map((server, i) => [server.name, (measured[i] ?? []).map(({ cpu }) => cpu ?? Number.NaN)]),
  )
}

async function measureStart(name: string, command: Command): Promise<{ cpu: number; memory: number }> {
  const { path, key } = OPERATIONS.retrieve
  await using server = await startServer({ name, command, probe: get(path, key), status: 200, pin: false })
  const cpu = (server.startProcessorTime ?? Number.NaN) / 1000
  await delay(REST_MS)
  return { cpu, memory: server.memory() ?? Number.NaN }
}

function mockOf({ world }: Setup, main: string, ...options: string[]): Command {
  return (port) => mockCommand(world, 1000, port, ...options).map((word) => (word === MOCK ? main : word))
}

async function libraryTimes(main: string): Promise<Record<'load' | 'first' | 'other' | 'controlled', number>> {
  const script = join(import.meta.dirname, 'servers/library-cpu.js')
  const { stdout } = await promisify(execFile)(process.execPath, [script, join(dirname(main), 'index.js')])
  return JSON.parse(stdout)
}

/** An answer as it came over the wire, but for what concerns the connection alone. */
function wholeAnswer(url: string, key: string): Promise<{ status: number; headers: string[]; text: string }> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { authorization: `Bearer ${key}` } }, async (response) => {
      const parts: Buffer[] = []
      for await (const part of response) parts.push(part)
      const headers: string[] = []
      for (let i = 0; i < response.rawHeaders.length; i += 2) {
        const [name = '', value = ''] = response.rawHeaders.slice(i, i + 2)
        if (name !== 'Connection' && name !== 'Keep-Alive') headers.push(name, value)
      }
      resolve({ status: response.statusCode ?? 0, headers, text: Buffer.concat(parts).toString() })
    }).on('error', reject)
  })
}
