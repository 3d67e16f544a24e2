import t, { type Test } from 'tap'
import {
  connectMock,
  type Fault,
  type FaultSeed,
  MockError,
  type MockOptions,
  type MockWorld,
  type RefreshTokenBody,
  type RefreshTokenListBody,
  type Seeds,
  startMock,
  worldFor,
} from '../src/index.js'
import { send, sendRaw, type WireAnswer } from './http.js'
import { random } from './random.js'

const LIST = '/api/v3/oauth2/refresh_tokens/'
const SMALL: Seeds = {
  groups: [{ name: 'staff' }, { name: 'admins', is_superuser: true }],
  users: [
    { pk: 10, username: 'ada', name: 'Ada', groups: ['admins'] },
    { pk: 11, username: 'jane', name: 'Jane', groups: ['staff'] },
  ],
  providers: [{ pk: 1, name: 'P', client_id: 'p', scopes: ['openid', 'email', 'offline_access'] }],
  refresh_tokens: [
    { pk: 1, user: 'ada' },
    { pk: 2, user: 'jane', expires: 'days=1' },
    { pk: 3, user: 'jane', expires: null },
  ],
  tokens: { jane: { key: 'jane-key', user: 'jane' }, short: { key: 'short-key', user: 'jane', expires: 'hours=1' } },
}

/** A path of a world, asked as the superuser or as somebody else. */
function ask(
  world: MockWorld,
  path: string,
  { method = 'GET', key = world.token, headers = {} as Record<string, string> } = {},
): Promise<WireAnswer> {
  const { origin, pathname } = new URL(world.url)
  return send(origin, {
    method,
    path: `${pathname === '/' ? '' : pathname}${path}`,
    headers: { Authorization: `Bearer ${key}`, ...headers },
  })
}

async function rowOf(world: MockWorld, pk: number): Promise<RefreshTokenBody> {
  return JSON.parse((await ask(world, `${LIST}${pk}/`)).body)
}

async function rowsOf(world: MockWorld, query = ''): Promise<RefreshTokenBody[]> {
  return (JSON.parse((await ask(world, `${LIST}?ordering=pk&${query}`)).body) as RefreshTokenListBody).results
}

const status = async (world: MockWorld, path: string, options = {}) => (await ask(world, path, options)).status

/** The same behaviour in a mock of this process, in one that is only connected to, and in a world of its own. */
function behaves(name: string, body: (t: Test, mock: MockWorld) => Promise<void>, options: MockOptions = {}): void {
  t.test(name, async (t) => {
    const begin = () => startMock({ fixtures: SMALL, ...options })
    t.test('started', async (t) => {
      await using mock = await begin()
      await body(t, mock)
    })
    t.test('connected', async (t) => {
      await using mock = await begin()
      await body(t, await connectMock(`${mock.url}/`))
    })
    t.test('in a world', async (t) => {
      await using mock = await begin()
      await body(t, mock.world('w'))
      t.equal((await mock.info()).counts['refresh_tokens'], 3 + (options.generate ?? 0), 'the others see nothing of it')
    })
  })
}

behaves('rows are created, changed and deleted, and every answer shows it at once', async (t, mock) => {
  const user = await mock.users.create({ username: 'neo', groups: ['staff'] })
  t.match(user, { pk: Number, email: 'neo@example.com', is_active: true, groups: [/^[0-9a-f-]{36}$/] })
  const provider = await mock.providers.create({ name: 'Matrix', application: { slug: 'matrix', name: 'Matrix' } })
  const row = await mock.refreshTokens.create({ user: 'neo', provider: provider.pk, expires: 'days=3' })
  t.match(await rowOf(mock, row.pk), {
    pk: row.pk,
    user: { username: 'neo', groups_obj: [{ name: 'staff' }] },
    provider: { assigned_application_slug: 'matrix' },
  })
  t.equal((await rowsOf(mock, 'user=11')).length, 2)

  await mock.users.change('jane', { name: 'Jane Doe' })
  t.strictSame(
    (await rowsOf(mock, 'user=11')).map(({ user }) => user.name),
    ['Jane Doe', 'Jane Doe'],
    'a user is renamed in every row',
  )
  t.equal((await mock.users.get(11)).name, 'Jane Doe')
  await mock.providers.change(1, { name: 'Q', client_id: 'q' })
  t.equal((await rowOf(mock, 1)).provider.client_id, 'q')
  t.equal(JSON.parse((await rowOf(mock, 1)).id_token).aud, 'p', 'what was issued stays as it was')
  await mock.groups.change('staff', { name: 'crew', attributes: { floor: 3 } })
  t.match((await rowOf(mock, 2)).user.groups_obj, [{ name: 'crew', attributes: { floor: 3 } }])
  await mock.refreshTokens.change(2, { revoked: true, expires: '-days=1' })
  t.match(await rowOf(mock, 2), { revoked: true, is_expired: true })

  await mock.tokens.create({ name: 'neo', key: 'neo-key', user: 'neo' })
  t.equal(await status(mock, `${LIST}${row.pk}/`, { key: 'neo-key' }), 200)
  await mock.users.change('neo', { is_active: false })
  t.equal(await status(mock, LIST, { key: 'neo-key' }), 403)
  await mock.users.change('neo', { is_active: true, groups: ['admins'] })
  t.equal((await rowOf(mock, row.pk)).user.is_superuser, true)
  t.equal(await status(mock, `${LIST}1/`, { key: 'neo-key' }), 200, 'a superuser now')

  await mock.groups.delete('admins')
  t.match((await rowOf(mock, row.pk)).user, { groups: [], groups_obj: [], is_superuser: false })
  await mock.users.delete('neo')
  t.strictSame(
    [
      await status(mock, `${LIST}${row.pk}/`),
      await status(mock, `${LIST}?user=${user.pk}`),
      await status(mock, LIST, { key: 'neo-key' }),
    ],
    [404, 400, 403],
    'gone with all that was theirs',
  )
  await mock.providers.delete('Q')
  t.strictSame(await rowsOf(mock), [])
  await mock.tokens.delete('jane')
  t.equal(await status(mock, LIST, { key: 'jane-key' }), 403)
  t.ok((await mock.refreshTokens.create({ user: 'jane', provider: 'Matrix' })).pk > row.pk, 'a key is not used again')
})

