import { connectMock } from '../src/index.js'
import type { WireRequest } from '../test/http.js'
import { type Running, run } from '../test/process.js'
import { random } from '../test/random.js'
import { code, fault, judge, load, refreshToken } from '../test/store/history.js'
import { TOKEN } from '../test/store/replicas.js'
import { openStoreServer, STORE_PROGRAM } from '../test/store/server.js'

/**
 * The process of `npm run replicas`: three mocks as programs of their own, over a real store. Fifty clients write and
 * read; one mock after the other is killed, others join, and the store is killed and comes back. Then it is judged whether what
 * clients saw could have come of a single mock. Exit codes: 0 where it could; 1 where not; 2 where there is no store.
 */

const OPERATIONS = 10_000
const CLIENTS = 50
/** Of each kind of what is good for one time. */
const SINGLES = 90
/** After which parts of the operations the oldest mock is killed, another one joins, and the store is killed. */
const KILLED = [0.15, 0.35, 0.75]
const JOINED = [0.25, 0.45, 0.85]
const STORE_KILLED = 0.6
const STORE_AWAY_MILLISECONDS = 300

interface Member {
  mock: Running
  url: string
}

async function main(program: string): Promise<number> {
  await using server = await openStoreServer(program)
  const members: Member[] = []
  try {
    for (let i = 0; i < 3; i++) members.push(await join(server.url))
    const control = await connectMock((members[0] as Member).url, { token: TOKEN })
    const users = Array.from({ length: 60 }, (_, i) => 1000 + i)
    for (const pk of users) await control.users.create({ pk, username: `user-${pk}`, name: 'begin' })
    // A busy machine may take longer than a code is good for.
    await control.providers.change(1, { access_code_validity: 'hours=1' })
    const singles = new Map<string, WireRequest>()
    for (let i = 0; i < SINGLES; i++) {
      singles.set(`code ${i}`, await code(control))
      singles.set(`refresh token ${i}`, await refreshToken(control))
      singles.set(`fault ${i}`, await fault(control, i))
    }

    const happened: Promise<void>[] = []
    const kill = async () => void members.shift()?.mock.process.kill('SIGKILL')
    const joinThem = async () => void members.push(await join(server.url))
    const acts: [at: number, act: () => Promise<void>][] = [
      ...KILLED.map((at): [number, typeof kill] => [at, kill]),
      ...JOINED.map((at): [number, typeof kill] => [at, joinThem]),
      [STORE_KILLED, () => restart(server)],
    ]
    acts.sort(([one], [other]) => one - other)
    const begun = performance.now()
    const seen = await load({
      ...{ urls: () => members.map(({ url }) => url), clients: CLIENTS, operations: OPERATIONS, users, singles },
      random: random(Number(process.argv[2] ?? 1)),
      onDone(done) {
        const [at = 2, act] = acts[0] ?? []
        if (act === undefined || done < at * OPERATIONS) return
        acts.shift()
        happened.push(act())
      },
      onEnd: () => Promise.all(happened),
    })
    const seconds = (performance.now() - begun) / 1000

    const statuses = [...seen.statuses].sort(([a], [b]) => a - b)
    const told = statuses.map(([status, count]) => `${status || 'no answer'}: ${count}`).join(', ')
    console.log(`${OPERATIONS} operations of ${CLIENTS} clients in ${seconds.toFixed(1)} s: ${told}`)
    const problems = judge(seen, new Map(users.map((pk) => [pk, 'begin'])))
    const worlds = await Promise.all(
      members.map(async ({ url }) => JSON.stringify(await (await connectMock(url, { token: TOKEN })).fixtures.read())),
    )
    if (new Set(worlds).size > 1) problems.push('the mocks do not have the same rows in the end')
    for (const problem of problems) console.log(problem)
    console.log(problems.length === 0 ? 'all of it could have come of a single mock' : `${problems.length} failed`)
    return problems.length === 0 ? 0 : 1
  } finally {
    for (const { mock } of members) await mock[Symbol.asyncDispose]()
  }
}

async function join(store: string): Promise<Member> {
  const mock = run(['--port', '0', '--log-level', 'silent', '--token', TOKEN, '--store', store])
  const [, url = ''] = await mock.prints(/ready on (\S+)/)
  return { mock, url }
}

async function restart(server: { kill(): Promise<void>; start(): Promise<void> }): Promise<void> {
  await server.kill()
  await new Promise((resolve) => setTimeout(resolve, STORE_AWAY_MILLISECONDS))
  await server.start()
}

if (STORE_PROGRAM === undefined) {
  console.error('replicas: found neither valkey-server nor redis-server; apt-get install redis-server')
  process.exitCode = 2
} else process.exitCode = await main(STORE_PROGRAM)
