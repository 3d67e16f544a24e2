import { request } from 'node:http'
import t, { type Test } from 'tap'
import { connectMock, type FaultSeed } from '../../src/index.js'
import { send, type WireAnswer, type WireRequest } from '../http.js'
import { type Running, serve } from '../process.js'
import { seenBy } from '../seen-by.js'
import { form, openReplica, ROOT, TOKEN } from './replicas.js'
import { IN_MEMORY, openStoreServer, STORE_PROGRAM, type StoreServer } from './server.js'

/** `one_winner` where several mocks share a store: none begins its work before the one before it was answered. */

const SKIP = { skip: STORE_PROGRAM === undefined && 'neither valkey-server nor redis-server is there' }
const CLIENT = { client_id: 'grafana', client_secret: 'grafana-client-secret' }
const PATH = '/application/o/token/'
const GRANT = form('token', { ...CLIENT, grant_type: 'client_credentials' })
const LIST: WireRequest = { path: '/api/v3/oauth2/refresh_tokens/', headers: ROOT }
/** Less than a request may take before the others no longer wait for it. */
const SOON = 4_000

/** A request whose body comes only half, for as long as a test wants. */
interface Slow {
  finish(): Promise<number>
  leave(): void
}

function beginSlowly(url: string, path = PATH): Slow {
  const body = String(GRANT.body)
  const headers = { ...GRANT.headers, 'Content-Length': String(body.length) }
  const sent = request(new URL(path, url), { method: 'POST', headers, agent: false })
  const answered = new Promise<number>((resolve) => {
    sent.on('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', () => resolve(0))
  })
  sent.write(body.slice(0, 5))
  return {
    finish() {
      sent.end(body.slice(5))
      return answered
    },
    leave: () => void sent.destroy(),
  }
}