behaves('a bad change is no change, and says what is wrong', async (t, mock) => {
  const before = JSON.stringify([await rowsOf(mock), await mock.fixtures.read()])
  const mistakes: [name: string, change: () => Promise<unknown>, status: number, detail: string][] = [
    [
      'a wrong type',
      () => mock.users.create({ pk: 'x' } as never),
      400,
      'pk: found "x"; allowed: an integer from 1 to 2147483647',
    ],
    [
      'a misspelt field',
      () => mock.users.change(11, { nmae: 'x' } as never),
      400,
      'nmae: found an unknown field; allowed: perhaps name?',
    ],
    [
      'a reference to nobody',
      () => mock.refreshTokens.create({ user: 'jnae' }),
      400,
      'user: found "jnae", which is no user; allowed: perhaps "jane"?',
    ],
    [
      'a good half and a bad half',
      () => mock.refreshTokens.create({ user: { username: 'new' }, provider: 77 }),
      400,
      'provider: found 77, which is no provider; allowed: the primary key or name of a provider',
    ],
    [
      'a name that is taken',
      () => mock.users.change(11, { username: 'ada' }),
      400,
      'found username "ada", which belongs to another user (10); allowed: one that no other user has',
    ],
    [
      'a client_id that is taken',
      () => mock.providers.create({ name: 'X', client_id: 'p' }),
      400,
      'client_id: found "p" of provider 1; allowed: one that no other provider has',
    ],
    [
      'a key that is taken',
      () => mock.tokens.create({ name: 'x', key: 'jane-key', user: 'ada' }),
      400,
      'key: found the key of API token "jane"; allowed: one that no other API token has',
    ],
    [
      'a row that is there',
      () => mock.users.create({ username: 'jane' }),
      409,
      'there is a user jane already; PATCH changes it',
    ],
    [
      'another key than the path',
      () => mock.users.change(11, { pk: 12 }),
      400,
      'pk: found 12; allowed: 11, which the path names',
    ],
    ['a row that is not there', () => mock.users.change('nobody', { name: 'x' }), 404, 'there is no user nobody'],
    ['a row to delete that is not there', () => mock.refreshTokens.delete(99), 404, 'there is no refresh token 99'],
    [
      'several mistakes',
      () => mock.fixtures.merge({ users: [{ pk: 50 }, { pk: 0 }], groups: 1 }),
      400,
      'groups: found 1; allowed: a list of groups\nusers[1].pk: found 0; allowed: an integer from 1 to 2147483647',
    ],
    [
      'a moment that is none',
      () => mock.clock.set('soon'),
      400,
      /^now: found "soon"; allowed: an ISO 8601 date/ as never,
    ],
    [
      'an unknown release',
      () => mock.serveAs('2025.3'),
      400,
      /^release: found "2025\.3"; allowed: .*perhaps 2025\.2\.4\?/ as never,
    ],
    [
      'an unknown preset',
      () => mock.faults.add({ preset: 'x' as never }),
      400,
      /^preset: found "x"; allowed: starting, backend-down, / as never,
    ],
    [
      'headers for no answer',
      () => mock.faults.add({ headers: { A: 'b' } }),
      400,
      'headers: found no status and no preset; allowed: headers together with one of them',
    ],
    [
      'a header that splits the answer',
      () => mock.faults.add({ status: 500, headers: { A: 'b\r\nc: d' } }),
      400,
      'headers.A: found "b\\r\\nc: d"; allowed: a text of visible ASCII characters',
    ],
    ['a row without an end', () => mock.clock.stopBefore(3), 422, 'refresh token 3 never expires'],
    [
      'a query that is none',
      () => mock.requests({ status: 'x' as never }),
      400,
      'status: found "x"; allowed: a status',
    ],
  ]
  for (const [name, change, status, message] of mistakes) {
    const error = (await change().catch((error) => error)) as MockError
    t.ok(error instanceof MockError, name)
    t.match({ status: error.status, message: error.message }, { status, message }, name)
  }
  t.equal(JSON.stringify([await rowsOf(mock), await mock.fixtures.read()]), before)
})

