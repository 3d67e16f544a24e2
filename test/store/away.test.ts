import { type AddressInfo, createServer } from 'node:net'
import t, { type Test } from 'tap'
import type { MockSettings } from '../../src/server/mock.js'
import { form, openReplica, post, type ReplicaMock, ROOT } from './replicas.js'
import { openStoreServer, STORE_PROGRAM, type StoreServer } from './server.js'

/** What mocks do while their store is away, and that they go on by themselves when it is back. */

const LIST = { path: '/api/v3/oauth2/refresh_tokens/', headers: ROOT }
const DELETE = { method: 'DELETE', path: '/api/v3/oauth2/refresh_tokens/1/', headers: ROOT }
const REMEMBERED = { path: '/api/v3/core/applications/', headers: ROOT }
const READY = { path: '/-/health/ready/' }
const LIVE = { path: '/-/health/live/' }
const CREATE = post('/_mock/refresh_tokens', { user: 10, provider: 1 })
const GRANT = form('token', {
  ...{ client_id: 'grafana', client_secret: 'grafana-client-secret' },
  grant_type: 'client_credentials',
})
const AWAY = /^authentik-mock: the store unix:\/\/\S+ (?:cannot be reached: |closed the connection)/

async function healed(mock: ReplicaMock): Promise<void> {
  for (;;) {
    if ((await mock.ask(READY)).status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

async function open(t: Test, server: StoreServer, more?: Partial<MockSettings>): Promise<ReplicaMock> {
  const mock = await openReplica(server.address, more)
  t.teardown(() => mock[Symbol.asyncDispose]())
  return mock
}

t.test(
  'a store',
  { skip: STORE_PROGRAM === undefined && 'neither valkey-server nor redis-server is there' },
  async (t) => {
    await using server = await openStoreServer(STORE_PROGRAM as string)

    await t.test('goes away and comes back', async (t) => {
      const mock = await open(t, server)
      const available = await open(t, server, { storeReads: 'available' })
      const local = await open(t, server, { storeReads: 'local' })
      const made = JSON.parse((await mock.ask(CREATE)).body)
      // What is for other requests changes nothing.
      await mock.control.faults.add({ path: '/elsewhere', status: 418 })
      await mock.control.stubs.add({ path: '/elsewhere', text: 'here' })
      await mock.control.faults.add({ path: LIVE.path, delay: 1 })
      for (const each of [mock, available, local]) {
        t.equal((await each.ask(READY)).status, 200)
        t.equal((await each.ask(LIST)).status, 200)
      }
      await server.kill()
      for (const each of [mock, available, local]) {
        t.match(await each.ask(READY), { status: 503, body: /^authentik-mock: not ready: the store / })
        t.equal((await each.ask(LIVE)).status, 200, 'it need not be started again')
        for (const write of [DELETE, GRANT])
          t.match(await each.ask(write), { status: 503, body: AWAY, headers: { 'retry-after': '1' } })
        const { status, body, headers } = await each.ask(CREATE)
        t.equal(headers['retry-after'], '1')
        t.match(
          { status, ...JSON.parse(body) },
          { status: 503, title: 'Service Unavailable', detail: /cannot be reached|closed the connection/ },
        )
      }
      t.match(await mock.ask(LIST), { status: 503, body: AWAY })
      t.match(JSON.parse((await mock.ask({ path: '/_mock/clock' })).body), { status: 503 })
      for (const each of [available, local]) {
        const { status, body } = await each.ask(LIST)
        t.equal(status, 200, 'what is known is answered')
        t.ok(JSON.parse(body).results.some(({ pk }: { pk: number }) => pk === made.pk))
        t.equal((await each.ask(REMEMBERED)).status, 200, 'although authentik would remember what it showed')
      }
      await server.start()
      for (const each of [mock, available, local]) {
        await healed(each)
        t.equal((await each.ask({ path: `/api/v3/oauth2/refresh_tokens/${made.pk}/`, headers: ROOT })).status, 200)
        t.equal((await each.ask(GRANT)).status, 200)
      }
      t.equal((await local.ask(DELETE)).status, 204)
      t.equal((await mock.ask({ ...DELETE, method: 'GET' })).status, 404, 'it was not deleted before, and is now')
    })

    await t.test('hangs: whoever waits is told after a while, and nothing is lost', async (t) => {
      const mock = await open(t, server)
      const local = await open(t, server, { storeReads: 'local' })
      const made = JSON.parse((await mock.ask(CREATE)).body)
      await local.ask(LIST)
      server.stop()
      const silent = createServer(() => {}).listen(0)
      const { port } = silent.address() as AddressInfo
      const nowhere = { ...server.address, host: '127.0.0.1', port, shown: 'redis://silent' }
      const { path: _, ...address } = nowhere
      const [ready, write, read] = await Promise.all([
        ...[READY, GRANT, LIST].map((request) => mock.ask(request)),
        t.rejects(openReplica(address), { message: 'the store redis://silent did not answer within 3 seconds' }),
      ])
      silent.close()
      const HANGS = /: the store unix:\S+ did not answer within 3 seconds\n$/
      for (const each of [ready, write, read]) t.match(each, { status: 503, body: HANGS })
      t.match(await mock.ask(GRANT), { status: 503, body: HANGS }, 'nobody waits any more')
      t.equal((await local.ask(LIST)).status, 200)
      t.equal((await mock.ask(LIVE)).status, 200)
      server.go()
      for (const each of [mock, local]) {
        await healed(each)
        t.equal((await each.ask({ path: `/api/v3/oauth2/refresh_tokens/${made.pk}/`, headers: ROOT })).status, 200)
        t.equal((await each.ask(GRANT)).status, 200)
      }
    })

    await t.test('is full: everything is read, nothing is written', async (t) => {
      const mock = await open(t, server)
      await mock.ask(CREATE)
      server.ask('CONFIG', 'SET', 'maxmemory', '1')
      t.match(await mock.ask(GRANT), { status: 503, body: /is full: it refuses to take anything more/ })
      const late = await open(t, server)
      for (const each of [mock, late])
        for (const request of [LIST, REMEMBERED, READY]) t.equal((await each.ask(request)).status, 200)
      server.ask('CONFIG', 'SET', 'maxmemory', '0')
      t.equal((await mock.ask(GRANT)).status, 200)
    })

    await t.test('follows another server: what it knows may be of yesterday', async (t) => {
      const mock = await open(t, server)
      const available = await open(t, server, { storeReads: 'available' })
      for (const each of [mock, available]) t.equal((await each.ask(GRANT)).status, 200)
      server.ask('REPLICAOF', '127.0.0.1', '1')
      server.ask('CONFIG', 'SET', 'replica-serve-stale-data', 'yes')
      const SAYS = /the store unix:\S+ is read-only: it is the replica of another server\n$/
      for (const each of [mock, available])
        for (const request of [READY, GRANT]) t.match(await each.ask(request), { status: 503, body: SAYS })
      t.match(await mock.ask(LIST), { status: 503, body: SAYS })
      t.equal((await available.ask(LIST)).status, 200)
      await t.rejects(openReplica(server.address), { message: /is read-only: it is the replica of another server$/ })
      server.ask('REPLICAOF', 'NO', 'ONE')
      for (const each of [mock, available]) {
        await healed(each)
        t.equal((await each.ask(GRANT)).status, 200)
      }
    })

    await t.test('is emptied, and has keys of somebody else', async (t) => {
      const mock = await open(t, server)
      const made = JSON.parse((await mock.ask(CREATE)).body)
      const row = { path: `/api/v3/oauth2/refresh_tokens/${made.pk}/`, headers: ROOT }
      t.equal((await mock.ask(row)).status, 200)
      server.ask('FLUSHALL')
      t.equal((await mock.ask(row)).status, 404, 'it begins anew')
      t.equal((await mock.ask(GRANT)).status, 200)
      server.ask('SET', 'authentik-mock:log:', 'theirs')
      for (const request of [GRANT, LIST])
        t.match(await mock.ask(request), { status: 503, body: / has keys of somebody else under this prefix\n$/ })
      server.ask('FLUSHALL')
      t.equal((await mock.ask(GRANT)).status, 200)
    })

    await t.test('is not there when a mock starts', async (t) => {
      await server.kill()
      await t.rejects(openReplica(server.address), {
        name: 'StoreAway',
        message: /^the store unix:\S+ cannot be reached: /,
      })
      await server.start()
    })
  },
)
