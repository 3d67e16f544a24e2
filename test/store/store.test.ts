import t, { type Test } from 'tap'
import { createMemoryLogs } from '../../src/store/memory.js'
import { unfitnessOf } from '../../src/store/server-info.js'
import { BEGINNING, type Place, type Store, StoreAway, type StoreLimits } from '../../src/store/store.js'
import { openValkey } from '../../src/store/valkey.js'
import { openStoreServer, STORE_PROGRAM } from './server.js'

/** What every store does, whatever it is: tried on the memory of this process, and on a real server where there is one. */

/** A fresh place for logs, and any number of stores that share it. */
interface Shared extends AsyncDisposable {
  open(): Promise<Store>
}

type Open = (limits: StoreLimits) => Promise<Shared>

const LIMITS = { logs: 100, expiry: 1000, notes: 3, noteBytes: 100 }

const STORES: Record<string, Open | undefined> = {
  async memory(limits) {
    const logs = createMemoryLogs(limits)
    return { open: async () => logs.open(), async [Symbol.asyncDispose]() {} }
  },
  valkey: STORE_PROGRAM === undefined ? undefined : openShared(STORE_PROGRAM),
}

function openShared(program: string): Open {
  const server = openStoreServer(program)
  let count = 0
  t.teardown(async () => (await server)[Symbol.asyncDispose]())
  return async (limits) => {
    const { address } = await server
    const prefix = `test-${count++}:`
    const opened: Store[] = []
    return {
      async open() {
        const store = await openValkey({ ...address, prefix }, limits)
        opened.push(store)
        return store
      },
      async [Symbol.asyncDispose]() {
        for (const store of opened) store.close()
      },
    }
  }
}

/** Writes as a replica does that has seen all of it. */
async function write(store: Store, log: string, ...entries: string[]): Promise<Place> {
  const tail = await store.claim(log, BEGINNING)
  if (tail === undefined) throw new Error(`${log} is claimed`)
  return (await store.append(log, tail.end, entries)) as Place
}

