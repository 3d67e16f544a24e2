import { type Running, run } from '../test/process.js'
import { ask } from '../test/store/history.js'
import { ROOT, TOKEN } from '../test/store/replicas.js'
import { openStoreServer, STORE_PROGRAM, type StoreServer } from '../test/store/server.js'
import { median, type Pace } from './rounds.js'
import { markdownTable, number } from './text.js'

/**
 * How many reads and writes a second one mock answers by itself, and how many one, two and three answer that share a store
 * which writes every change to the disk. `npm run replicas:cost` prints it alone.
 */

export interface ReplicaRound {
  reads: number
  writes: number
}

const CLIENTS = 32
const USERS = [10, 11, 12, 13]

const read = (pk: number) => ({ path: `/api/v3/core/users/${pk}/`, headers: ROOT })
const write = (pk: number, i: number) => ({
  ...{ method: 'PATCH', path: `/api/v3/core/users/${pk}/`, body: `{"name":"value ${i}"}` },
  headers: { ...ROOT, 'Content-Type': 'application/json' },
})

async function measureRound(
  program: string,
  seconds: number,
  mocks: number,
  ...options: string[]
): Promise<ReplicaRound> {
  await using server: StoreServer = await openStoreServer(program)
  const shared = mocks === 0 ? [] : ['--store', server.url, ...options]
  const running: Running[] = []
  try {
    const urls: string[] = []
    for (let i = 0; i < Math.max(1, mocks); i++) {
      const mock = run(['--port', '0', '--log-level', 'silent', '--token', TOKEN, ...shared])
      running.push(mock)
      urls.push((await mock.prints(/ready on (\S+)/))[1] ?? '')
    }
    const rate = async (of: typeof write | typeof read): Promise<number> => {
      let done = 0
      const until = performance.now() + seconds * 1000
      const client = async (i: number) => {
        while (performance.now() < until) {
          const { status } = await ask(urls[i % urls.length] as string, of(USERS[i % USERS.length] as number, done))
          if (status !== 200) throw new Error(`an answer was ${status}`)
          done++
        }
      }
      await Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(i)))
      return Math.round(done / seconds)
    }
    // The first requests load what they need.
    for (const url of urls) await ask(url, write(10, 0))
    return { reads: await rate(read), writes: await rate(write) }
  } finally {
    for (const mock of running) await mock[Symbol.asyncDispose]()
  }
}

const ROWS: [string, number, ...string[]][] = [
  ['one mock, in memory', 0],
  ['one mock and a store', 1],
  ['two', 2],
  ['three', 3],
  ['three, `--store-reads local`', 3, '--store-reads', 'local'],
]

/**
 * The rounds of each, by what it is.
 *
 * @throws Error where there is no store
 */
export async function measureReplicas({ rounds, seconds }: Pace): Promise<Record<string, ReplicaRound[]>> {
  if (STORE_PROGRAM === undefined)
    throw new Error('replicas: found neither valkey-server nor redis-server; apt-get install redis-server')
  const measured: Record<string, ReplicaRound[]> = Object.fromEntries(ROWS.map(([what]) => [what, []]))
  for (let round = 0; round < rounds; round++)
    for (const [what, ...how] of ROWS) measured[what]?.push(await measureRound(STORE_PROGRAM, seconds, ...how))
  return measured
}

/** A row of Markdown for each. */
export function replicasTable(measured: Record<string, ReplicaRound[]>): string {
  const rows = Object.entries(measured).map(([what, rounds]) => [
    what,
    number(median(rounds.map(({ reads }) => reads))),
    number(median(rounds.map(({ writes }) => writes))),
  ])
  return markdownTable(['', 'reads a second', 'writes a second'], rows)
}
