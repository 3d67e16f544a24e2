import t, { type Test } from 'tap'
import { findRelease, type Release } from '../../src/authentik/releases.js'
import type { MockSettings } from '../../src/server/mock.js'
import type { StoreAddress } from '../../src/store/address.js'
import { createMemoryLogs } from '../../src/store/memory.js'
import type { WireAnswer, WireRequest } from '../http.js'
import { seenBy } from '../seen-by.js'
import { form, openReplica, post, type ReplicaMock, ROOT } from './replicas.js'
import { IN_MEMORY, openStoreServer, STORE_PROGRAM } from './server.js'

/** Three mocks that share a store are one: whoever is asked. */

const API = '/api/v3/oauth2'
const CLIENT = { client_id: 'grafana', client_secret: 'grafana-client-secret' }

interface Three {
  all: ReplicaMock[]
  a: ReplicaMock
  b: ReplicaMock
  c: ReplicaMock
  join(more?: Partial<MockSettings>): Promise<ReplicaMock>
  /** What other mocks than these may share. */
  another(): Promise<() => MockSettings['store']>
}

const tokens = async (mock: ReplicaMock, query = '') =>
  JSON.parse((await mock.ask({ path: `${API}/refresh_tokens/${query}`, headers: ROOT })).body)

/** The same request of all of them at once, several times over. */
const race = ({ all }: Three, request: WireRequest, each = 4): Promise<WireAnswer[]> =>
  Promise.all(
    Array.from({ length: each * all.length }, (_, i) => all[i % all.length]?.ask(request) as Promise<WireAnswer>),
  )

const statuses = (answers: WireAnswer[]) => answers.map(({ status }) => status).sort()

const times = (count: number, status: number) => Array.from({ length: count }, () => status)