behaves('the present rows, read and loaded again, are answered for byte by byte', async (t, mock) => {
  await mock.users.change('jane', {
    name: 'Jäne 🚀',
    attributes: { b: 1, a: { 10: 1, 9: 2 } },
    avatar: 'https://example.com/a.png',
  })
  await mock.refreshTokens.create({
    user: { username: 'new', groups: [{ name: 'g', parent: 'admins' }] },
    provider: { name: 'N', redirect_uris: [{ matching_mode: 'regex', url: '.*' }] },
  })
  await mock.refreshTokens.delete(1)
  for (const release of ['2024.10.0', '2025.2.4', '2026.2.2']) {
    await mock.serveAs(release)
    await using again = await startMock({ fixtures: await mock.fixtures.read(), release })
    t.equal((await ask(again, LIST)).body, (await ask(mock, LIST)).body, release)
    t.equal(
      (await ask(again, LIST, { key: 'jane-key' })).body,
      (await ask(mock, LIST, { key: 'jane-key' })).body,
      `${release}, as somebody`,
    )
  }
})

behaves('rows are merged in, replaced, and reset', async (t, mock) => {
  const begun = (await ask(mock, LIST)).body
  const merged = await mock.fixtures.merge({
    refresh_tokens: [
      { pk: 9, user: 'jane' },
      { pk: 1, revoked: true },
    ],
  })
  t.match(merged, { counts: { refresh_tokens: 2, users: 0 }, warnings: [] })
  t.strictSame(
    (await rowsOf(mock)).map(({ pk, revoked }) => [pk, revoked]),
    [
      [1, true],
      [2, false],
      [3, false],
      [9, false],
    ],
  )
  const captured = await rowOf(mock, 2)
  await mock.fixtures.merge([{ ...captured, pk: 20 }])
  t.equal(JSON.stringify(await rowOf(mock, 20)), JSON.stringify({ ...captured, pk: 20 }))
  await mock.fixtures.replace({ refresh_tokens: [{ pk: 5 }] })
  t.strictSame(
    (await rowsOf(mock)).map(({ pk }) => pk),
    [5],
  )
  await mock.refreshTokens.delete(5)
  await mock.reset()
  t.equal((await ask(mock, LIST)).body, begun)
})

behaves('a reset takes everything back', async (t, mock) => {
  const begun = (await ask(mock, LIST)).body
  await mock.users.change('jane', { name: 'X' })
  await mock.refreshTokens.create({})
  await mock.clock.advance('days=2')
  await mock.faults.add({ status: 500 })
  await mock.serveAs('2026.2')
  await ask(mock, LIST)
  await mock.reset()
  t.strictSame(
    [await mock.faults.list(), await mock.requests(), (await mock.info()).release.name],
    [[], [], '2025.2.4'],
  )
  t.equal((await ask(mock, LIST)).body, begun)
  t.match(await mock.refreshTokens.create({}), { pk: 4 }, 'keys begin again, too')
})

behaves(
  'a reset is as good after made-up rows',
  async (t, mock) => {
    const begun = (await ask(mock, `${LIST}?page=last`)).body
    for (const pk of [1, 50, 100]) await ask(mock, `${LIST}${pk}/`, { method: 'DELETE' })
    t.equal((await mock.info()).counts['refresh_tokens'], 200)
    await mock.reset()
    t.equal((await ask(mock, `${LIST}?page=last`)).body, begun)
  },
  { generate: 200 },
)

behaves('time stands still, is set, goes on and back', async (t, mock) => {
  const expired = async () => (await rowsOf(mock)).map((row) => row.is_expired)
  t.strictSame(await expired(), [false, false, false])
  await mock.clock.advance('days=2')
  t.strictSame(await expired(), [false, true, false])
  await mock.clock.advance('-days=2')
  t.strictSame(await expired(), [false, false, false], 'and back')
  const { expires } = await rowOf(mock, 2)
  const second = Date.parse(expires ?? '')
  t.equal(Date.parse((await mock.clock.stopBefore(2)).now) - second, -1000)
  t.strictSame([(await rowOf(mock, 2)).is_expired, (await mock.clock.get()).frozen], [false, true])
  t.equal(Date.parse((await mock.clock.stopAfter(2)).now) - second, 1000)
  t.equal((await rowOf(mock, 2)).is_expired, true)

  t.match(await mock.clock.set('2030-01-02T03:04:05.6Z'), { now: '2030-01-02T03:04:05.600000Z', frozen: true })
  t.equal((await ask(mock, LIST)).headers['date'], 'Wed, 02 Jan 2030 03:04:05 GMT', 'every date follows')
  t.equal((await mock.refreshTokens.create({ expires: 'hours=1' })).expires, '2030-01-02T04:04:05.600000Z')
  await mock.clock.run()
  t.equal((await mock.clock.get()).frozen, false)
  t.ok(Math.abs(Date.parse((await mock.clock.reset()).now) - Date.now()) < 60_000)
})

