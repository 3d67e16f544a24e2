import t, { type Test } from 'tap'
import type { RequestContext } from '../../src/authentik/context.js'
import type { FaultSeed } from '../../src/control/bodies.js'
import { delayOf } from '../../src/control/faults/fault-effect.js'
import { createFaults, type SavedFaults } from '../../src/control/faults/faults.js'
import { createSharedGates, type SharedGates } from '../../src/control/replicas/gates.js'
import type { World } from '../../src/control/worlds/world.js'
import { createMemoryLogs } from '../../src/store/memory.js'
import { createReplica } from '../../src/store/replica.js'
import { type Store, StoreAway } from '../../src/store/store.js'
import type { Change, FaultChange, GateChange } from '../../src/world/change.js'
import { createOwnTime } from '../control/waits.js'

/** Requests to several mocks wait for each other at a fault, whatever becomes of them and of the mocks. */

/** A mock as gates see it: the faults of a world, in step with those of others. */
interface Mock {
  /**
   * A request comes; what it did stands in `done` as its name. Resolves once the gate has it.
   *
   * @param work how long it takes it to be answered
   */
  come(name: string, at?: number, work?: Promise<void>): Promise<void>
  apply(change: Change): Promise<void>
  saved(): Promise<SavedFaults>
  /** Milliseconds pass for whoever waits here. */
  pass(milliseconds: number): unknown
  /** It stops, as by a signal. */
  stop(): void
  /** It ends with all that it holds, as by a crash. */
  die(): void
  store: { isAway: boolean }
}

function openMock(store: Store, done: string[]): Mock {
  const faults = createFaults()
  const away = { isAway: false }
  let isDead = false
  const waits = createOwnTime()
  const reach = <T>(ask: () => Promise<T>) => (away.isAway || isDead ? Promise.reject(new StoreAway('gone')) : ask())
  const replica = createReplica({
    store: {
      ...store,
      read: (...given) => reach(() => store.read(...given)),
      claim: (...given) => reach(() => store.claim(...given)),
      append: (...given) => reach(() => store.append(...given)),
    },
    log: 'w',
    textOf: (change) => JSON.stringify(change),
    followed: {
      begin: (text) => faults.restore(text === undefined ? { list: [], lastId: 0, groups: [] } : JSON.parse(text)),
      apply: (entry) => faults.apply(JSON.parse(entry)),
      save: () => JSON.stringify(faults.save()),
    },
    cutEntries: 7,
  })
  const world = {
    ...{ faults, replica },
    apply(change: FaultChange | GateChange) {
      replica.requireTurn()
      faults.apply(change)
      replica.record(change)
    },
  } as unknown as World
  const gates: SharedGates = createSharedGates(waits)

  return {
    async come(name, at = 0, work = soon()) {
      const ctx = { method: 'GET', path: '/', request: { headers: {} } } as unknown as RequestContext
      const { fault, ticket } = await replica.write(() => {
        const { fault, changes } = faults.match(ctx)
        const issued = gates.issue(world)
        for (const change of changes) world.apply(change)
        if (fault !== undefined) world.apply({ type: 'gate entered', id: fault.id, ticket: issued, at })
        return { fault, ticket: issued }
      })
      if (fault === undefined) throw new Error('no fault')
      gates.gateFor(world, fault, ticket, 5_000 + (fault.one_winner ? delayOf(fault) : 0)).enter({
        delay: (then) => then(),
        go(worked, answered) {
          if (isDead) return
          done.push(name)
          work.then(worked).then(answered)
        },
      })
    },
    apply: (change) => replica.write(() => world.apply(change)),
    async saved() {
      await replica.current()
      return faults.save()
    },
    pass: (milliseconds) => isDead || waits.pass(milliseconds),
    stop: () => waits.end(),
    die() {
      isDead = true
    },
    store: away,
  }
}

const soon = () => new Promise<void>((resolve) => setImmediate(resolve))
const FOR_EVER = new Promise<void>(() => {})

/** Lets those who look at the log have looked. */
async function looked(...mocks: Mock[]): Promise<void> {
  for (let i = 0; i < 3; i++) for (const mock of mocks) await mock.saved()
  await new Promise((resolve) => setTimeout(resolve, 25))
}

/** Work that takes until a test says so. */
function work(): { lasts: Promise<void>; end(): void } {
  let end = () => {}
  const lasts = new Promise<void>((resolve) => {
    end = resolve
  })
  return { lasts, end: () => end() }
}

interface Setting {
  a: Mock
  b: Mock
  c: Mock
  done: string[]
  add(fault: FaultSeed): Promise<void>
  /** Resolves once so many did their work. */
  until(count: number): Promise<void>
}