const CASES: Record<string, (t: Test, three: Three) => Promise<void>> = {
  async 'what one changes, the others answer at once'(t, { a, b, c }) {
    const { count } = (await tokens(a)).pagination
    const { pk } = await a.control.refreshTokens.create({ user: 10, provider: 1 })
    t.equal((await tokens(b)).pagination.count, count + 1)
    t.equal((await c.control.refreshTokens.get(pk)).pk, pk)
    t.equal((await c.ask({ method: 'DELETE', path: `${API}/refresh_tokens/${pk}/`, headers: ROOT })).status, 204)
    for (const each of [a, b, c])
      t.equal((await each.ask({ path: `${API}/refresh_tokens/${pk}/`, headers: ROOT })).status, 404)
    const next = await b.control.refreshTokens.create({ user: 10, provider: 1 })
    t.equal(next.pk, Number(pk) + 1, 'no key is given twice')
  },
  async 'many at once lose nothing, and no key is given twice'(t, { all, a }) {
    const before = (await tokens(a)).pagination.count
    const made = await Promise.all(
      Array.from({ length: 30 }, (_, i) => at(all, i).control.refreshTokens.create({ user: 10, provider: 1 })),
    )
    t.equal(new Set(made.map(({ pk }) => pk)).size, 30)
    for (const each of all) t.equal((await tokens(each)).pagination.count, before + 30)
  },
  async 'clock, release and fixtures'(t, { a, b, c }) {
    await a.control.clock.set('2030-01-02T03:04:05Z')
    await a.control.clock.freeze()
    t.match(await b.control.clock.get(), { now: /^2030-01-02T03:04:05/, frozen: true })
    await c.control.serveAs('2025.12.4')
    t.match(await a.control.info(), { release: { name: '2025.12.4' } })
    await b.control.fixtures.replace({ refresh_tokens: [{ pk: 7 }] })
    t.strictSame(
      (await tokens(c)).results.map((row: { pk: number }) => row.pk),
      [7],
    )
    await c.control.refreshTokens.create({ user: 'akadmin', provider: 1 })
    t.equal((await tokens(a)).pagination.count, 2)
    await a.control.reset()
    t.match(await b.control.info(), { release: { name: '2025.2' }, clock: { frozen: false } })
    t.ok((await tokens(c)).pagination.count > 2)
  },
  async 'integers that a number cannot hold'(t, { a, b }) {
    await a.control.users.change(10, { attributes: { large: 12345678901234567890n } } as never)
    const { body } = await b.ask({ path: '/_mock/users/10' })
    t.match(body, '"large":12345678901234567890')
  },
  async 'a fault strikes as often as it says, whoever is asked'(t, three) {
    await three.a.control.faults.add({ status: 503, times: 2, skip: 1 })
    const answers = await race(three, { path: '/api/v3/oauth2/refresh_tokens/', headers: ROOT })
    t.strictSame(statuses(answers), [...times(10, 200), ...times(2, 503)])
    t.match(await three.c.control.faults.list(), [{ seen: 12, struck: 2 }])
    await three.b.control.faults.clear()
    t.strictSame(await three.a.control.faults.list(), [])
  },
  async 'a fault for a user, and one after the work'(t, three) {
    const token = await issue(three.a)
    await three.b.control.faults.add({ status: 500, times: 1, client: 'grafana', after: true })
    const answers = await race(
      three,
      form('token', { ...CLIENT, grant_type: 'refresh_token', refresh_token: token }),
      1,
    )
    t.equal(answers.filter(({ status }) => status === 500).length, 1)
    t.equal(answers.filter(({ status }) => status === 200).length <= 1, true)
    const { struck } = (await three.c.control.faults.list())[0] ?? {}
    t.equal(struck, 1)
  },
  async 'a stub answers as often as it says'(t, three) {
    await three.a.control.stubs.add({
      path: '/elsewhere',
      method: 'POST',
      times: 3,
      request_body: { a: 1 },
      text: 'here',
    } as never)
    const answers = await race(three, post('/elsewhere', { a: 1 }))
    t.equal(answers.filter(({ status, body }) => status === 200 && body === 'here').length, 3)
    t.match(await three.b.control.stubs.list(), [{ answered: 3, seen: 12 }])
  },
  async 'an authorization code is redeemed once'(t, three) {
    const { code } = await three.b.control.codes.issue({ user: 10, provider: 'grafana' })
    const answers = await race(
      three,
      form('token', { ...CLIENT, grant_type: 'authorization_code', code, redirect_uri: REDIRECT }),
    )
    t.strictSame(statuses(answers), [200, ...times(11, 400)])
  },
  async 'a refresh token is used once'(t, three) {
    const token = await issue(three.a)
    const answers = await race(three, form('token', { ...CLIENT, grant_type: 'refresh_token', refresh_token: token }))
    t.strictSame(statuses(answers), [200, ...times(11, 400)])
    const { refresh_token, access_token } = JSON.parse(answers.find(({ status }) => status === 200)?.body ?? '')
    for (const each of three.all) {
      t.match(JSON.parse((await each.ask(form('introspect', { ...CLIENT, token: access_token }))).body), {
        active: true,
      })
      const { status } = await each.ask({
        path: '/application/o/userinfo/',
        headers: { Authorization: `Bearer ${access_token}` },
      })
      t.equal(status, 200)
    }
    t.equal((await three.c.ask(form('revoke', { ...CLIENT, token: refresh_token }))).status, 200)
    t.match(JSON.parse((await three.b.ask(form('introspect', { ...CLIENT, token: refresh_token }))).body), {
      active: false,
    })
  },
  async 'one request wins where a fault says so'(t, three) {
    const token = await issue(three.a)
    await three.b.control.faults.add({ grant: 'refresh_token', one_winner: true, delay: 5 })
    const answers = await race(three, form('token', { ...CLIENT, grant_type: 'refresh_token', refresh_token: token }))
    t.strictSame(statuses(answers), [200, ...times(11, 400)])
    t.match(await three.c.control.faults.list(), [{ seen: 12, struck: 12 }])
  },
  async 'requests wait for each other whichever mocks they come to, and go in the order that was asked for'(t, three) {
    const { all, a, b } = three
    const orders = [{}, { order: [3, 1, 4, 2] }, { order: [4, 3, 2, 1], one_winner: true, delay: 5 }]
    for (const { order = [1, 2, 3, 4], ...more } of orders) {
      const { id } = await b.control.faults.add({ grant: 'client_credentials', barrier: 4, order, ...more })
      for (let group = 0; group < 2; group++) {
        await a.control.clearRequests()
        const came = []
        for (let i = 0; i < 4; i++) {
          came.push(at(all, i).ask({ ...GRANT, path: `${GRANT.path}?n=${i + 1}` }))
          await seenBy(b.control, group * 4 + i + 1, id)
        }
        t.strictSame(statuses(await Promise.all(came)), times(4, 200))
        const went = await a.control.requests({ path: GRANT.path })
        const made = went.map(
          ({ query, made = [] }) => [Number(made[0]?.split(' ')[1]), Number(query?.slice(3))] as const,
        )
        const inOrder = made.sort(([one], [other]) => one - other)
        t.strictSame(
          inOrder.map(([, n]) => n),
          order,
          `${JSON.stringify(order)}, group ${group}`,
        )
      }
      t.match(await three.c.control.faults.list(), [{ seen: 8, struck: 8 }])
      await a.control.faults.clear()
    }
  },
  async 'who leaves a barrier holds up nobody who came to another mock'(t, { a, b }) {
    for (const fault of [{}, { status: 503 }, { status: 503, delay: 1 }]) {
      const { id } = await b.control.faults.add({
        path: '/api/v3/root/config/',
        barrier: 2,
        one_winner: true,
        ...fault,
      })
      const leaving = new AbortController()
      const left = fetch(`${a.url}/api/v3/root/config/`, { signal: leaving.signal })
      await seenBy(b.control, 1, id)
      leaving.abort()
      await t.rejects(left)
      const { status } = await fetch(`${b.url}/api/v3/root/config/`, { signal: AbortSignal.timeout(4_000) })
      t.equal(status, fault.status ?? 200)
      await a.control.faults.clear()
    }
  },
  async 'a device is let in by another mock than it asked'(t, { a, b, c }) {
    const begun = JSON.parse((await a.ask(form('device', { client_id: 'grafana', scope: 'openid' }))).body)
    await b.control.device.approve(begun.user_code, 10)
    const poll = {
      ...CLIENT,
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: begun.device_code,
    }
    t.equal((await c.ask(form('token', poll))).status, 200)
    t.equal((await a.ask(form('token', poll))).status, 400)
  },
  async 'who asks too often is told so, whoever is asked'(t, three) {
    const answers = await race(three, form('device', { client_id: 'grafana' }), 8)
    t.equal(answers.filter(({ status }) => status === 429).length, 4)
  },
  async 'a sign-in goes on elsewhere'(t, { a, b, c }) {
    const { header } = await a.control.signIn(10)
    const query = new URLSearchParams({
      client_id: 'grafana',
      redirect_uri: REDIRECT,
      response_type: 'code',
      scope: 'openid',
    })
    const way = await b.ask({ path: `/application/o/authorize/?${query}`, headers: { Cookie: header } })
    t.equal(way.status, 302, 'a GET that makes a row')
    const code = new URL(String(way.headers['location'])).searchParams.get('code') ?? ''
    t.ok(code)
    const redeem = form('token', { ...CLIENT, grant_type: 'authorization_code', code, redirect_uri: REDIRECT })
    t.equal((await c.ask(redeem)).status, 200)
  },
  async 'an expired key is deleted by whoever sees it'(t, { a, b, c }) {
    await a.control.serveAs('2025.2')
    await a.control.tokens.create({ name: 'brief', key: 'brief-key', user: 10, expires: 'minutes=1' })
    await b.control.clock.advance('minutes=2')
    const { status } = await c.ask({
      path: '/api/v3/oauth2/refresh_tokens/',
      headers: { Authorization: 'Bearer brief-key' },
    })
    t.equal(status, 403)
    t.equal((await a.ask({ path: '/_mock/tokens/brief' })).status, 404)
  },
  async 'worlds are the same everywhere'(t, { a, b, c }) {
    const world = a.control.world('one')
    await world.refreshTokens.create({ pk: 4711, user: 10, provider: 1 } as never)
    t.strictSame(
      (await b.control.worlds()).map(({ name, changed }) => [name, changed]),
      [['one', true]],
    )
    t.equal((await c.ask({ path: '/@one/api/v3/oauth2/refresh_tokens/4711/', headers: ROOT })).status, 200)
    t.equal((await c.ask({ path: '/api/v3/oauth2/refresh_tokens/4711/', headers: ROOT })).status, 404)
    await b.ask({ path: '/@two/api/v3/oauth2/refresh_tokens/', headers: ROOT })
    t.strictSame((await c.control.worlds()).map(({ name }) => name).sort(), ['one', 'two'])
    t.equal(((await a.control.info()) as unknown as { counts: { worlds: number } }).counts.worlds, 2)
    t.equal((await c.ask({ method: 'DELETE', path: '/_mock/worlds/one' })).status, 204)
    t.equal((await b.ask({ method: 'DELETE', path: '/_mock/worlds/one' })).status, 404)
    t.equal(
      (await a.ask({ path: '/@one/api/v3/oauth2/refresh_tokens/4711/', headers: ROOT })).status,
      404,
      'it began anew',
    )
  },
  async 'a world that makes room answers whoever is in it'(t, { join, another }) {
    const store = await another()
    const few = [await join({ worlds: 1, store: store() }), await join({ worlds: 1, store: store() })]
    const list = (i: number) => ({ path: `/@w${i % 8}${API}/refresh_tokens/`, headers: ROOT })
    const answers = await Promise.all(Array.from({ length: 32 }, (_, i) => at(few, i).ask(list(i))))
    t.strictSame(statuses(answers), times(32, 200))
  },
  async 'the journal is that of all'(t, { all, a, b, c }) {
    for (const [i, each] of all.entries())
      await each.ask({ path: `/api/v3/core/users/${10 + i}/?n=${i}`, headers: ROOT })
    for (const each of all) {
      const found = await each.control.requests()
      t.match(found, [
        { id: 1, path: '/api/v3/core/users/10/', query: '?n=0', status: 200, as: /./ },
        { id: 2, path: '/api/v3/core/users/11/' },
        { id: 3, path: '/api/v3/core/users/12/' },
      ])
    }
    const whole = await a.ask({ path: '/_mock/requests/2' })
    t.equal((await c.ask({ path: '/_mock/requests/2' })).body, whole.body)
    t.notMatch(whole.body, /"authorization":"Bearer root/i, 'secrets do not reach the store')
    t.match(await b.control.info(), { counts: { requests: 3 } })

    const waiting = a.control.waitForRequests({ method: 'DELETE', count: 2 })
    const [one, two] = [
      await b.control.refreshTokens.create({ user: 10, provider: 1 }),
      await c.control.refreshTokens.create({ user: 10, provider: 1 }),
    ]
    await c.ask({ method: 'DELETE', path: `${API}/refresh_tokens/${one.pk}/`, headers: ROOT })
    await b.ask({ method: 'DELETE', path: `${API}/refresh_tokens/${two.pk}/`, headers: ROOT })
    t.match(await waiting, {
      count: 2,
      requests: [{ ended: [`refresh_tokens ${one.pk}`] }, { ended: [`refresh_tokens ${two.pk}`] }],
    })

    await b.control.clearRequests()
    for (const each of all) t.strictSame(await each.control.requests(), [])
    await c.ask({ path: '/api/v3/core/users/10/', headers: ROOT })
    t.match(await a.control.requests(), [{ id: 6 }], 'they are counted on')
    await c.control.reset()
    await a.ask({ path: '/api/v3/core/users/11/', headers: ROOT })
    for (const each of all) t.match(await each.control.requests(), [{ path: '/api/v3/core/users/11/' }])
    await a.ask({ path: '/@w/api/v3/core/users/11/', headers: ROOT })
    t.match(await b.control.worlds(), [{ name: 'w', requests: 1 }])
  },
  async 'the report is that of all'(t, three) {
    const { all, a, b, c } = three
    const found = async (mock: ReplicaMock) =>
      (await mock.control.report()).findings.map(({ rule, count }) => `${rule} ${count}`).sort()
    await three.b.control.refreshTokens.create({ pk: 4711, user: 10, provider: 1 } as never)
    for (const each of all) await each.ask({ path: `${API}/refresh_tokens/?limit=5`, headers: ROOT })
    for (const each of all) t.match(await each.control.report(), { requests: 3, worst: 'warning' })
    t.strictSame(await found(c), ['unknown-parameter 3'])
    await a.ask({ path: `${API}/refresh_tokens/?page_size=1`, headers: ROOT })
    t.strictSame(await found(b), ['unknown-parameter 3', 'unread-pages 1'])
    await b.ask({ path: `${API}/refresh_tokens/?page_size=1&page=2`, headers: ROOT })
    t.strictSame(await found(a), ['unknown-parameter 3'], 'another mock was asked for the rest')
    for (let i = 0; i < 5; i++) await at(all, i).ask({ path: `${API}/refresh_tokens/4711/`, headers: ROOT })
    t.strictSame(await found(b), ['repeated-request 1', 'unknown-parameter 3'])

    const redeem = form('token', { ...CLIENT, grant_type: 'authorization_code', code: 'none', redirect_uri: REDIRECT })
    for (const each of [a, b]) await each.ask(redeem)
    await c.control.reset()
    await c.ask(redeem)
    t.strictSame(await found(c), ['repeated-request 1', 'retried-grant 1', 'unknown-parameter 3'])
    t.notMatch(JSON.stringify(await b.control.report()), /grafana-client-secret/)

    const late = await three.join()
    const whole = await a.control.report()
    t.strictSame(await late.control.report(), whole)
    t.match(whole.operations, [{ operation: 'oauth2_refresh_tokens_list', statuses: { 200: 5 } }])
    t.strictSame(
      (await b.control.worlds()).map(({ name }) => name),
      [],
      'its log is none of a world',
    )
    await b.control.clearReport()
    await c.ask({ path: `${API}/refresh_tokens/`, headers: ROOT })
    for (const each of all) t.match(await each.control.report(), { requests: 1, findings: [], worst: null })
  },
  async 'a fault at one mock is no offence at another'(t, { a, b, c }) {
    const token = await issue(a)
    const refresh = form('token', { ...CLIENT, grant_type: 'refresh_token', refresh_token: token })
    await a.control.faults.add({ connection: 'drop', after: true, times: 1, path: '/application/o/token/' })
    t.equal((await a.ask(refresh)).status, 0)
    await b.ask(refresh)
    const rules = async () => (await c.control.report()).findings.map(({ rule }) => rule)
    t.notOk((await rules()).includes('rotated-token'), 'it never heard of the new one')
  },
  async 'the log of the report is cut, and nothing of it is lost'(t, { all, a }) {
    // One who has no tokens: all of the answer is noted a thousand times.
    const request = { path: `${API}/refresh_tokens/?limit=5&user=1`, headers: ROOT }
    const clients = Array.from({ length: 30 }, async (_, i) => {
      for (let n = 0; n < 35; n++) await at(all, i).ask(request)
    })
    await Promise.all(clients)
    for (const each of all) {
      const { requests, findings } = await each.control.report()
      t.equal(requests, 1050)
      t.match(findings, [{ rule: 'unknown-parameter', count: 1050 }])
    }
    t.match(await a.control.report(), { operations: [{ statuses: { 200: 1050 } }] })
  },
  async 'a refused control request begins no world'(t, { a, b }) {
    t.equal((await a.ask({ path: '/@none/_mock/refresh_tokens/4711' })).status, 404)
    t.equal((await a.ask({ method: 'DELETE', path: '/@none/_mock/refresh_tokens/4711' })).status, 404)
    t.strictSame(await b.control.worlds(), [])
    t.equal((await a.ask({ path: '/@none/_mock/clock' })).status, 200)
    t.strictSame(
      (await b.control.worlds()).map(({ name }) => name),
      ['none'],
    )
  },
  async 'a page uses a world that is there, and begins none'(t, { a, b }) {
    const page = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }
    const go = (mock: ReplicaMock) => mock.ask({ path: '/@shop/application/o/authorize/', headers: page })
    t.equal((await go(b)).status, 403)
    t.strictSame(await a.control.worlds(), [])
    await a.control.world('shop').info()
    t.equal((await go(b)).status, 404, 'authentik itself answers')
  },
  async 'who joins late has all of it'(t, three) {
    const { a, b } = three
    const made = await a.control.refreshTokens.create({ user: 10, provider: 1, token: 'known' } as never)
    await b.control.faults.add({ status: 500, path: '/nowhere' })
    const d = await three.join()
    t.equal((await d.control.refreshTokens.secret(Number(made.pk))).token, 'known')
    t.match(await d.control.faults.list(), [{ path: '/nowhere', id: '1' }])
    t.strictSame(await d.control.fixtures.read(), await a.control.fixtures.read(), 'relative times, too')
  },
  async 'who reads what is known here follows nevertheless'(t, three) {
    const d = await three.join({ storeReads: 'local' })
    await tokens(d)
    const { pk } = await three.a.control.refreshTokens.create({ user: 10, provider: 1 })
    let status = 404
    while (status !== 200) ({ status } = await d.ask({ path: `${API}/refresh_tokens/${pk}/`, headers: ROOT }))
    t.equal((await d.ask({ method: 'DELETE', path: `${API}/refresh_tokens/${pk}/`, headers: ROOT })).status, 204)
  },
  async 'a mock that cannot begin leaves nothing that others would have to agree with'(t, three) {
    const logs = createMemoryLogs({ logs: 1 })
    const broken = { sources: [{ file: 'mistake.json', json: { users: [{ username: 7 }] } }] }
    await t.rejects(three.join({ store: logs.open(), ...broken }), { name: 'FixtureError' })
    await t.rejects(three.join({ store: logs.open(), signedIn: 'nobody' }), { name: 'FixtureError' })
    t.match(await (await three.join({ store: logs.open() })).control.info(), { name: 'authentik-mock' })
  },
  async 'mocks that are not alike do not join'(t, three) {
    const release = findRelease('2025.12.4') as Release
    await t.rejects(three.join({ release, seed: 2 }), {
      name: 'StoreMismatch',
      message:
        /^the store (\S+ )?has the log of mocks with release 2025\.2\.4 \(this mock: 2025\.12\.4\), seed 1 \(this mock: 2\); allowed/,
    })
    await t.rejects(three.join({ webPath: '/sso/' }), { message: / web-path \S+ \(this mock: \/sso\/\); allowed/ })
    await t.rejects(three.join({ token: 'secret-of-others' }), { message: /other token/ })
    await t.rejects(three.join({ token: 'secret-of-others' }), { message: /^(?!.*secret-of-others)/ })
    await t.rejects(three.join({ sources: [] }), { message: /other fixtures/ })
    const others: [more: Partial<MockSettings>, named: RegExp][] = [
      [{ noControl: true }, / with no-control false \(this mock: true\); allowed/],
      [{ controlToken: 'secret-of-others' }, / with other control-token; allowed/],
      [{ forward: 'http://a' }, / with forward unset \(this mock: http:\/\/a\); allowed/],
      [{ forwardCredentials: true }, / with forward-credentials false \(this mock: true\); allowed/],
      [{ worlds: 3, journal: 7 }, / with worlds 20 \(this mock: 3\), journal 100 \(this mock: 7\); allowed/],
      [{ issuedRows: 7 }, / with issued-rows 1000 \(this mock: 7\); allowed/],
      [{ storeExpiry: 60 }, / with store-expiry 86400 \(this mock: 60\); allowed/],
    ]
    for (const [more, message] of others) await t.rejects(three.join(more), { message })
    const own: Partial<MockSettings> = { storeReads: 'local', allowHost: ['a.example'], stopGrace: 0, cacheBytes: 1 }
    t.match(await (await three.join(own)).control.info(), { name: 'authentik-mock' })
    const logs = createMemoryLogs({ logs: 1 }).open()
    const store = (of: object) => ({
      ...logs,
      agree: async (text: string) => JSON.stringify({ ...JSON.parse(text), ...of }),
    })
    for (const text of ['theirs', 'null', '7', '{}', '[1]'])
      await t.rejects(three.join({ store: { ...logs, agree: async () => text } }), { message: /somebody else/ }, text)
    await t.rejects(three.join({ store: store({ version: '0.0.9' }) }), {
      message: /^the store (\S+ )?has the log of mocks with version 0\.0\.9 \(this mock: [\d.]+\); allowed/,
    })
    await t.rejects(three.join({ store: store({ format: 1, version: '0.0.9', seed: 7, more: true }) }), {
      message:
        /^the store (\S+ )?has the log of mocks with format 1 \(this mock: \d\), version 0\.0\.9 \(this mock: [\d.]+\); allowed/,
    })
  },
}

