import t from 'tap'
import { createMemoryLogs } from '../../src/store/memory.js'
import type { WireRequest } from '../http.js'
import { random } from '../random.js'
import { code, fault, judge, load, refreshToken } from './history.js'
import { isLinearizable, type Operation } from './linearizable.js'
import { openReplica } from './replicas.js'
import { IN_MEMORY, openStoreServer, STORE_PROGRAM } from './server.js'

/** What clients of three mocks see could have come of one. `npm run replicas` does more of it, and worse. */

const read = (value: string, start: number, end: number): Operation => ({
  kind: 'read',
  value,
  start,
  end,
  isSure: true,
})
const write = (value: string, start: number, end: number, isSure = true): Operation => ({
  ...{ kind: 'write', value, start, end, isSure },
})

const HISTORIES: Record<string, [isGood: boolean, history: Operation[]]> = {
  nothing: [true, []],
  'what was written is read': [true, [write('x', 1, 2), read('x', 3, 4)]],
  'what was overwritten is read': [false, [write('x', 1, 2), write('y', 3, 4), read('x', 5, 6)]],
  'the beginning is read after a write': [false, [write('x', 1, 2), read('', 3, 4)]],
  'either is read while it is written': [true, [write('x', 1, 9), read('', 2, 3), read('x', 4, 5)]],
  'it is there, and is gone': [false, [write('x', 1, 9), read('x', 2, 3), read('', 4, 5)]],
  'two readers do not agree on the order': [
    false,
    [write('x', 1, 9), write('y', 1, 9), read('x', 2, 3), read('y', 4, 5), read('x', 6, 7)],
  ],
  'two at once, the other one wins': [true, [write('x', 1, 9), write('y', 2, 3), read('x', 10, 11)]],
  'nobody wrote it': [false, [read('x', 1, 2)]],
  'it failed, and was not done': [true, [write('x', 1, 2, false), read('', 3, 4)]],
  'it failed, and was done later': [true, [write('x', 1, 2, false), read('', 3, 4), read('x', 5, 6)]],
  'it failed, was done, and was undone': [false, [write('x', 1, 2, false), read('x', 3, 4), read('', 5, 6)]],
}

for (const [what, [isGood, history]] of Object.entries(HISTORIES))
  t.test(`a history: ${what}`, async (t) => t.equal(isLinearizable(history, ''), isGood))

const USERS = [10, 11, 12, 13]

for (const name of ['memory', 'valkey'])
  t.test(name, { skip: name === 'valkey' && STORE_PROGRAM === undefined && 'no store is there' }, async (t) => {
    await using server = name === 'valkey' ? await openStoreServer(STORE_PROGRAM as string, ...IN_MEMORY) : undefined
    const logs = createMemoryLogs({ logs: 10 })
    const open = () => openReplica(server?.address ?? logs.open())
    await using a = await open()
    await using b = await open()
    await using c = await open()
    await a.control.providers.change(1, { access_code_validity: 'hours=1' })
    const singles = new Map<string, WireRequest>()
    for (let i = 0; i < 10; i++) {
      singles.set(`code ${i}`, await code(a.control))
      singles.set(`refresh token ${i}`, await refreshToken(a.control))
      singles.set(`fault ${i}`, await fault(a.control, i))
    }
    const initial = new Map<number, string>()
    for (const pk of USERS) initial.set(pk, String((await a.control.users.get(pk)).name))
    const urls = [a.url, b.url, c.url]
    const seen = await load({
      ...{ urls: () => urls, clients: 20, operations: 600, users: USERS, singles, random: random(1) },
    })
    t.strictSame(judge(seen, initial), [])
    t.strictSame([...seen.statuses.keys()].sort(), [200, 400, 404])
    t.ok(USERS.every((pk) => (seen.histories.get(pk)?.length ?? 0) > 50))
    t.ok([...seen.tried.values()].every((statuses) => statuses.length === 3))
    t.strictSame(await b.control.fixtures.read(), await a.control.fixtures.read())
  })