behaves('an API token that has expired is refused, and gone', async (t, mock) => {
  t.equal(await status(mock, LIST, { key: 'short-key' }), 200)
  await mock.clock.advance('hours=2')
  t.equal(await status(mock, LIST, { key: 'short-key' }), 403)
  t.equal(await mock.tokens.get('short').catch((error) => error.status), 404)
  await mock.reset()
  await mock.serveAs('2026.5')
  await mock.clock.advance('hours=2')
  t.equal(await status(mock, LIST, { key: 'short-key' }), 403)
  t.equal((await mock.tokens.get('short')).key, 'short-key', 'refused, and kept from 2026.5 on')
})

behaves('faults strike where, when and how often they should', async (t, mock) => {
  await mock.faults.add({ status: 503, skip: 1, times: 2, path: `${LIST}*/`, method: 'get' })
  const seen: number[] = []
  for (let i = 0; i < 5; i++) seen.push(await status(mock, `${LIST}1/`))
  t.strictSame(seen, [200, 503, 503, 200, 200])
  t.strictSame(
    [await status(mock, LIST), await status(mock, `${LIST}1/`, { method: 'DELETE' })],
    [200, 204],
    'another path, another method',
  )
  const [fault] = await mock.faults.list()
  t.match(fault, { seen: 5, struck: 2, skip: 1, times: 2 })
  t.match(await mock.faults.get(fault?.id ?? ''), { struck: 2 })
  await mock.faults.remove(fault?.id ?? '')
  t.equal(await mock.faults.get(fault?.id ?? '').catch((error) => error.status), 404)
  await mock.faults.add({ status: 500, as: 'jane' })
  await mock.faults.add({ status: 501, path: '/-/**' })
  t.strictSame(
    [await status(mock, LIST), await status(mock, LIST, { key: 'jane-key' }), await status(mock, '/-/health/live/')],
    [200, 500, 501],
  )
  await mock.faults.clear()
  t.equal(await status(mock, LIST, { key: 'jane-key' }), 200)
})