const REDIRECT = 'https://grafana.nordlicht.example/login/generic_oauth'

const GRANT = form('token', { ...CLIENT, grant_type: 'client_credentials' })

const at = (all: ReplicaMock[], i: number) => all[i % all.length] as ReplicaMock

/** A refresh token that nobody has used. */
async function issue(mock: ReplicaMock): Promise<string> {
  const scope = ['openid', 'offline_access']
  const { pk } = await mock.control.refreshTokens.create({ user: 10, provider: 1, scope })
  return (await mock.control.refreshTokens.secret(Number(pk))).token
}

const SHARED: Record<string, (() => Promise<{ store: () => MockSettings['store'] } & AsyncDisposable>) | undefined> = {
  async memory() {
    const logs = createMemoryLogs({ logs: 20 })
    return { store: () => logs.open(), async [Symbol.asyncDispose]() {} }
  },
  valkey: STORE_PROGRAM === undefined ? undefined : shareServer(STORE_PROGRAM),
}

function shareServer(program: string) {
  const server = openStoreServer(program, ...IN_MEMORY)
  t.teardown(async () => (await server)[Symbol.asyncDispose]())
  let count = 0
  return async () => {
    const { address } = await server
    const prefix = `${count++}:`
    return { store: (): StoreAddress => ({ ...address, prefix }), async [Symbol.asyncDispose]() {} }
  }
}

for (const [name, share] of Object.entries(SHARED))
  t.test(name, { skip: share === undefined && 'neither valkey-server nor redis-server is there' }, async (t) => {
    for (const [what, check] of Object.entries(CASES))
      t.test(what, async (t) => {
        await using shared = await (share as NonNullable<typeof share>)()
        const mocks: ReplicaMock[] = []
        t.teardown(() => Promise.all(mocks.map((mock) => mock[Symbol.asyncDispose]())))
        const join: Three['join'] = async (more) => {
          const mock = await openReplica(shared.store(), more)
          mocks.push(mock)
          return mock
        }
        const [a, b, c] = [await join(), await join(), await join()]
        const another = async () => (await (share as NonNullable<typeof share>)()).store
        await check(t, { all: [a, b, c], a, b, c, join, another })
      })
  })