const CASES: Record<string, (t: Test, setting: Setting) => Promise<void>> = {
  async 'a group that does not fill is let go once, as it came, and the next one begins anew'(t, setting) {
    const { a, b, c, done, add, until } = setting
    await add({ barrier: 3, order: [3, 2, 1] })
    await a.come('a1')
    await b.come('b2')
    a.pass(4_999)
    b.pass(4_000)
    await soon()
    t.strictSame(done, [], 'not yet')
    a.pass(1)
    await until(2)
    t.strictSame(done, ['a1', 'b2'])
    await b.come('b1')
    await c.come('c2')
    t.equal(done.length, 2, 'the next group waits for three again')
    await a.come('a3')
    await until(5)
    t.strictSame(done.slice(2), ['a3', 'c2', 'b1'])
    for (const each of [a, b, c]) while ((await each.saved()).groups.length > 0) await soon()
    t.match((await c.saved()).list, [{ seen: 5, struck: 5 }])
  },
  async 'a mock that dies holds the others up for as long as one may take, once'(t, { a, b, c, done, add, until }) {
    await add({ barrier: 5 })
    for (const [i, mock] of [a, a, b, a, c].entries()) {
      if (i === 4) a.die()
      await mock.come(String(i))
    }
    while ((await b.saved()).groups[0]?.[1][0]?.isOpen !== true) await soon()
    while (done.length === 0) {
      b.pass(1_000)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await until(2)
    t.strictSame(done, ['2', '4'], 'the last of those that died is not waited for again')
  },
  async 'a fault that is removed lets all go, and so do others by their going'(t, { a, b, c, done, add, until }) {
    for (const change of [{ type: 'fault removed', id: '1' }, { type: 'faults cleared' }] as const) {
      await add({ barrier: 20 })
      await a.come('a')
      await b.come('b')
      await c.apply(change)
      await until(2)
      t.strictSame(done.splice(0).sort(), ['a', 'b'])
      await c.apply({ type: 'faults cleared' })
    }
  },
  async 'a mock that stops lets its own go, and nobody waits for them'(t, { a, b, c, done, add, until }) {
    await add({ barrier: 3 })
    await a.come('a')
    await b.come('b')
    a.stop()
    await until(2)
    t.strictSame(done.sort(), ['a', 'b'])
    await a.come('late')
    await until(3)
    await b.come('b2')
    await c.come('c2')
    await soon()
    t.equal(done.length, 3, 'three are waited for')
    await b.come('b3')
    await until(6)
  },
  async 'a store that goes away holds nobody for ever'(t, { a, b, done, add, until }) {
    await add({ barrier: 3 })
    await a.come('a')
    await b.come('b')
    a.store.isAway = true
    a.pass(5_000)
    await until(1)
    t.strictSame(done, ['a'])
    a.store.isAway = false
    // As one that has gone is none of those who wait.
    while ((await b.saved()).groups[0]?.[1][0]?.tickets.length !== 1) await soon()
    await a.come('a2')
    t.equal(done.length, 1)
    await a.come('a3')
    await until(4)
    t.strictSame(done, ['a', 'b', 'a2', 'a3'])
  },
  async 'whoever comes long after does not fill a group that nobody is left of'(t, { a, b, done, add, until }) {
    await add({ barrier: 2 })
    await a.come('a', 1_000)
    a.die()
    await b.come('b', 11_001)
    await soon()
    t.strictSame(done, [])
    await b.come('b2', 11_002)
    await until(2)
    t.strictSame(done, ['b', 'b2'])
  },
  async 'one whose work has no end is waited for as long as it may take, and no longer'(t, { a, b, done, add, until }) {
    await add({ barrier: 2 })
    await a.come('a', 0, FOR_EVER)
    await b.come('b')
    await until(1)
    a.pass(4_999)
    await soon()
    t.strictSame(done, ['a'])
    a.pass(1)
    await until(2)
  },
  async 'who joins in the middle of it knows who waits'(t, { a, b, c, done, add, until }) {
    await add({ barrier: 6 })
    for (const name of ['1', '2', '3', '4', '5']) await (Number(name) % 2 ? a : b).come(name)
    await c.come('6')
    await until(6)
    t.strictSame(done, ['1', '2', '3', '4', '5', '6'])
  },
  async 'without a barrier each goes once the one before it was answered'(t, { a, b, c, done, add, until }) {
    await add({ one_winner: true })
    const [first, second] = [work(), work()]
    await a.come('1', 0, first.lasts)
    await b.come('2', 0, second.lasts)
    for (const [i, mock] of [c, a, b, c].entries()) await mock.come(String(i + 3))
    await looked(a, b, c)
    t.strictSame(done, ['1'])
    first.end()
    await until(2)
    await looked(a, b, c)
    t.strictSame(done, ['1', '2'])
    second.end()
    await until(6)
    t.strictSame(done, ['1', '2', '3', '4', '5', '6'])
    for (const each of [a, b, c]) while ((await each.saved()).groups.length > 0) await soon()
  },
  async 'who has gone takes no room in a queue that does not end'(t, { a, b, done, add, until }) {
    await add({ one_winner: true })
    let last = work()
    await a.come('0', 0, last.lasts)
    for (let i = 1; i < 30; i++) {
      const next = work()
      await (i % 3 ? a : b).come(String(i), 0, next.lasts)
      last.end()
      last = next
      await until(i + 1)
    }
    while (((await b.saved()).groups[0]?.[1][0]?.tickets.length ?? 0) > 1) await soon()
    t.equal(done.length, 30)
  },
  async 'a mock that dies at the head of a queue holds it up for so long, once'(t, { a, b, c, done, add, until }) {
    await add({ one_winner: true })
    for (const name of ['a', 'a2']) await a.come(name, 0, FOR_EVER)
    await b.come('b', 0)
    await a.come('a3', 0)
    await c.come('c', 0)
    a.die()
    await looked(b, c)
    b.pass(6_999)
    await looked(b, c)
    t.strictSame(done, ['a'], 'it might only be slow to tell')
    b.pass(1)
    await until(3)
    t.strictSame(done, ['a', 'b', 'c'])
  },
  async 'one that is slow loses its turn, and not the place of those behind it'(t, { a, b, done, add, until }) {
    await add({ one_winner: true, delay: 1_000 })
    const second = work()
    await a.come('a', 0, FOR_EVER)
    await b.come('b', 0)
    await a.come('a2', 0, second.lasts)
    await b.come('b2', 0)
    await looked(a, b)
    for (const mock of [b, a]) mock.pass(5_999)
    await looked(a, b)
    t.strictSame(done, ['a'], 'its delay is no fault of its own')
    b.pass(1)
    await looked(a, b)
    t.strictSame(done, ['a'], 'its own mock says when its time is over')
    a.pass(1)
    await until(3)
    await looked(a, b)
    t.strictSame(done, ['a', 'b', 'a2'])
    second.end()
    await until(4)
  },
  async 'a mock that stops lets its own go, and takes no place of others'(t, { a, b, done, add, until }) {
    await add({ one_winner: true })
    const first = work()
    await a.come('a', 0, first.lasts)
    for (const name of ['b', 'b2']) await b.come(name)
    await a.come('a2')
    await looked(a, b)
    b.stop()
    await until(3)
    await looked(a)
    t.strictSame(done, ['a', 'b', 'b2'])
    first.end()
    await until(4)
  },
  async 'a queue whose store goes away holds nobody up'(t, { a, b, done, add, until }) {
    await add({ one_winner: true })
    const first = work()
    await a.come('a', 0, first.lasts)
    await b.come('b')
    await a.come('a2')
    await looked(a, b)
    b.store.isAway = true
    await until(2)
    t.strictSame(done, ['a', 'b'], 'its answer says that the store is away')
    b.store.isAway = false
    await b.come('b2')
    await looked(a, b)
    t.equal(done.length, 2, 'it hears of the others again')
    first.end()
    await until(4)
    t.strictSame(done, ['a', 'b', 'a2', 'b2'])
  },
  async 'whoever comes long after waits for nobody in a queue who is gone'(t, { a, b, done, add, until }) {
    await add({ one_winner: true, preset: 'too-slow' })
    await a.come('a', 1_000, FOR_EVER)
    a.die()
    await b.come('b', 41_000)
    await looked(b)
    t.strictSame(done, ['a'], 'it may take as long as its delay, too')
    await b.come('b2', 81_001)
    await until(3)
  },
  async 'a queue whose fault is removed, or whose world begins anew, lets all go'(t, { a, b, c, done, add, until }) {
    for (const change of [{ type: 'fault removed', id: '1' }, { type: 'faults cleared' }] as const) {
      await add({ one_winner: true })
      await a.come('a', 0, FOR_EVER)
      await b.come('b')
      await c.apply(change)
      await until(2)
      t.strictSame(done.splice(0), ['a', 'b'])
      await c.apply({ type: 'faults cleared' })
    }
  },
}

for (const [name, check] of Object.entries(CASES))
  t.test(name, async (t) => {
    const logs = createMemoryLogs({ logs: 20 })
    const done: string[] = []
    const [a, b, c] = Array.from({ length: 3 }, () => openMock(logs.open(), done)) as [Mock, Mock, Mock]
    let id = 0
    await check(t, {
      ...{ a, b, c, done },
      add: (fault) => c.apply({ type: 'fault added', fault: { ...fault, id: String(++id), seen: 0, struck: 0 } }),
      async until(count) {
        while (done.length < count) await soon()
      },
    })
    // Ends those who still look.
    for (const each of [a, b, c]) each.stop()
  })