const EFFECTS: [name: string, fault: FaultSeed, path: string, wanted: object][] = [
  ['a status', { status: 503 }, LIST, { status: 503, body: '', headers: { 'x-powered-by': 'authentik' } }],
  [
    'headers and JSON',
    { status: 429, headers: { 'Retry-After': '7' }, body: { a: 1 } },
    LIST,
    { status: 429, body: '{"a":1}', headers: { 'retry-after': '7', 'content-type': 'application/json' } },
  ],
  [
    'a text of another type',
    { status: 200, headers: { 'content-type': 'text/html' }, body: '<p>' },
    LIST,
    { body: '<p>', headers: { 'content-type': 'text/html' } },
  ],
  ['no answer', { connection: 'drop' }, LIST, { status: 0, body: '' }],
  ['half an answer', { connection: 'cut' }, LIST, { status: 200, body: /^\{"pagination".*[^}]$/s }],
  [
    'half of another answer',
    { status: 500, body: '0123456789', connection: 'cut' },
    LIST,
    { status: 500, body: '01234' },
  ],
  ['half of nothing', { status: 500, connection: 'cut' }, LIST, { body: '' }],
  ['a delay', { delay: 30 }, `${LIST}1/`, { status: 200, body: /^\{"pk":1/ }],
  [
    'starting',
    { preset: 'starting' },
    LIST,
    {
      status: 502,
      body: '{"error":"failed to connect to authentik backend: authentik starting"}\n',
      headers: { 'content-type': 'application/json', vary: 'Accept-Encoding' },
    },
  ],
  ['backend-down', { preset: 'backend-down' }, LIST, { status: 502, body: /connection refused"\}\n$/ }],
  [
    'throttled',
    { preset: 'throttled' },
    LIST,
    {
      status: 429,
      headers: { 'retry-after': '1' },
      body: '{"detail":"Request was throttled. Expected available in 1 second."}',
    },
  ],
  ['expired-licence', { preset: 'expired-licence' }, LIST, { status: 400, body: /denied_license/ }],
  [
    'server-error',
    { preset: 'server-error' },
    LIST,
    { status: 500, headers: { 'content-type': 'text/html; charset=utf-8' } },
  ],
  [
    'nginx-bad-gateway',
    { preset: 'nginx-bad-gateway' },
    LIST,
    { status: 502, headers: { server: 'nginx', 'content-type': 'text/html' }, body: /<center>nginx<\/center>/ },
  ],
  ['nginx-timeout', { preset: 'nginx-timeout' }, LIST, { status: 504 }],
  ['traefik-bad-gateway', { preset: 'traefik-bad-gateway' }, LIST, { status: 502, body: 'Bad Gateway' }],
  ['traefik-timeout', { preset: 'traefik-timeout' }, LIST, { status: 504, body: 'Gateway Timeout' }],
  ['half-answer', { preset: 'half-answer' }, LIST, { status: 200, body: /[^}]$/s }],
  ['no-answer', { preset: 'no-answer' }, LIST, { status: 0 }],
  ['too-slow, but less so', { preset: 'too-slow', delay: 1 }, LIST, { status: 200 }],
]

behaves('a header of a fault has any name', async (t, mock) => {
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    await mock.faults.add({ status: 503, times: 1, headers: JSON.parse(`{"${name}": "1"}`) })
    const { status, rawHeaders } = await ask(mock, LIST)
    t.equal(status, 503)
    t.strictSame(
      rawHeaders.filter(([sent]) => sent === name),
      [[name, '1']],
    )
  }
})

behaves('each effect of a fault', async (t, mock) => {
  for (const [name, fault, path, wanted] of EFFECTS) {
    await mock.faults.add({ ...fault, times: 1 })
    t.match(await ask(mock, path), wanted, name)
  }
  await mock.clearRequests()
  await mock.faults.add({ delay: 40, times: 1 })
  await ask(mock, LIST)
  const [entry] = await mock.requests()
  t.ok((entry?.milliseconds ?? 0) >= 39, 'a delay is one')
  await mock.serveAs('2025.12.4')
  const starting: [accept: string, body: string | RegExp][] = [
    ['application/json, text/plain', '{"error":"authentik starting"}\n'],
    ['text/html', /Starting/],
    ['*/*', 'authentik starting'],
  ]
  await mock.faults.add({ preset: 'starting' })
  for (const [Accept, body] of starting)
    t.match(
      await ask(mock, LIST, { headers: { Accept } }),
      { status: 503, body, headers: { 'retry-after': '5' } },
      Accept,
    )
})

behaves('a fault may come after the work was done', async (t, mock) => {
  await mock.faults.add({ method: 'DELETE', after: true, connection: 'drop', times: 1 })
  t.equal(await status(mock, `${LIST}1/`, { method: 'DELETE' }), 0, 'no answer')
  t.equal(await status(mock, `${LIST}1/`), 404, 'and yet it is gone')
  await mock.faults.add({ method: 'DELETE', after: true, preset: 'traefik-timeout', delay: 10, times: 1 })
  t.equal(await status(mock, `${LIST}2/`, { method: 'DELETE' }), 504)
  t.equal(await status(mock, `${LIST}2/`), 404)
  await mock.faults.add({ method: 'DELETE', connection: 'drop', times: 1 })
  t.equal(await status(mock, `${LIST}3/`, { method: 'DELETE' }), 0)
  t.equal(await status(mock, `${LIST}3/`), 200, 'without it, nothing was done')
  t.match(
    (await mock.requests({ method: 'DELETE' })).map((entry) => [entry.status, entry.fault]),
    [
      [null, '1'],
      [504, '2'],
      [null, '3'],
    ],
  )
})

behaves('a single request may ask for its own answer', async (t, mock) => {
  const wish = (text: string) => ask(mock, `${LIST}1/`, { headers: { 'X-Mock-Prefer': text } })
  t.match(await wish('status=503'), { status: 503 })
  t.match(await wish('delay=1; preset=traefik-timeout'), { status: 504, body: 'Gateway Timeout' })
  t.match(await wish('connection=drop'), { status: 0 })
  t.match(await wish('delay=5'), { status: 200 })
  t.match(await wish('status=99'), {
    status: 400,
    headers: { 'content-type': 'application/problem+json' },
    body: /status: found 99; allowed: a status/,
  })
  t.match(await wish('code=500'), {
    status: 400,
    body: /code: found an unknown preference; allowed: status, delay, preset, connection, after/,
  })
  t.match(await ask(mock, `${LIST}1/`, { method: 'DELETE', headers: { 'X-Mock-Prefer': 'connection=drop, after' } }), {
    status: 0,
  })
  t.match(await ask(mock, `${LIST}1/`), { status: 404 })
  t.equal((await mock.requests({ status: 503 }))[0]?.fault, 'request')
})

behaves('the journal tells what was asked, by whom, and why it was refused', async (t, mock) => {
  const { origin, pathname } = new URL(mock.url)
  const prefix = pathname === '/' ? '' : pathname
  await ask(mock, `${LIST}1/`)
  await ask(mock, `${LIST}1/?user=11&access_token=hush`, { key: 'jane-key' })
  await ask(mock, `${LIST}x/`)
  await ask(mock, `${LIST}7/`)
  await ask(mock, `${LIST}1/?user=11`)
  await ask(mock, LIST, { key: 'wrong' })
  await ask(mock, `${LIST}2/`, { method: 'DELETE', key: 'jane-key' })
  await ask(mock, '/nope')
  const body = '{"refresh_token": "hush", "x": 1}'
  await send(origin, {
    method: 'POST',
    path: `${prefix}${LIST}`,
    headers: { 'Content-Type': 'application/json' },
    body,
  })
  await send(origin, { method: 'POST', path: `${prefix}${LIST}`, body: `a=b&client_secret=hush&${'z'.repeat(9000)}` })
  const entries = await mock.requests()
  t.match(entries, [
    {
      id: Number,
      at: /^\d{4}-.*Z$/,
      method: 'GET',
      path: `${LIST}1/`,
      query: '',
      route: 'detail',
      status: 200,
      as: '--token',
      reason: null,
      fault: null,
      body: null,
      milliseconds: Number,
    },
    { query: '?user=11&access_token=…', status: 404, as: 'jane', reason: 'row 1 belongs to user 10' },
    { status: 404, reason: 'the id is no integer' },
    { status: 404, reason: 'there is no row 7' },
    { status: 404, reason: 'row 1 is not of user 11' },
    { route: 'list', status: 403, as: null, reason: 'no API token has this key' },
    { status: 403, reason: 'permission delete_refreshtoken is missing' },
    { path: '/nope', route: null, status: 404 },
    { method: 'POST', status: 403, as: null, body: '{"refresh_token": "…", "x": 1}' },
    { body: /^a=b&client_secret=…&z+$/ },
  ])
  t.ok((entries.at(-1)?.body?.length ?? 0) < 4200, 'a long body is cut')
  t.notMatch(JSON.stringify(entries), /hush|jane-key|wrong/, 'no secret is kept')

  t.equal(await mock.countRequests({ path: `${LIST}*/` }), 6)
  t.equal(await mock.countRequests({ path: '/api/**', method: 'post' }), 2)
  t.equal(await mock.countRequests({ as: 'jane', status: 404 }), 1)
  t.equal((await mock.requests({ limit: 2 })).length, 2)
  t.equal(await mock.countRequests({ since: entries[7]?.id ?? 0 }), 2)
  await mock.clearRequests()
  t.strictSame(await mock.requests(), [])
  await ask(mock, LIST)
  t.ok(((await mock.requests())[0]?.id ?? 0) > (entries.at(-1)?.id ?? 0), 'ids go on')
})

behaves('one waits for requests, but not for ever', async (t, mock) => {
  const waiting = mock.waitForRequests({ path: `${LIST}1/`, count: 2, wait: 20 })
  await ask(mock, `${LIST}1/`)
  await ask(mock, `${LIST}2/`)
  await ask(mock, `${LIST}1/`)
  t.equal((await waiting).count, 2)
  t.equal((await mock.waitForRequests({ path: `${LIST}2/` })).count, 1, 'they came already')
  t.equal((await mock.waitForRequests({ path: '/never', wait: 0.05 })).count, 0)
})

behaves(
  'the journal is bounded, and says what it forgot',
  async (t, mock) => {
    for (let i = 1; i <= 7; i++) await ask(mock, `${LIST}${i}/`)
    const { requests, dropped } = await mock.waitForRequests({ wait: 0 })
    t.strictSame(
      requests.map(({ path }) => path.replace(LIST, '')),
      ['3/', '4/', '5/', '6/', '7/'],
    )
    t.equal(dropped, 2)
  },
  { journal: 5 },
)

behaves('the journal keeps the beginning of what is long', async (t, mock) => {
  const long = 'x'.repeat(100_000)
  await ask(mock, `/${long}?token=${long}`)
  await ask(mock, `${LIST}?search=${long}`)
  const [first, second] = await mock.requests()
  t.equal(first?.path, `/${long.slice(0, 4095)}`)
  t.equal(first?.query, '?token=…')
  t.equal(second?.path, LIST)
  t.equal(second?.query, `?search=${long.slice(0, 4088)}`)
})

behaves('the control API describes itself', async (t, mock) => {
  t.match(await mock.info(), {
    name: 'authentik-mock',
    version: /^\d/,
    release: { name: '2025.2.4', evidence: 'recorded' },
    clock: { frozen: false },
    counts: { refresh_tokens: 3, users: 3 },
  })
  const document = JSON.parse((await ask(mock, '/_mock/openapi.json')).body)
  t.equal(document.openapi, '3.1.0')
  const operations = Object.entries(document.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  )
  for (const operation of [
    'get /_mock/',
    'post /_mock/reset',
    'put /_mock/fixtures',
    'patch /_mock/users/{key}',
    'delete /_mock/faults/{id}',
    'post /_mock/clock/advance',
    'get /_mock/requests',
    'delete /_mock/worlds/{name}',
  ])
    t.ok(operations.includes(operation), operation)
  t.strictSame(
    operations.filter((operation) => !/^(?:get|post|put|patch|delete) \/_mock\//.test(operation)),
    [],
  )
  for (const [link] of Object.entries((await mock.info()).links))
    t.equal(await status(mock, `/_mock/${link}`), 200, link)
  t.match(await ask(mock, '/_mock/nope'), {
    status: 404,
    headers: { 'content-type': /^application\/problem\+json/ },
    body: /openapi\.json/,
  })
  t.equal(await status(mock, '/_mock'), 200)
  t.strictSame(await mock.requests(), [], 'nothing of it is in the journal')
})

t.test('worlds keep apart, are listed, ended, and make room', async (t) => {
  await using mock = await startMock({ fixtures: SMALL, worlds: 3 })
  const [a, b] = [mock.world('a'), mock.world('b')]
  await ask(a, `${LIST}1/`, { method: 'DELETE' })
  await b.clock.advance('days=2')
  await b.serveAs('2026.2')
  await b.faults.add({ status: 500, path: `${LIST}3/` })
  t.strictSame(
    [await status(mock, `${LIST}1/`), await status(a, `${LIST}1/`), await status(b, `${LIST}1/`)],
    [200, 404, 200],
  )
  t.strictSame(
    [(await rowOf(mock, 2)).is_expired, (await rowOf(a, 2)).is_expired, (await rowOf(b, 2)).is_expired],
    [false, false, true],
  )
  t.strictSame(
    [await status(mock, `${LIST}3/`), await status(a, `${LIST}3/`), await status(b, `${LIST}3/`)],
    [200, 200, 500],
  )
  t.strictSame([await mock.countRequests(), await a.countRequests(), await b.countRequests()], [3, 4, 3])
  t.match(await mock.worlds(), [
    { name: 'b', changed: false },
    { name: 'a', changed: true, requests: 4 },
  ])
  t.equal((await b.info()).release.name, '2026.2.6')
  t.equal((await mock.info()).release.name, '2025.2.4')
  await status(mock.world('c'), LIST)
  await status(a, LIST)
  await status(mock.world('d'), LIST)
  t.strictSame(
    (await mock.worlds()).map(({ name }) => name),
    ['d', 'a', 'c'],
    'the least recently used one is gone',
  )
  await a.close()
  await a.close()
  t.equal(await status(a, `${LIST}1/`), 200, 'born anew')
  t.equal((await ask(a, '//x')).headers['location'], '/x', 'byte for byte as authentik says it')
  t.strictSame(
    [await status(mock, '/@'), await status(mock, '/@b c/'), await status(mock, '/@é/'), await status(mock, '/@a')],
    [404, 400, 404, 302],
  )
})

t.test('200 worlds under 200 clients at once keep apart', async (t) => {
  await using mock = await startMock({ generate: 50, fixtures: [] })
  const results = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const world = mock.world(`w${i}`)
      const gone = 1 + (i % 50)
      await ask(world, `${LIST}${gone}/`, { method: 'DELETE' })
      if (i % 3 === 0) await world.refreshTokens.create({ pk: 1000 + i })
      if (i % 5 === 0) await world.faults.add({ status: 500 + (i % 90), path: '/fault', times: 1 })
      const rows = await rowsOf(world, 'page_size=100')
      const wanted = [
        ...Array.from({ length: 50 }, (_, pk) => pk + 1).filter((pk) => pk !== gone),
        ...(i % 3 === 0 ? [1000 + i] : []),
      ]
      const fault = await status(world, '/fault')
      return (
        String(rows.map(({ pk }) => pk)) === String(wanted) &&
        fault === (i % 5 === 0 ? 500 + (i % 90) : 404) &&
        (await world.countRequests()) === 3
      )
    }),
  )
  t.equal(results.filter(Boolean).length, 200)
  t.equal((await rowsOf(mock, 'page_size=100')).length, 50)
})