const CASES: Record<string, (t: Test, shared: Shared) => Promise<void>> = {
  async 'a log that has not begun says nothing'(t, shared) {
    const store = await shared.open()
    t.strictSame(await store.read('a', BEGINNING), {
      ...{ end: BEGINNING, isAnew: false, snapshot: undefined, entries: [] },
    })
    t.strictSame(await store.list(), [])
    t.equal(await store.end('a'), false)
  },
  async 'what one writes, another reads in the same order'(t, shared) {
    const [one, two] = [await shared.open(), await shared.open()]
    const end = await write(one, 'a', 'first', '{"second":"ä€😀\\n"}')
    const tail = await two.read('a', BEGINNING)
    t.strictSame(tail, { end, isAnew: true, snapshot: undefined, entries: ['first', '{"second":"ä€😀\\n"}'] })
    await write(two, 'a', 'third')
    t.match(await one.read('a', end), { isAnew: false, entries: ['third'], end: { position: 3 } })
    t.strictSame((await one.read('a', (await one.read('a', end)).end)).entries, [])
  },
  async 'logs know nothing of each other, nor of the one without a name'(t, shared) {
    const store = await shared.open()
    await write(store, '', 'base')
    await write(store, 'a', 'of a')
    await write(store, 'b', 'of b')
    t.strictSame((await store.read('', BEGINNING)).entries, ['base'])
    t.strictSame((await store.read('a', BEGINNING)).entries, ['of a'])
    t.strictSame(await store.list(), ['b', 'a'])
  },
  async 'one has the claim, and the others get it once it is given back'(t, shared) {
    const [one, two] = [await shared.open(), await shared.open()]
    const tail = await one.claim('a', BEGINNING)
    t.ok(tail)
    t.ok(await one.claim('a', BEGINNING), 'it gets its own again')
    t.equal(await two.claim('a', BEGINNING), undefined)
    t.ok(await two.claim('b', BEGINNING), 'of another log')
    await two.release('a')
    t.equal(await two.claim('a', BEGINNING), undefined, 'nobody gives back what is not theirs')
    await one.append('a', BEGINNING, ['x'])
    t.match(await two.claim('a', BEGINNING), { entries: ['x'] })
    await two.release('a')
    t.ok(await one.claim('a', BEGINNING))
  },
  async 'a claim does not begin a log'(t, shared) {
    const store = await shared.open()
    await store.claim('a', BEGINNING)
    await store.release('a')
    t.strictSame(await store.list(), [])
  },
  async 'of many who write at the same place one wins, also without a claim'(t, shared) {
    const stores = await Promise.all(Array.from({ length: 5 }, () => shared.open()))
    const begun = await Promise.all(stores.map((store, i) => store.append('a', BEGINNING, [`begin ${i}`])))
    t.equal(begun.filter((end) => end !== undefined).length, 1)
    const at = begun.find((end) => end !== undefined) as Place
    const ends = await Promise.all(stores.map((store, i) => store.append('a', at, [`x${i}`, `y${i}`])))
    t.equal(ends.filter((end) => end !== undefined).length, 1)
    const { entries } = await (stores[0] as Store).read('a', BEGINNING)
    t.equal(entries.length, 3, 'all entries of one, none of the others')
    t.equal(entries[1]?.slice(1), entries[2]?.slice(1))
  },
  async 'who is behind writes nothing'(t, shared) {
    const [one, two] = [await shared.open(), await shared.open()]
    const at = await write(one, 'a', 'x')
    await write(two, 'a', 'y')
    t.equal(await one.append('a', at, ['z']), undefined)
    t.equal(await one.append('a', BEGINNING, ['z']), undefined)
    t.strictSame((await one.read('a', BEGINNING)).entries, ['x', 'y'])
  },
  async 'a cut log is begun from its snapshot'(t, shared) {
    const [one, two] = [await shared.open(), await shared.open()]
    const at = await write(one, 'a', 'x', 'y')
    await write(one, 'a', 'z')
    await one.cut('a', at, 'x and y')
    t.match(await two.read('a', BEGINNING), { isAnew: true, snapshot: 'x and y', entries: ['z'], end: { position: 3 } })
    t.match(await two.read('a', at), { isAnew: false, snapshot: undefined, entries: ['z'] }, 'who was there already')
    t.match(await two.read('a', { ...at, position: 1 }), { isAnew: true, snapshot: 'x and y' }, 'who was too slow')
    const end = await write(two, 'a', 'last')
    await two.cut('a', { ...end, position: 1 }, 'older')
    await two.cut('a', { ...end, position: 99 }, 'newer than all')
    t.match(await one.read('a', BEGINNING), { snapshot: 'x and y', entries: ['z', 'last'] }, 'nothing goes back')
    await two.cut('a', end, 'all')
    t.match(await one.read('a', BEGINNING), { snapshot: 'all', entries: [], end: { position: 4 } })
  },
  async 'a log that was ended begins as another one'(t, shared) {
    const [one, two] = [await shared.open(), await shared.open()]
    const at = await write(one, 'a', 'x', 'y')
    await one.cut('a', { ...at, position: 1 }, 'x')
    t.equal(await two.end('a'), true)
    t.strictSame(await two.list(), [])
    t.match(await one.read('a', at), { isAnew: true, end: BEGINNING, entries: [], snapshot: undefined })
    t.equal(await one.append('a', at, ['z']), undefined, 'nobody writes on in what is gone')
    const next = await write(two, 'a', 'v', 'w')
    t.not(next.life, at.life)
    t.equal(next.position, at.position)
    t.match(await one.read('a', at), { isAnew: true, entries: ['v', 'w'], snapshot: undefined })
    await one.cut('a', at, 'of the old one')
    t.match(await one.read('a', BEGINNING), { snapshot: undefined, entries: ['v', 'w'] })
  },
  async 'to be used is to begin, and to be moved to the front'(t, shared) {
    const store = await shared.open()
    for (const name of ['a', 'b', 'c']) {
      await store.read(name, BEGINNING, 'use')
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    await store.read('d', BEGINNING)
    t.strictSame(await store.list(), ['c', 'b', 'a'])
    await store.read('a', BEGINNING, 'use')
    t.strictSame(await store.list(), ['a', 'c', 'b'])
    await store.read('', BEGINNING, 'use')
    t.strictSame(await store.list(), ['a', 'c', 'b'], 'the one without a name is no part of it')
  },
  async 'notes are counted, and the latest of them kept'(t, shared) {
    const [one, two] = [await shared.open(), await shared.open()]
    t.match(await one.notes('a', BEGINNING), { end: BEGINNING, isAnew: false, texts: [], dropped: 0 })
    await one.note('a', 'nowhere')
    await one.forget('a')
    t.equal((await one.notes('a', BEGINNING)).end.position, 0)
    await write(one, 'a', 'x')
    for (const text of ['1', '2']) await one.note('a', text)
    const { end } = await two.notes('a', BEGINNING)
    t.match(await two.notes('a', BEGINNING), { isAnew: true, texts: ['1', '2'], dropped: 0, end: { position: 2 } })
    await two.note('a', '3')
    t.match(await one.notes('a', end), { isAnew: false, texts: ['3'], dropped: 0 })
    await two.note('a', '4')
    t.match(await one.notes('a', end), { isAnew: false, texts: ['3', '4'], dropped: 1 })
    await two.note('a', '5')
    await two.note('a', '6')
    t.match(await one.notes('a', end), { isAnew: true, texts: ['4', '5', '6'], dropped: 3, end: { position: 6 } })
    await two.note('a', 'x'.repeat(99))
    t.match((await one.notes('a', end)).texts, ['6', /^x+$/], 'there is no room for more')
    await one.forget('a')
    t.match(await two.notes('a', BEGINNING), { texts: [], dropped: 0, end: { position: 7 } })
    await two.note('a', '8')
    t.match(await one.notes('a', end), { isAnew: true, texts: ['8'], forgotten: 7, dropped: 0, end: { position: 8 } })
    t.strictSame((await one.notes('b', BEGINNING)).texts, [])
    await one.end('a')
    await one.note('a', 'late')
    t.match(await one.notes('a', end), { end: BEGINNING, isAnew: true, texts: [] }, 'they end with their log')
  },
  async 'the first settings stand'(t, shared) {
    const stores = await Promise.all(Array.from({ length: 5 }, () => shared.open()))
    const agreed = await Promise.all(stores.map((store, i) => store.agree(`settings ${i}`)))
    t.equal(new Set(agreed).size, 1, 'of five that start at once')
    const other = await shared.open()
    t.equal(await other.agree('other'), agreed[0])
    await other.disagree('other')
    t.equal(await other.agree('other'), agreed[0], 'that of another one')
    await other.disagree(agreed[0] as string)
    t.equal(await other.agree('other'), 'other')
    await write(other, 'a', 'x')
    await other.disagree('other')
    t.equal(await other.agree('more'), 'other', 'where a log has begun')
  },
  async 'a large entry, and many of them, come back whole'(t, shared) {
    const store = await shared.open()
    const large = 'ä'.repeat(2 * 1024 * 1024)
    const many = Array.from({ length: 3000 }, (_, i) => `entry ${i}`)
    await write(store, 'a', large)
    await write(store, 'a', ...many)
    const { entries } = await (await shared.open()).read('a', BEGINNING)
    t.ok(entries[0] === large)
    t.strictSame(entries.slice(1), many)
  },
}

for (const [name, open] of Object.entries(STORES)) {
  t.test(name, { skip: open === undefined && 'neither valkey-server nor redis-server is there' }, async (t) => {
    for (const [what, check] of Object.entries(CASES))
      t.test(what, async (t) => {
        await using shared = await (open as Open)(LIMITS)
        await check(t, shared)
      })

    t.test('the least recently used log makes room, and nothing of it is left', async (t) => {
      await using shared = await (open as Open)({ ...LIMITS, logs: 2 })
      const store = await shared.open()
      await write(store, '', 'base')
      for (const name of ['a', 'b', 'c']) {
        await write(store, name, name)
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
      t.strictSame(await store.list(), ['c', 'b'])
      t.strictSame((await store.read('a', BEGINNING)).end, BEGINNING)
      t.strictSame((await store.read('', BEGINNING)).entries, ['base'])
    })
  })
}

t.test('a server that is none for mocks', async (t) => {
  const said: [info: string, unfit: RegExp | undefined][] = [
    ['redis_version:7.2.4\r\ncluster_enabled:0\r\n', undefined],
    ['redis_version:6.2.0\r\n', undefined],
    ['redis_version:10.0.1\r\n', undefined],
    ['', undefined],
    ['redis_version:6.0.16\r\n', /^is Redis 6\.0\.16; allowed: 6\.2 or later, or any Valkey$/],
    ['# Server\r\nredis_version:5.0.7\r\n', /^is Redis 5\.0\.7/],
    ['redis_version:7.2.4\r\ncluster_enabled:1\r\n', /^is part of a cluster/],
  ]
  for (const [info, unfit] of said) t.match(unfitnessOf(info) ?? 'fit', unfit ?? /^fit$/, info)
})

t.test('a real server', { skip: STORE_PROGRAM === undefined && 'there is none' }, async (t) => {
  const program = STORE_PROGRAM as string

  t.test('a claim of a dead replica ends by itself', async (t) => {
    await using server = await openStoreServer(program)
    const [one, two] = [await openValkey(server.address, LIMITS), await openValkey(server.address, LIMITS)]
    await one.claim('a', BEGINNING)
    one.close()
    t.equal(await two.claim('a', BEGINNING), undefined)
    t.ok(Number(server.ask('PTTL', 'authentik-mock:claim:a')) > 0)
    server.ask('PEXPIRE', 'authentik-mock:claim:a', '1')
    await new Promise((resolve) => setTimeout(resolve, 5))
    t.ok(await two.claim('a', BEGINNING))
    two.close()
  })

  t.test('everything expires', async (t) => {
    await using server = await openStoreServer(program)
    const store = await openValkey(server.address, LIMITS)
    await store.agree('settings')
    await write(store, '', 'base')
    await write(store, 'a', 'x')
    await store.claim('a', BEGINNING)
    await store.cut('a', (await store.read('a', BEGINNING)).end, 'x')
    await store.note('a', 'note')
    const keys = server.ask('KEYS', '*').split('\n')
    t.ok(keys.length >= 6, keys.join())
    for (const key of keys) t.ok(Number(server.ask('TTL', key)) > 0, key)
    store.close()
  })

  t.test('it goes and comes back: nothing that was written is lost', async (t) => {
    await using server = await openStoreServer(program)
    const store = await openValkey(server.address, LIMITS)
    const end = await write(store, 'a', 'x')
    await server.kill()
    const acts: (() => Promise<unknown>)[] = [
      () => store.read('a', end),
      () => store.claim('a', end),
      () => store.append('a', end, ['y']),
    ]
    for (const act of acts) await t.rejects(act, StoreAway)
    await t.rejects(openValkey(server.address, LIMITS), { message: /^the store unix:\/\/\S+ cannot be reached: / })
    await server.start()
    for (;;) {
      const tail = await store.read('a', BEGINNING).catch(() => undefined)
      if (tail !== undefined) {
        t.match(tail, { end, entries: ['x'] })
        break
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await write(store, 'a', 'z')
    store.close()
  })

  const refusals: Record<string, { set: string[]; says: RegExp; canRead: boolean }> = {
    full: { set: ['CONFIG', 'SET', 'maxmemory', '1'], says: /is full: /, canRead: true },
    'read-only': { set: ['REPLICAOF', '127.0.0.1', '1'], says: /is read-only: /, canRead: false },
    'that of others': { set: ['CONFIG', 'SET', 'requirepass', 'x'], says: /asks for a password/, canRead: false },
  }
  for (const [what, { set, says, canRead }] of Object.entries(refusals))
    t.test(`it is ${what}`, async (t) => {
      await using server = await openStoreServer(program)
      const first = await openValkey(server.address, LIMITS)
      const end = await write(first, 'a', 'x')
      if (set[0] === 'REPLICAOF') server.ask('CONFIG', 'SET', 'replica-serve-stale-data', 'yes')
      server.ask(...set)
      if (canRead) {
        t.match(await first.read('a', BEGINNING, 'use'), { entries: ['x'] }, 'it can still be read')
        await t.rejects(first.claim('a', end), { name: 'StoreAway', message: says })
        await t.rejects(first.append('a', end, ['y']), { name: 'StoreAway', message: says })
        t.strictSame((await first.read('a', BEGINNING)).entries, ['x'])
        await first.ready()
      } else await t.rejects(openValkey(server.address, LIMITS), { name: 'StoreAway', message: says })
      first.close()
    })

  t.test('what mocks agreed on is kept for as long as they use it, and others are not mixed with', async (t) => {
    await using server = await openStoreServer(program)
    const one = await openValkey(server.address, LIMITS)
    await one.agree('one')
    server.ask('PEXPIRE', 'authentik-mock:mock', '100')
    await one.read('a', BEGINNING, 'use')
    t.ok(Number(server.ask('TTL', 'authentik-mock:mock')) > 900, 'it does not expire before the logs do')
    server.ask('FLUSHALL')
    await one.read('a', BEGINNING, 'use')
    const two = await openValkey(server.address, LIMITS)
    t.equal(await two.agree('two'), 'one', 'it stands again')
    server.ask('FLUSHALL')
    const other = await openValkey(server.address, LIMITS)
    t.equal(await other.agree('two'), 'two')
    const OTHERS = { name: 'StoreAway', message: /is used by mocks with other options/ }
    await t.rejects(one.read('a', BEGINNING, 'use'), OTHERS)
    await t.rejects(one.ready(), OTHERS)
    await other.ready()
    for (const each of [one, two, other]) each.close()
  })

  t.test('what its users should know of it is said', async (t) => {
    await using server = await openStoreServer(
      program,
      '--appendonly',
      'no',
      '--maxmemory',
      '100mb',
      '--maxmemory-policy',
      'allkeys-lru',
    )
    const said: string[] = []
    ;(await openValkey(server.address, LIMITS, (text) => said.push(text))).close()
    t.match(said, [/appendonly no/, /maxmemory-policy allkeys-lru/])
  })

  t.test('logs that lost entries are not gone on with', async (t) => {
    await using server = await openStoreServer(program)
    const store = await openValkey(server.address, LIMITS)
    await write(store, 'a', 'x', 'y')
    server.ask('XDEL', 'authentik-mock:entries:a', '1-0')
    await t.rejects(store.read('a', BEGINNING), { name: 'StoreAway', message: /lost a part of the log/ })
    store.close()
  })
})
