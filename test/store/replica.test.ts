import t from 'tap'
import { createMemoryLogs } from '../../src/store/memory.js'
import { createReplica, OutOfTurn, type Replica } from '../../src/store/replica.js'
import { type Store, StoreAway } from '../../src/store/store.js'

/** A replica between its log and what it follows: here a list of texts. */

interface List extends Replica {
  texts: string[]
  add(text: string): Promise<void>
  /** How often all of it was begun anew. */
  begun: number
}

function follow(store: Store, cutEntries = 1000): List {
  let texts: string[] = []
  const replica = createReplica({
    ...{ store, log: 'a', cutEntries, textOf: String },
    followed: {
      begin(snapshot) {
        list.begun++
        texts = snapshot === undefined ? [] : JSON.parse(snapshot)
      },
      apply: (entry) => void texts.push(entry),
      save: () => JSON.stringify(texts),
    },
  })
  const act = (text: string) => {
    replica.requireTurn()
    texts.push(text)
    replica.record(text)
  }
  const list = Object.assign(Object.create(replica), {
    begun: 0,
    add: (text: string) => replica.write(() => act(text)),
  }) as List
  Object.defineProperty(list, 'texts', { get: () => texts })
  return list
}

const share = () => createMemoryLogs({ logs: 10 })

const tick = (milliseconds = 0) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** A store some of whose answers are others. */
const altered = (store: Store, other: Partial<Store>): Store => ({ ...store, ...other })

t.test('what is done out of turn is refused, and changes nothing', async (t) => {
  const one = follow(share().open())
  t.throws(() => one.requireTurn(), OutOfTurn)
  t.equal(one.refused, 1)
})

t.test('nobody reads what is not written yet, and no turn begins while somebody reads', async (t) => {
  const store = share().open()
  let write: () => void = () => {}
  const written = new Promise<void>((resolve) => {
    write = resolve
  })
  const one = follow(
    altered(store, {
      async append(...given) {
        await written
        return store.append(...given)
      },
    }),
  )
  const added = one.add('x')
  await tick()
  t.strictSame(one.texts, ['x'], 'it is there, unwritten')
  let seen: string[] | undefined
  const reading = one.read().then((end) => {
    seen = [...one.texts]
    return end
  })
  await tick()
  t.equal(seen, undefined)
  write()
  const end = await reading
  t.strictSame(seen, ['x'])
  await added
  const next = one.add('y')
  await tick()
  t.strictSame(one.texts, ['x'])
  end()
  await next
  t.strictSame(one.texts, ['x', 'y'])
})

t.test('of a thousand writes of three at once none is lost, and all have them in the same order', async (t) => {
  const logs = share()
  const all = [follow(logs.open(), 100), follow(logs.open(), 50), follow(logs.open(), 7)]
  await Promise.all(Array.from({ length: 999 }, (_, i) => (all[i % 3] as List).add(String(i))))
  for (const each of all) await each.current()
  t.equal(new Set(all[0]?.texts).size, 999)
  t.strictSame(all[1]?.texts, all[0]?.texts)
  t.strictSame(all[2]?.texts, all[0]?.texts)
  const late = follow(logs.open())
  await late.current()
  t.strictSame(late.texts, all[0]?.texts)
  t.equal(late.begun, 1, 'from a snapshot')
  const { entries } = await logs.open().read('a', { life: '', position: 0 })
  t.ok(entries.length < 150, `the log is cut: ${entries.length} entries`)
})

t.test('those who ask at once share a round trip', async (t) => {
  const store = share().open()
  let reads = 0
  const one = follow(
    altered(store, {
      read(...given) {
        reads++
        return store.read(...given)
      },
    }),
  )
  await Promise.all(Array.from({ length: 100 }, () => one.current()))
  t.ok(reads <= 2, `${reads} reads`)
})

t.test('the answer to a write is lost: it is taken back, and is there if it was written', async (t) => {
  const logs = share()
  const store = logs.open()
  let fails = true
  const one = follow(
    altered(store, {
      async append(...given) {
        const end = await store.append(...given)
        if (fails) throw new StoreAway('the connection broke')
        return end
      },
    }),
  )
  await t.rejects(one.add('x'), StoreAway)
  t.strictSame(one.texts, [], 'nobody knows whether it stands')
  fails = false
  await one.current()
  t.strictSame(one.texts, ['x'], 'it does')
  await one.add('y')
  t.strictSame(one.texts, ['x', 'y'])
})

t.test('the write itself is lost: it never was', async (t) => {
  const store = share().open()
  let fails = false
  const one = follow(
    altered(store, {
      append: (...given) => (fails ? Promise.reject(new StoreAway('it is full')) : store.append(...given)),
    }),
  )
  await one.add('x')
  fails = true
  await t.rejects(Promise.all([one.add('y'), one.add('z')]), { message: 'it is full' })
  await one.current()
  t.strictSame(one.texts, ['x'])
  fails = false
  await one.add('v')
  t.strictSame(one.texts, ['x', 'v'])
})

t.test('who lost the claim to another writes nothing', async (t) => {
  const logs = share()
  const store = logs.open()
  const other = follow(logs.open())
  const one = follow(
    altered(store, {
      async append(...given) {
        await store.release('a')
        await other.add('of the other')
        return store.append(...given)
      },
    }),
  )
  await t.rejects(one.add('x'), { name: 'StoreAway', message: /another replica wrote meanwhile/ })
  await one.current()
  t.strictSame(one.texts, ['of the other'])
})

t.test('who may act again does so, after the other', async (t) => {
  const logs = share()
  const store = logs.open()
  const other = follow(logs.open())
  let isFirst = true
  const one = follow(
    altered(store, {
      async append(...given) {
        if (isFirst) {
          isFirst = false
          await store.release('a')
          await other.add('of the other')
        }
        return store.append(...given)
      },
    }),
  )
  const seen: number[] = []
  const act = (text: string) => () => {
    seen.push(one.texts.length)
    one.texts.push(text)
    one.record(text)
    return text
  }
  const answers = await Promise.allSettled([
    one.write(act('x'), 'again'),
    one.write(act('y')),
    one.write(act('z'), 'again'),
  ])
  t.match(answers, [{ value: 'x' }, { reason: { name: 'StoreAway' } }, { value: 'z' }])
  t.strictSame(one.texts, ['of the other', 'x', 'z'])
  t.strictSame(seen, [0, 1, 2, 1, 2])
})

t.test('a slow one is not in the way, and comes after', async (t) => {
  const logs = share()
  const store = logs.open()
  const slow = follow(
    altered(store, {
      async read(...given) {
        await tick(20)
        return store.read(...given)
      },
    }),
    5,
  )
  const fast = follow(logs.open(), 5)
  const reading = slow.current()
  for (let i = 0; i < 12; i++) await fast.add(String(i))
  await reading
  await slow.current()
  t.strictSame(slow.texts, fast.texts)
})

t.test('a log that ended is another one afterwards', async (t) => {
  const logs = share()
  const [one, two] = [follow(logs.open()), follow(logs.open())]
  await one.add('x')
  await two.current()
  await logs.open().end('a')
  await two.add('y')
  await one.current()
  t.strictSame([one.texts, two.texts], [['y'], ['y']])
})

t.test('one act that fails takes no other along, and what it did before stays done', async (t) => {
  const one = follow(share().open())
  const fails = one.write(() => {
    throw new Error('no')
  })
  const [failed, added] = await Promise.allSettled([fails, one.add('x')])
  t.match(failed, { status: 'rejected', reason: { message: 'no' } })
  t.match(added, { status: 'fulfilled' })
  t.strictSame(one.texts, ['x'])
})