t.test('a world for each test, whatever the runner', async (t) => {
  await using mock = await startMock({ fixtures: SMALL })
  const ends: (() => Promise<void>)[] = []
  const atTheEnd = (end: () => Promise<void>) => void ends.push(end)
  const worlds = [atTheEnd, { after: atTheEnd }, { teardown: atTheEnd }, { onTestFinished: atTheEnd }].map((test) =>
    worldFor(test, mock),
  )
  await Promise.all(worlds.map((world) => ask(world, LIST)))
  t.equal((await mock.worlds()).length, 4)
  await Promise.all(ends.map((end) => end()))
  t.strictSame(await mock.worlds(), [])
  await t.test('tap itself', async (t) => {
    const world = worldFor(t, mock)
    await ask(world, LIST)
  })
  t.strictSame(await mock.worlds(), [])
})

t.test('nobody else drives the mock', async (t) => {
  await using mock = await startMock({ fixtures: SMALL, controlToken: 'hush' })
  const bare = await connectMock(mock.url).catch((error) => error)
  t.match(bare.message, /^no authentik-mock answers at/)
  t.equal((await (await connectMock(mock.url, { controlToken: 'hush' })).info()).name, 'authentik-mock')
  t.equal((await mock.info()).name, 'authentik-mock', 'the one who started it knows the key')
  const reset = (headers: Record<string, string>, path = '/_mock/reset') =>
    send(mock.url, { method: 'POST', path, headers: { Authorization: 'Bearer hush', ...headers } })
  t.match(await send(mock.url, { method: 'POST', path: '/_mock/reset' }), {
    status: 401,
    headers: { 'content-type': /^application\/problem\+json/ },
  })
  t.equal((await reset({ Authorization: 'Bearer wrong' })).status, 401)
  t.equal((await reset({})).status, 204)
  t.match(await reset({ Origin: 'http://evil.example' }), { status: 403, body: /may not drive the mock/ })
  t.match(
    await reset({ Origin: 'http://evil.example', Host: 'evil.example' }),
    { status: 403 },
    'a name that leads here',
  )
  t.match(await reset({ Origin: 'null' }), { status: 403 })
  t.match(await reset({ 'Sec-Fetch-Site': 'cross-site' }), { status: 403 })
  t.match(await reset({ Origin: mock.url }), { status: 204 })
  t.match(await reset({ Origin: 'http://evil.example' }, '/@w/_mock/reset'), { status: 403 })
  t.notOk('access-control-allow-origin' in (await reset({ Origin: mock.url })).headers)

  await using closed = await startMock({ fixtures: SMALL, noControl: true })
  t.strictSame(
    [
      await status(closed, '/_mock/'),
      await status(closed, '/@w/-/health/live/'),
      (await ask(closed, `${LIST}1/`, { headers: { 'X-Mock-Prefer': 'status=500' } })).status,
    ],
    [404, 404, 200],
  )
})

