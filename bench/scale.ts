import { measure, type Round } from './load.js'
import { mockCommand } from './mock-command.js'
import { get, OPERATIONS, ROWS } from './operations.js'
import { COMPARED } from './peers.js'
import { inRounds, median, type Pace } from './rounds.js'
import { ask, createPool, type Server, startServer } from './server.js'
import type { Setup } from './setup.js'
import { start } from './throughput.js'

/** What a world of some size does; milliseconds, of requests one after the other, each for another page. */
export interface ScaleRound extends Round {
  start: number
  memory: number | null
  firstPage: number
  page: number
  firstFilteredPage: number
  filteredPage: number
  firstOtherOrder: number
  otherOrder: number
}

export interface Counted {
  rounds: Round[]
  memory: number | null
}

export const SIZES = [10, 1000, 100_000, 1_000_000]
export const WORLDS = [1, 10, 200]
export const CONNECTIONS = [1, 4, 16, 64, 256]
const PAGES = 40
const { path, key } = OPERATIONS.retrieve

/** Worlds of each size, in turns; each turn starts them anew. */
export async function measureScale(setup: Setup, pace: Pace): Promise<Record<string, ScaleRound[]>> {
  const rounds = await inRounds(SIZES, pace, (rows, seconds) => measureWorld(rows, setup, seconds))
  return Object.fromEntries(SIZES.map((rows, i) => [rows, rounds[i] ?? []]))
}

/** The same rows asked for in more and more worlds of one mock. */
export async function measureWorlds(setup: Setup, pace: Pace): Promise<Record<string, Counted>> {
  await using servers = createPool()
  const subjects: { server: Server; count: number }[] = []
  for (const count of WORLDS) subjects.push({ count, server: servers.add(await startMock(1000, setup)) })
  const rounds = await inRounds(subjects, pace, ({ server, count }, seconds) => {
    const script = Array.from({ length: count }, (_, i) => get(count === 1 ? path : `/@world-${i}${path}`, key))
    return measure(server, { connections: 16, seconds, scripts: [script] }, [200])
  })
  return Object.fromEntries(
    subjects.map(({ server, count }, i) => [count, { rounds: rounds[i] ?? [], memory: server.memory() }]),
  )
}

/** By server and number of connections. */
export async function measureConnections(setup: Setup, pace: Pace): Promise<Record<string, Record<string, Round[]>>> {
  await using servers = createPool()
  const subjects: { server: Server; connections: number }[] = []
  for (const name of COMPARED) {
    const server = servers.add(await start(name, 'retrieve', setup))
    for (const connections of CONNECTIONS) subjects.push({ server, connections })
  }
  const rounds = await inRounds(subjects, pace, ({ server, connections }, seconds) =>
    measure(server, { connections, seconds, scripts: [[get(path, key)]] }, [200]),
  )
  const of = (name: string, connections: number) =>
    rounds[subjects.findIndex((subject) => subject.server.name === name && subject.connections === connections)] ?? []
  return Object.fromEntries(
    COMPARED.map((name) => [name, Object.fromEntries(CONNECTIONS.map((count) => [count, of(name, count)]))]),
  )
}

/** The built program over made-up rows. */
export function startMock(rows: number, { world }: Setup, ...options: string[]): Promise<Server> {
  return startServer({
    name: 'authentik-mock',
    command: (port) => mockCommand(world, rows, port, ...options),
    probe: get(path, key),
    status: 200,
    pin: true,
  })
}

async function measureWorld(rows: number, setup: Setup, seconds: number): Promise<ScaleRound> {
  await using server = await startMock(rows, setup)
  const plain = await timePages(server, ROWS, '')
  const filtered = await timePages(server, ROWS, 'provider=1&')
  const firstOtherOrder = (await ask(server.url, get(`${ROWS}?ordering=-expires&page_size=20`))).took
  const ordered = await timePages(server, ROWS, 'ordering=-expires&')
  const round = await measure(server, { connections: 16, seconds, scripts: [[get(path, key)]] }, [200])
  return {
    ...round,
    start: server.start,
    memory: server.memory(),
    firstPage: plain.first,
    page: plain.typical,
    firstFilteredPage: filtered.first,
    filteredPage: filtered.typical,
    firstOtherOrder,
    otherOrder: ordered.typical,
  }
}

/** The first page, and the median of pages spread over all. */
export async function timePages(
  { url }: Server,
  list: string,
  query: string,
): Promise<{ first: number; typical: number }> {
  const page = (number: number) => ask(url, get(`${list}?${query}page_size=5&page=${number}`))
  const first = await page(1)
  const total: number = JSON.parse(first.text).pagination.total_pages
  const times: number[] = []
  for (let i = 0; i < PAGES; i++) times.push((await page(1 + Math.floor((i * total) / PAGES))).took)
  return { first: first.took, typical: median(times) }
}
