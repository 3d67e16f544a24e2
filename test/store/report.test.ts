import t from 'tap'
import { createSenders } from '../../src/control/replicas/senders.js'
import { createMemoryLogs } from '../../src/store/memory.js'
import { type Store, StoreAway } from '../../src/store/store.js'
import { openReplica, type ReplicaMock, ROOT } from './replicas.js'

/** The report of several mocks counts every request once, also where a mock does not know whether it was noted. */

const LIST = { path: '/api/v3/oauth2/refresh_tokens/?limit=5', headers: ROOT }

/** What becomes of what is added to the log of the report. */
type Fate = 'noted' | 'noted, and the answer lost' | 'lost'

/** @param fateOf is asked for each time something is added */
function breaking(store: Store, fateOf: () => Fate): Store {
  return {
    ...store,
    async append(log, at, entries) {
      const fate = log === '/report' ? fateOf() : 'noted'
      const end = fate === 'lost' ? undefined : await store.append(log, at, entries)
      if (fate !== 'noted') throw new StoreAway('the connection broke')
      return end
    },
  }
}

const counted = async (mock: ReplicaMock) => {
  const { requests, findings } = await mock.control.report()
  return [requests, findings.find(({ rule }) => rule === 'unknown-parameter')?.count]
}

t.test('what is sent again counts once', async (t) => {
  const logs = createMemoryLogs({ logs: 20 })
  const fates: Fate[] = []
  await using a = await openReplica(breaking(logs.open(), () => fates.shift() ?? 'noted'))
  await using b = await openReplica(logs.open())
  const runs: Fate[][] = [
    ['noted, and the answer lost'],
    ['lost'],
    ['lost', 'noted, and the answer lost', 'lost', 'noted, and the answer lost', 'lost'],
    ['noted', 'lost', 'noted', 'noted, and the answer lost'],
  ]
  let count = 0
  for (const run of runs) {
    fates.push(...run)
    for (let i = 0; i < 4; i++) await a.ask(LIST)
    await b.ask(LIST)
    count += 5
    // The first who asks sends what could not be sent.
    while (fates.length > 0) await a.control.report()
    for (const each of [a, b]) t.strictSame(await counted(each), [count, count], run.join())
  }
})

t.test('a report that begins anew does so at each mock', async (t) => {
  const logs = createMemoryLogs({ logs: 20 })
  let isAway = false
  const store = logs.open()
  const read: Store['read'] = (...given) =>
    isAway && given[0] === '/report' ? Promise.reject(new StoreAway('gone')) : store.read(...given)
  await using a = await openReplica({ ...store, read })
  await using b = await openReplica(logs.open())
  for (const each of [a, a, b]) await each.ask(LIST)
  t.strictSame(await counted(a), [3, 3])
  await b.control.clearReport()
  await a.ask(LIST)
  t.strictSame(await counted(b), [1, 1])
  isAway = true
  await t.rejects(a.control.report(), { message: /gone/ })
  t.match(a.report(), { requests: 1, findings: [{ count: 1 }] }, 'what it saw itself')
})

t.test('numbers that come twice, late, or never', async (t) => {
  const rows: [name: string, numbers: number[], isNew: boolean[]][] = [
    ['in order', [1, 2, 3], [true, true, true]],
    ['twice', [1, 1, 2, 1, 2], [true, false, true, false, false]],
    ['late', [3, 1, 1, 2, 4, 3], [true, true, false, true, true, false]],
    ['too late', [2_000, 999, 1_000, 1_000], [true, false, true, false]],
  ]
  for (const [name, numbers, isNew] of rows) {
    let senders = createSenders()
    const found = numbers.map((number) => {
      const saved = senders.save()
      senders = createSenders()
      senders.restore(JSON.parse(JSON.stringify(saved)))
      t.equal(senders.isNew('other', number), true)
      senders.restore(saved)
      return senders.isNew('mock', number)
    })
    t.strictSame(found, isNew, name)
  }
})