/** @throws where it takes longer */
async function inTime<T>(answer: Promise<T>, milliseconds = SOON): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not answered within ${milliseconds} ms`)), milliseconds)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

const statuses = (answers: WireAnswer[]) => answers.map(({ status }) => status).sort()

async function openThree(t: Test, server: StoreServer, fault: FaultSeed) {
  const mocks = await Promise.all([1, 2, 3].map(() => openReplica(server.address)))
  t.teardown(() => Promise.all(mocks.map((mock) => mock[Symbol.asyncDispose]())))
  const [a, b, c] = mocks as [(typeof mocks)[0], (typeof mocks)[0], (typeof mocks)[0]]
  await a.control.faults.clear()
  await a.control.faults.add({ path: PATH, one_winner: true, ...fault })
  return { mocks, a, b, c }
}

t.test('over mocks of one process', SKIP, async (t) => {
  await using server = await openStoreServer(STORE_PROGRAM as string, ...IN_MEMORY)

  await t.test('of many refreshes with one token one wins, one after the other', async (t) => {
    const { mocks, a, b } = await openThree(t, server, {})
    for (let round = 1; round <= 4; round++) {
      const { pk } = await a.control.refreshTokens.create({
        user: 10,
        provider: 1,
        scope: ['openid', 'offline_access'],
      })
      const { token } = await a.control.refreshTokens.secret(Number(pk))
      await a.control.clearRequests()
      const first = beginSlowly(mocks[round % 3]?.url as string)
      await seenBy(b.control, 13 * round - 12)
      const refresh = form('token', { ...CLIENT, grant_type: 'refresh_token', refresh_token: token })
      const answers = Promise.all(
        Array.from({ length: 12 }, (_, i) => mocks[i % 3]?.ask(refresh) as Promise<WireAnswer>),
      )
      await seenBy(b.control, 13 * round)
      for (const { ask } of mocks) await ask(LIST)
      t.equal(await first.finish(), 200)
      t.strictSame(statuses(await inTime(answers)), [200, ...Array(11).fill(400)])
      const went = await b.control.requests({ path: PATH })
      t.match(went, [
        { status: 200, made: [/access_tokens/] },
        { status: 200, made: { length: 2 } },
      ])
      t.strictSame(
        went.slice(2).map(({ status }) => status),
        Array(11).fill(400),
        'the one that all waited for, the one that came first, and the others',
      )
    }
  })

  await t.test('delays add up, as they do in a mock alone', async (t) => {
    for (const more of [{}, { after: true }, { status: 503 }]) {
      const { mocks } = await openThree(t, server, { delay: 60, ...more })
      const begun = performance.now()
      await Promise.all(mocks.map(({ ask }) => ask(GRANT)))
      t.ok(performance.now() - begun >= 3 * 59, JSON.stringify(more))
    }
  })

  await t.test('whoever leaves holds up nobody', async (t) => {
    for (const fault of [{}, { delay: 1 }, { after: true, status: 503 }]) {
      const { a, b, c } = await openThree(t, server, fault)
      const first = beginSlowly(a.url)
      await seenBy(c.control, 1)
      const second = beginSlowly(b.url)
      await seenBy(c.control, 2)
      const last = c.ask(GRANT)
      await seenBy(c.control, 3)
      second.leave()
      first.leave()
      t.equal((await inTime(last)).status, fault.status ?? 200, JSON.stringify(fault))
    }
  })

  await t.test('a world that is ended, or begins anew, lets all go', async (t) => {
    const { a, b, c } = await openThree(t, server, {})
    const ends = [
      (world: string) => c.ask({ method: 'DELETE', path: `/_mock/worlds/${world}` }),
      (world: string) => c.control.world(world).reset(),
      (world: string) => c.control.world(world).faults.clear(),
    ]
    for (const [i, end] of ends.entries()) {
      const world = `ended-${i}`
      const control = c.control.world(world)
      await control.faults.add({ path: PATH, one_winner: true })
      const first = beginSlowly(a.url, `/@${world}${PATH}`)
      await seenBy(control, 1)
      const waiting = [a, b].map(({ ask }) => ask({ ...GRANT, path: `/@${world}${PATH}` }))
      await seenBy(control, 3)
      await end(world)
      t.strictSame(statuses(await inTime(Promise.all(waiting))), [200, 200])
      t.equal(await first.finish(), 200)
    }
  })

  await t.test('a store that goes away holds nobody up', async (t) => {
    const { a, b, c } = await openThree(t, server, {})
    const first = beginSlowly(a.url)
    await seenBy(c.control, 1)
    const waiting = [b.ask(GRANT), a.ask(GRANT)]
    await seenBy(c.control, 3)
    await server.kill()
    const { status, body } = await inTime(waiting[0] as Promise<WireAnswer>)
    t.match({ status, body }, { status: 503, body: /^authentik-mock: the store unix:\S+ / })
    t.equal(await inTime(first.finish()), 503)
    t.equal((await inTime(waiting[1] as Promise<WireAnswer>)).status, 503)
    await server.start()
    for (const each of [a, b, c]) while ((await each.ask({ path: '/-/health/ready/' })).status !== 200);
    await a.control.faults.clear()
    await a.control.faults.add({ path: PATH, one_winner: true })
    const answers = await inTime(Promise.all([a, b, c].map(({ ask }) => ask(GRANT))))
    t.strictSame(statuses(answers), [200, 200, 200])
  })
})

t.test('over programs', SKIP, async (t) => {
  await using server = await openStoreServer(STORE_PROGRAM as string, ...IN_MEMORY)
  const join = (prefix: string) =>
    serve(['--token', TOKEN, '--store', `${server.url}?prefix=${prefix}:`, '--stop-grace', '1'])

  async function openTwo(t: Test, prefix: string): Promise<[Running & { url: string }, Running & { url: string }]> {
    const mocks = await Promise.all([join(prefix), join(prefix)])
    t.teardown(() => Promise.all(mocks.map((mock) => mock[Symbol.asyncDispose]())))
    return mocks as [(typeof mocks)[0], (typeof mocks)[0]]
  }

  /** A world in which a request to one mock is at work, and one to another waits for it. */
  async function raceIn(
    world: string,
    fault: FaultSeed,
    [dying, staying]: string[],
  ): Promise<() => Promise<WireAnswer>> {
    const control = (await connectMock(`${staying}`, { token: TOKEN })).world(world)
    await control.faults.add({ path: PATH, ...fault })
    beginSlowly(`${dying}`, `/@${world}${PATH}`)
    await seenBy(control, 1)
    const waiting = send(`${staying}`, { ...GRANT, path: `/@${world}${PATH}` })
    await seenBy(control, 2)
    return () => waiting
  }

  const RACES: Record<string, FaultSeed> = {
    queue: { one_winner: true },
    pair: { barrier: 2 },
    serial: { barrier: 2, one_winner: true },
  }

  await t.test('one that is killed holds the others up for seconds', async (t) => {
    const [dying, staying] = await openTwo(t, 'killed')
    const races = []
    for (const [world, fault] of Object.entries(RACES))
      races.push({ world, answer: await raceIn(world, fault, [dying.url, staying.url]) })
    dying.process.kill('SIGKILL')
    await dying.ended
    for (const { world, answer } of races) t.equal((await inTime(answer(), 9_000)).status, 200, world)
    const { status } = await inTime(send(staying.url, { ...GRANT, path: `/@queue${PATH}` }))
    t.equal(status, 200, 'and once')
  })

  await t.test('one that stops holds them up no longer than its grace', async (t) => {
    const [stopping, staying] = await openTwo(t, 'stopped')
    const races = []
    for (const [world, fault] of Object.entries(RACES))
      races.push({ world, answer: await raceIn(world, fault, [stopping.url, staying.url]) })
    const held = await raceIn('behind', { one_winner: true }, [staying.url, stopping.url])
    stopping.process.kill('SIGTERM')
    t.equal((await inTime(held())).status, 200, 'it waits for nobody elsewhere')
    for (const { world, answer } of races) t.equal((await inTime(answer())).status, 200, world)
    t.match(await stopping.ended, { code: 0, stderr: '' })
  })
})