t.test('whatever is sent to a control route, the answer is a clean 4xx and the world stays', async (t) => {
  await using mock = await startMock({ fixtures: SMALL })
  const before = await mock.fixtures.read()
  const document = JSON.parse((await ask(mock, '/_mock/openapi.json')).body)
  const next = random(11)
  const junk = [
    null,
    true,
    -1,
    1e300,
    '',
    'x'.repeat(300),
    '\u0000',
    [],
    [[]],
    {},
    { pk: {} },
    { __proto__: null, constructor: 1 },
    JSON.parse('{"__proto__": {"polluted": true}}'),
  ]
  const pick = (): unknown => junk[next(junk.length)]
  let asked = 0
  for (const [path, methods] of Object.entries(document.paths as Record<string, Record<string, object>>)) {
    for (const method of Object.keys(methods)) {
      const anyRoute = path.replace(/\{\w+\}/, '1')
      const route = path.replace(
        /\{\w+\}/,
        () => ['999', 'nobody', '%00', '%ff', '..%2f..', 'constructor'][next(6)] as string,
      )
      if (method === 'get' || method === 'delete' || /reset$/.test(path)) {
        if (!/\{/.test(path)) continue
        const { status } = await send(mock.url, { method: method.toUpperCase(), path: route })
        if (status < 400 || status >= 500) t.fail(`${method} ${route}: ${status}`)
        continue
      }
      const keys = [
        'users',
        'refresh_tokens',
        'pk',
        'user',
        'now',
        'by',
        'status',
        'path',
        'release',
        'name',
        'key',
        'x',
      ]
      for (let i = 0; i < 30; i++) {
        const value =
          next(3) === 0
            ? pick()
            : Object.fromEntries([
                [keys[next(keys.length)], pick()],
                ['zz', 1],
              ])
        const raw = next(6) === 0 ? ['{', '{"a":', '\u0000', '[1,]', 'undefined'][next(5)] : JSON.stringify(value)
        if (/fixtures$/.test(path) && /^(?:\[\]|\{\})$/.test(raw ?? '')) continue
        if (raw === '{}') continue
        const answer = await send(mock.url, {
          method: method.toUpperCase(),
          path: route,
          headers: { 'Content-Type': 'application/json' },
          body: raw ?? '',
        })
        asked++
        if (
          answer.status < 400 ||
          answer.status >= 500 ||
          !String(answer.headers['content-type']).startsWith('application/problem+json')
        )
          t.fail(`${method} ${route} ${raw}: ${answer.status} ${answer.body}`)
      }
      const large = await send(mock.url, {
        method: method.toUpperCase(),
        path: anyRoute,
        headers: { 'Content-Type': 'application/json', 'Content-Length': String(40 * 1024 * 1024) },
        body: '{',
      })
      t.equal(large.status, 413, `${method} ${path}: too large`)
      t.equal(
        (
          await send(mock.url, {
            method: method.toUpperCase(),
            path: anyRoute,
            headers: { 'Content-Type': 'text/plain' },
            body: '{}',
          })
        ).status,
        415,
        `${method} ${path}: no JSON`,
      )
    }
  }
  t.ok(asked > 300, `${asked} bodies`)
  t.notOk('polluted' in {})
  t.strictSame(await mock.fixtures.read(), before)
  t.equal((await sendRaw(mock.url, 'GET /_mock/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).status, 400)
})

t.test('what is no mock is said to be none', async (t) => {
  const gone = await startMock()
  await gone.close()
  await t.rejects(connectMock(gone.url), { message: /^no authentik-mock answers at http:.*: .*ECONNREFUSED/ })
  await using closed = await startMock({ noControl: true })
  await t.rejects(connectMock(closed.url), {
    message: /^no authentik-mock answers at .*: the answer was 404, and not of a mock/,
  })
})

t.test('a fault that is listed is whole', async (t) => {
  await using mock = await startMock({ fixtures: SMALL })
  const seed: FaultSeed = {
    method: 'GET',
    path: '/**',
    as: 'jane',
    times: 1,
    skip: 2,
    after: true,
    delay: 3,
    status: 500,
    headers: { A: 'b' },
    body: [1],
    connection: 'cut',
  }
  const added: Fault = await mock.faults.add(seed)
  t.strictSame(added, { ...seed, id: '1', seen: 0, struck: 0 })
})

t.test('a row is made between rows that nobody wrote', async (t) => {
  await using mock = await startMock({ generate: 20 })
  const { pk } = await mock.refreshTokens.create({ pk: 50, user: 1, provider: 1 })
  t.match(await mock.refreshTokens.get(pk as number), { pk: 50, user: 1, provider: 1 })
  await mock.refreshTokens.create({ pk: 51, user: 1 })
  t.equal((await mock.info()).counts['refresh_tokens'], 22)
})
