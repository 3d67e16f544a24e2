import t, { type Test } from 'tap'
import { type Mock, MockError, type RefreshTokenBody, type RowsClient, type Seeds, startMock } from '../../src/index.js'
import { createClock } from '../../src/world/clock.js'
import { createDatabase } from '../../src/world/database.js'
import { type Plan, planSource } from '../../src/world/load/plan.js'
import { startWorld } from '../../src/world/start.js'
import { send, type WireAnswer } from '../http.js'
import { runHere } from '../process.js'
import { random } from '../random.js'

const LIST = '/api/v3/oauth2/refresh_tokens/'
const NOW = '2026-03-04T05:06:07.000008Z'
const SMALL: Seeds = {
  groups: [{ name: 'staff' }, { name: 'admins', is_superuser: true }],
  users: [
    { pk: 10, username: 'ada', name: 'Ada', groups: ['admins'] },
    { pk: 11, username: 'jane', name: 'Jane', groups: ['staff'] },
  ],
  providers: [{ pk: 1, name: 'P', client_id: 'p', scopes: ['openid', 'email', 'offline_access'] }],
  refresh_tokens: [
    { pk: 1, user: 'ada', provider: 1, expires: '2026-04-01' },
    { pk: 2, user: 'jane', provider: 1, expires: 'days=1' },
    { pk: 3, user: 'jane', provider: 1, expires: null },
  ],
  tokens: { jane: { key: 'jane-key', user: 'jane' }, ada: { key: 'ada-key', user: 'ada', expires: '2030-01-01' } },
}

interface Request {
  method: string
  path: string
  body?: string
  type?: string
}

/** A request below a world, as the superuser. */
function ask(
  { url, token }: Mock,
  { method, path, body = '', type = 'application/json' }: Request,
): Promise<WireAnswer> {
  const { origin, pathname } = new URL(url)
  const headers = { Authorization: `Bearer ${token}`, ...(body !== '' && { 'Content-Type': type }) }
  return send(origin, { method, path: `${pathname === '/' ? '' : pathname}${path}`, headers, body })
}

async function bodyOf(world: Mock, path: string): Promise<string> {
  const { status, body } = await ask(world, { method: 'GET', path })
  return `${status} ${body}`
}

/** All that can be seen of a world whose clock stands still. */
async function stateOf(world: Mock): Promise<string[]> {
  const control = ['fixtures', 'clock', 'faults', 'stubs', 'release']
  return Promise.all([...control.map((path) => `/_mock/${path}`), LIST].map((path) => bodyOf(world, path)))
}

/** That a change is refused, how, and that nothing comes of it. */
async function isRefused(
  t: Test,
  world: Mock,
  name: string,
  change: () => Promise<unknown>,
  wanted: { status?: number; path?: string; found?: string; allowed?: string | RegExp },
): Promise<void> {
  const { status = 400, ...mistake } = wanted
  const before = await stateOf(world)
  const error = (await change().catch((error) => error)) as MockError
  t.ok(error instanceof MockError, `${name}: ${JSON.stringify(error)}`)
  t.match(error.problem, { status, ...(status === 400 && { mistakes: [mistake] }) }, name)
  t.strictSame(await stateOf(world), before, `${name}: nothing changed`)
}

const OUT = 'which leads out of the years 1 to 9999'
const nines = '9'.repeat(400)
const LONG = 'at the most 999999999 days'

/** What a clock at `NOW` is asked for, and what is said to it. Undefined: it is granted. */
const TIMES: [text: string, refusal: { now?: string | RegExp; by?: string | RegExp }][] = [
  ['days=99999999999', { now: 'years 1 to 9999', by: LONG }],
  ['days=2930000', { now: OUT, by: OUT }],
  ['-days=9999999', { now: OUT, by: OUT }],
  ['days=-9999999', { now: OUT, by: OUT }],
  ['-days=99999999999', { now: 'years 1 to 9999', by: LONG }],
  [`weeks=${nines}`, { now: 'years 1 to 9999', by: LONG }],
  [`-weeks=${nines}`, { now: 'years 1 to 9999', by: LONG }],
  [`weeks=${nines};weeks=-${nines}`, { now: 'years 1 to 9999', by: LONG }],
  ['days=1e400', { now: 'years 1 to 9999', by: LONG }],
  ['days=1e2', { now: 'years 1 to 9999', by: LONG }],
  ['days=NaN', { now: 'years 1 to 9999', by: LONG }],
  ['days=Infinity', { now: 'years 1 to 9999', by: LONG }],
  ['days=0x10', { now: 'years 1 to 9999', by: LONG }],
  ['days=999999999', { now: OUT, by: OUT }],
  ['', { now: 'years 1 to 9999', by: LONG }],
  ['0000-12-31T23:59:59Z', { now: 'years 1 to 9999', by: LONG }],
  ['0001-01-01T00:00:00+00:01', { now: 'years 1 to 9999', by: LONG }],
  ['9999-12-31T23:59:59.999999-00:01', { now: 'years 1 to 9999', by: LONG }],
  ['9999-12-31T24:00:00Z', { now: 'years 1 to 9999', by: LONG }],
  ['10000-01-01', { now: 'years 1 to 9999', by: LONG }],
  ['+010000-01-01', { now: 'years 1 to 9999', by: LONG }],
  ['-000001-01-01', { now: 'years 1 to 9999', by: LONG }],
]

t.test('no clock leaves the years 1 to 9999, and what would lead out changes nothing', async (t) => {
  await using mock = await startMock({ fixtures: SMALL })
  const put = (body: object) => async () => {
    const answer = await ask(mock, { method: 'PUT', path: '/_mock/clock', body: JSON.stringify(body) })
    if (answer.status !== 200) throw new MockError(answer.status, JSON.parse(answer.body))
  }
  for (const frozen of [true, false]) {
    await put({ now: NOW, frozen })()
    const clock = async () => ({ ...(await mock.clock.get()), ...(!frozen && { now: '' }) })
    const before = await clock()
    for (const [text, { now = '', by = '' }] of TIMES) {
      const found = text.length > 60 ? JSON.stringify(text).slice(0, 57) : JSON.stringify(text)
      const wordsOf = (words: string | RegExp) => (words === OUT ? { found: OUT } : { found, allowed: words })
      const asked: [name: string, change: () => Promise<unknown>, wanted: object][] = [
        ['by', () => mock.clock.advance(text), { path: 'by', ...wordsOf(by) }],
        ['now', put({ now: text }), { path: 'now', ...wordsOf(now) }],
        ['now, and stand still', put({ now: text, frozen: true }), { path: 'now', ...wordsOf(now) }],
        ['now, and run', put({ now: text, frozen: false }), { path: 'now', ...wordsOf(now) }],
      ]
      for (const [name, change, wanted] of asked) {
        const error = (await change().catch((error) => error)) as MockError
        t.match(error.problem, { status: 400, mistakes: [wanted] }, `${name} ${text.slice(0, 40)}, frozen: ${frozen}`)
        t.strictSame(await clock(), before, 'and the clock is as it was')
      }
    }
  }
  for (const bad of [{ now: 5 }, { now: null }, { now: NOW, frozen: 'yes' }, { frozen: 1 }, { x: 1 }])
    t.equal(await put(bad)().catch((error) => error.status), 400, JSON.stringify(bad))
  t.match(await mock.clock.get(), { frozen: false, now: /^2026-03-04T05:/ })
})

t.test('at either end of the range, every answer is a good one', async (t) => {
  await using mock = await startMock({ fixtures: SMALL })
  const ends = [
    { now: '0001-01-01T00:00:00Z', says: '0001-01-01T00:00:00Z', date: 'Mon, 01 Jan 0001 00:00:00 GMT' },
    { now: '9999-12-31T23:59:59.999999Z', says: '9999-12-31T23:59:59.999968Z', date: 'Fri, 31 Dec 9999 23:59:59 GMT' },
  ]
  for (const { now, says, date } of ends)
    for (const frozen of [true, false]) {
      await mock.reset()
      if (frozen) await mock.clock.freeze()
      const { now: shown } = await mock.clock.set(now)
      t.equal(frozen ? shown : shown.slice(0, 16), frozen ? says : says.slice(0, 16), `${now}, frozen: ${frozen}`)
      if (!frozen && now > '2') t.equal((await mock.clock.get()).now, says, 'it stands still at the end')
      for (const path of [LIST, `${LIST}1/`, '/api/v3/schema/?format=json', '/-/health/live/', '/nothing']) {
        const answer = await ask(mock, { method: 'GET', path })
        t.ok(answer.status < 500, `${path}: ${answer.status}`)
        t.equal(String(answer.headers['date']).slice(0, 22), date.slice(0, 22), path)
        t.match(answer.headers['expires'] ?? '01 Jan 1970', /^.{0,8}[A-Z][a-z]{2} \d{4}\b/)
      }
      for (const { at } of await mock.requests()) t.match(at, /^\d{4}-\d\d-\d\dT/)
      t.equal((await mock.info()).clock.frozen, frozen)
      await mock.users.create({ username: `at ${now}` })
      await mock.fixtures.replace(await mock.fixtures.read())
      t.equal((await ask(mock, { method: 'GET', path: LIST })).status, 200)
    }
  await mock.reset()
  await mock.clock.freeze()
  await mock.clock.set('9999-12-31')
  t.match(await mock.clock.advance('-days=3652058'), { now: '0001-01-01T00:00:00Z' }, 'from end to end')
  t.match(await mock.clock.advance('days=3652058'), { now: '9999-12-31T00:00:00Z' }, 'and back')
})

t.test('one second before or after the expiry of a row may be out of the range', async (t) => {
  const rows = [
    { pk: 1, expires: '0001-01-01' },
    { pk: 2, expires: '9999-12-31T23:59:59.999999Z' },
    { pk: 3, expires: null },
    { pk: 4, expires: '0001-01-01T00:00:01Z' },
    { pk: 5, expires: '9999-12-31T23:59:58.9Z' },
  ]
  await using mock = await startMock({ fixtures: { refresh_tokens: rows.map((row) => ({ ...row, id_token: '{}' })) } })
  await mock.clock.freeze()
  await mock.clock.set(NOW)
  await isRefused(t, mock, 'before', () => mock.clock.stopBefore(1), { path: 'before', found: `1, ${OUT}` })
  await isRefused(t, mock, 'after', () => mock.clock.stopAfter(2), { path: 'after', found: `2, ${OUT}` })
  await isRefused(t, mock, 'never', () => mock.clock.stopAfter(3), { status: 422 })
  await isRefused(t, mock, 'no row', () => mock.clock.stopAfter(9), { status: 404 })
  t.equal((await mock.clock.stopBefore(4)).now, '0001-01-01T00:00:00Z')
  t.equal((await mock.clock.stopAfter(5)).now, '9999-12-31T23:59:59.900000Z')
  t.equal((await mock.clock.stopAfter(1)).now, '0001-01-01T00:00:01Z')
  t.equal((await mock.clock.stopBefore(2)).now, '9999-12-31T23:59:58.999968Z', 'as near as a double comes')
})

/** Moments that are none: `far` only once it is known what they count from. */
const BAD_MOMENTS = {
  far: ['days=2930000', '-days=740000', 'days=999999999', '-weeks=200000'],
  wrong: ['0000-12-31', '9999-12-31T23:59:59-01:00', 'days=9999999999', `hours=${nines}`, 'days=1e400', '10000-01-01'],
}
const MOMENTS: [section: string, field: string][] = [
  ['users', 'last_login'],
  ['users', 'date_joined'],
  ['users', 'password_change_date'],
  ['users', 'last_updated'],
  ['refresh_tokens', 'expires'],
  ['refresh_tokens', 'issued'],
  ['refresh_tokens', 'auth_time'],
]

t.test('a moment out of the range is a mistake wherever moments are given', async (t) => {
  await using mock = await startMock({ fixtures: SMALL })
  await mock.clock.freeze()
  await mock.clock.set(NOW)
  const rows: Record<string, RowsClient<object>> = { users: mock.users, refresh_tokens: mock.refreshTokens }
  for (const moment of [...BAD_MOMENTS.far, ...BAD_MOMENTS.wrong]) {
    const isFar = BAD_MOMENTS.far.includes(moment)
    const found = isFar ? `${JSON.stringify(moment)}, ${OUT}` : JSON.stringify(moment).slice(0, 57)
    // Every way with one moment of each sort, and every moment in one way.
    const isFirst = moment === BAD_MOMENTS.far[0] || moment === BAD_MOMENTS.wrong[0]
    for (const [section, field] of isFirst ? MOMENTS : MOMENTS.slice(0, 1)) {
      const row = { [field]: moment }
      const says = (path: string) => ({ path, found, allowed: isFar ? 'a moment in them' : 'years 1 to 9999' })
      const name = `${section} ${field} ${moment.slice(0, 40)}`
      const at = `${section}[0].${field}`
      const fixture = { [section]: [row] }
      await isRefused(t, mock, `${name}, created`, () => rows[section]?.create(row) as Promise<unknown>, says(field))
      await isRefused(t, mock, `${name}, merged`, () => mock.fixtures.merge(fixture), says(at))
      await isRefused(t, mock, `${name}, replaced`, () => mock.fixtures.replace(fixture), says(at))
      if (field !== 'issued' && field !== 'auth_time') {
        const key = section === 'users' ? 'jane' : 2
        await isRefused(
          t,
          mock,
          `${name}, changed`,
          () => rows[section]?.change(key, row) as Promise<unknown>,
          says(field),
        )
      }
      await t.rejects(
        startMock({ fixtures: fixture }),
        { name: 'FixtureError', mistakes: [says(at)] },
        `${name}, at start`,
      )
    }
    if (!isFirst) continue
    const token = { key: 'k', user: 'jane', expires: moment }
    const inline = { user: { username: 'n', last_login: moment } }
    const others: [name: string, change: () => Promise<unknown>, path: string][] = [
      ['a token', () => mock.tokens.create({ name: 'n', ...token }), 'expires'],
      ['a token, changed', () => mock.tokens.change('jane', { expires: moment }), 'expires'],
      ['a token, renamed', () => mock.tokens.change('jane', { name: 'n', expires: moment }), 'expires'],
      ['a token, merged', () => mock.fixtures.merge({ tokens: { n: token } }), 'tokens.n.expires'],
      ['a token with an odd name', () => mock.tokens.create({ name: 'a].b', ...token }), 'expires'],
      ['an inline user', () => mock.refreshTokens.create(inline), 'user.last_login'],
      ['an inline user of a token', () => mock.tokens.create({ name: 'n', key: 'k', ...inline }), 'user.last_login'],
    ]
    for (const [name, change, path] of others) await isRefused(t, mock, `${name} ${moment}`, change, { path, found })
  }
  const [captured] = JSON.parse((await ask(mock, { method: 'GET', path: LIST })).body).results as RefreshTokenBody[]
  const body = { ...captured, expires: '9999-12-31T23:59:59-01:00' }
  await isRefused(t, mock, 'a captured body', () => mock.fixtures.merge([body]), { path: '[0].expires' })
  const edges = { users: [{ username: 'edge', last_login: '-days=700000', date_joined: '0001-01-01' }] }
  await mock.fixtures.merge(edges)
  t.match(await mock.users.get('edge'), {
    last_login: '0109-08-21T05:06:07.000008Z',
    date_joined: '0001-01-01T00:00:00Z',
  })

  const file = t.testdir({ 'seeds.json': JSON.stringify({ users: [{ last_login: 'days=2930000' }] }) })
  t.match(await runHere(['validate', file]), { code: 2, stderr: `users[0].last_login: found "days=2930000", ${OUT}` })
})

t.test('a moment that is computed is in the range, or the row is refused', async (t) => {
  await using mock = await startMock({ fixtures: SMALL })
  await mock.clock.freeze()
  await mock.clock.set(NOW)
  await mock.providers.change(1, { refresh_token_validity: 'days=99999999' })
  const refused: [name: string, row: object, path: string, found: string][] = [
    ['an expiry', {}, 'expires', 'nothing, so days=99999999 (refresh_token_validity of provider 1) after its issue'],
    ['one of a row that never expires', { expires: null }, 'expires', 'null, so days=99999999'],
    ['one after an issue that is given', { issued: '2020-01-01' }, 'expires', 'nothing, so days=99999999'],
    [
      'an issue',
      { expires: 'days=1' },
      'issued',
      'nothing, so days=99999999 (refresh_token_validity of provider 1) before',
    ],
  ]
  for (const [name, row, path, found] of refused) {
    const whole = { user: 'jane', provider: 1, ...row }
    await isRefused(t, mock, name, () => mock.refreshTokens.create(whole), { path, found: `${found}` })
    const at = `refresh_tokens[0].${path}`
    await isRefused(t, mock, name, () => mock.fixtures.merge({ refresh_tokens: [whole] }), { path: at })
  }
  await isRefused(
    t,
    mock,
    'with a provider of its own',
    () => mock.refreshTokens.create({ provider: { name: 'Long', refresh_token_validity: '-days=9999999' } }),
    { path: 'expires', found: 'nothing, so -days=9999999 (refresh_token_validity of provider 2) after its issue' },
  )
  for (const validity of ['days=9999999999', `days=${nines}`, 'days=1e3', '10'])
    await isRefused(t, mock, validity, () => mock.providers.change(1, { refresh_token_validity: validity }), {
      path: 'refresh_token_validity',
      allowed: LONG,
    })
  const kept = await mock.refreshTokens.create({ user: 'jane', provider: 1, expires: 'days=1', issued: '-days=1' })
  t.equal(kept.expires, '2026-03-05T05:06:07.000008Z', 'whoever says both needs no validity')
  const text = await mock.refreshTokens.create({ user: 'jane', provider: 1, expires: null, id_token: '{}' })
  t.strictSame([text.expires, text.id_token], [null, '{}'], 'nor whoever says the id_token')
  const captured = JSON.parse((await ask(mock, { method: 'GET', path: `${LIST}${kept.pk}/` })).body)
  await mock.fixtures.merge([{ ...captured, pk: 77 }])
  t.equal(await bodyOf(mock, `${LIST}77/`), `200 ${JSON.stringify({ ...captured, pk: 77 })}`, 'nor a captured body')

  await mock.providers.change(1, { refresh_token_validity: 'days=30' })
  await mock.clock.set('9999-12-15')
  await isRefused(t, mock, 'near the end', () => mock.refreshTokens.create({ provider: 1 }), { path: 'expires' })
  await mock.clock.set('0001-01-02')
  await isRefused(t, mock, 'near the beginning', () => mock.refreshTokens.create({ provider: 1, expires: 'days=1' }), {
    path: 'issued',
  })
  t.equal((await mock.refreshTokens.create({ provider: 1 })).expires, '0001-02-01T00:00:00Z')
  t.equal((await ask(mock, { method: 'GET', path: LIST })).status, 200)
})

t.test('rows take other names where they can, or say why not', async (t) => {
  await using mock = await startMock({ fixtures: SMALL })
  await mock.clock.freeze()
  await mock.clock.set(NOW)
  const status = async (key: string) => (await ask({ ...mock, token: key }, { method: 'GET', path: LIST })).status
  const before = await mock.tokens.get('ada')
  t.strictSame(await mock.tokens.change('ada', { name: 'a/b c' }), { ...before, name: 'a/b c' }, 'it keeps all else')
  t.strictSame(await mock.tokens.get('a/b c'), { ...before, name: 'a/b c' })
  t.equal(await mock.tokens.get('ada').catch((error) => error.status), 404, 'the old name is gone')
  t.equal(await status('ada-key'), 200, 'the key is as good as before')
  await mock.clearRequests()
  await status('ada-key')
  t.match(await mock.requests(), [{ as: 'a/b c' }])
  t.strictSame(Object.keys((await mock.fixtures.read()).tokens ?? {}), ['jane', 'a/b c'])
  const changed = await mock.tokens.change('a/b c', { name: 'ada', key: 'ada-key-2', expires: null })
  t.strictSame(changed, { ...before, key: 'ada-key-2', expires: null }, 'back, with another key')
  t.strictSame([await status('ada-key'), await status('ada-key-2')], [403, 200])
  t.strictSame(await mock.tokens.change('ada', { name: 'ada' }), changed, 'its own name is no other')
  await mock.tokens.create({ name: 'a/b c', key: 'third', user: 'jane' })
  await mock.tokens.delete('a/b c')
  await mock.tokens.change('ada', { name: '__proto__' })
  t.equal((await mock.tokens.get('__proto__')).key, 'ada-key-2')
  await mock.tokens.change('__proto__', { name: 'ada' })

  const { tokens, users, groups, providers } = mock
  await mock.fixtures.merge({ users: [{ pk: 20, username: '11' }], providers: [{ pk: 2, name: 'Q', client_id: 'q' }] })
  const group = String((await groups.get('staff')).pk)
  const refused: [name: string, change: () => Promise<unknown>, wanted: object][] = [
    ['a token', () => tokens.change('ada', { name: 'jane' }), { status: 409 }],
    ['a token, and its key', () => tokens.change('ada', { name: 'new', key: 'jane-key' }), { path: 'key' }],
    ['no name', () => tokens.change('ada', { name: '' }), { path: 'name', found: '""' }],
    ['no text', () => tokens.change('ada', { name: 1 as never }), { path: 'name', found: '1' }],
    ['a name for nobody', () => tokens.change('none', { name: 'new' }), { status: 404 }],
    ['the name of --token', () => tokens.change('ada', { name: '--token' }), { path: 'name', found: '"--token"' }],
    ['another for --token', () => tokens.change('--token', { name: 'new' }), { path: 'name', allowed: /^"--token"/ }],
    ['a username', () => users.change('jane', { username: 'ada' }), { path: '', found: 'username "ada"' }],
    ['a group', () => groups.change('staff', { name: 'admins' }), { path: '', found: 'name "admins"' }],
    ['a provider', () => providers.change('Q', { name: 'P' }), { path: '', found: 'name "P"' }],
    ['the key of a user', () => users.change('jane', { pk: 12 }), { path: 'pk', allowed: '11' }],
    ['the key of a provider', () => providers.change(1, { pk: 2 }), { path: 'pk', allowed: '1' }],
    ['the key of a row', () => mock.refreshTokens.change(1, { pk: 2 }), { path: 'pk', allowed: '1' }],
    [
      'the key of a group',
      () => groups.change('staff', { pk: group.replace(/^./, 'f') }),
      { path: 'pk', allowed: group },
    ],
    ['a row that is there', () => users.create({ pk: 11 }), { status: 409 }],
    ['a number that is no key', () => users.change('1e1', { name: 'x' }), { status: 404 }],
    ...['issued', 'auth_time', 'claims', 'amr', 'nonce', 'at_hash', 'sid', 'jti'].map(
      (field): [string, () => Promise<unknown>, object] => {
        const value = { claims: {}, amr: [], issued: NOW, auth_time: NOW }[field] ?? 'x'
        return [field, () => mock.refreshTokens.change(1, { [field]: value }), { path: field, allowed: /new row/ }]
      },
    ),
  ]
  for (const [name, change, wanted] of refused) await isRefused(t, mock, name, change, wanted)
  t.match(await users.change(11, { username: 'joan', pk: 11 }), { username: 'joan' })
  t.match(await groups.change('staff', { name: 'crew', pk: group.toUpperCase() }), { name: 'crew', pk: group })
  t.match(await providers.change('Q', { name: 'R' }), { pk: 2, name: 'R' })
  t.match(await users.create({ username: '2' }), { username: '2' }, 'a name that looks like a key')
})

t.test('a group that is deleted leaves nothing behind', async (t) => {
  await using mock = await startMock({ fixtures: SMALL })
  await mock.groups.delete('staff')
  t.strictSame((await mock.users.get('jane')).groups, [])
  await using again = await startMock({ fixtures: await mock.fixtures.read() })
  t.strictSame((await again.users.get('jane')).groups, [])
  const made = await mock.users.create({ username: 'new', groups: [{ name: 'made' }] })
  t.strictSame(made.groups, [(await mock.groups.get('made')).pk])
  await mock.fixtures.replace(await mock.fixtures.read())
  t.not((await mock.groups.create({ name: 'later' })).pk, made.groups[0], 'no key is drawn twice')
  t.equal((await mock.groups.get('made')).name, 'made')
})

t.test('a plan that nobody carries out changes nothing, and uses up no key', async (t) => {
  const { snapshot } = await startWorld({ sources: [], generate: 3, seed: 1, token: 'k', begin: 0 })
  const database = createDatabase(snapshot, createClock())
  const source = { file: 'body', json: { users: [{ username: 'new' }], tokens: { new: { key: 'x', user: 'new' } } } }
  const plan = <T>(use: (plan: Plan) => T) => planSource(source, { database: () => database, seed: 1, use })
  await t.rejects(
    plan(() => {
      throw new Error('no answer')
    }),
    { message: 'no answer' },
  )
  const nextUser = () => database.newKeys('users')()
  const isPristine = () => database.isPristine(Object.keys(database.kinds))
  t.strictSame([database.version, isPristine(), nextUser()], [0, true, database.users.size + 1])
  await plan(({ changes }) => database.apply(changes))
  t.strictSame([database.version, isPristine(), nextUser()], [1, false, database.users.size + 1])
})

t.test('changes at once leave no row without its user', async (t) => {
  await using mock = await startMock({ fixtures: SMALL })
  for (let i = 0; i < 25; i++) {
    const username = `u${i}`
    const { pk } = await mock.users.create({ username })
    const row = await mock.refreshTokens.create({ user: username, provider: 1 })
    const path = `${LIST}${row.pk}/`
    const changes = [
      () => mock.refreshTokens.create({ user: username }),
      () =>
        mock.fixtures.merge({
          refresh_tokens: [{ user: username }],
          tokens: { [username]: { key: username, user: username } },
        }),
      () => mock.refreshTokens.change(row.pk, { revoked: true }),
      () => mock.users.change(username, { name: 'X' }),
      () => ask(mock, { method: 'DELETE', path }),
      () => mock.users.delete(pk),
    ]
    // Each turn in another order.
    const [first, second] = [changes.slice(i % changes.length), changes.slice(0, i % changes.length)]
    await Promise.allSettled([...first, ...second].map((change) => change()))
    if ((await ask(mock, { method: 'GET', path: LIST })).status !== 200) t.fail(`turn ${i}`)
    t.equal((await ask(mock, { method: 'GET', path })).status, 404)
  }
  t.equal((await mock.info()).counts['refresh_tokens'], 3)
  await startMock({ fixtures: await mock.fixtures.read() }).then((again) => again.close())
})

/** Good and bad values of the fields of each kind, by chance; what is good depends on what is there by then. */
const VALUES: Record<string, Record<string, unknown[]>> = {
  users: {
    pk: [50, 51, 52, 0, 'x', 2 ** 31],
    username: ['u1', 'u2', 'ada', 'x'.repeat(151)],
    groups: [['staff'], ['g1'], ['nobody'], [{ name: 'g1' }], [{ name: 'g2', parent: 'nobody' }]],
    last_login: ['2025-01-01', '-days=3', 'days=2930000', null, 5],
    email: ['a@b.c', 'nope'],
    is_active: [true, false, 'yes'],
    attributes: [{ a: 1 }, 'x'],
  },
  groups: {
    pk: ['11111111-2222-4333-8444-555555555555', 'x'],
    name: ['g1', 'g3', 'staff', 7],
    parent: ['staff', 'nobody', null],
    is_superuser: [false, 'no'],
  },
  providers: {
    pk: [5, 6, -1],
    name: ['N1', 'N2', 'P'],
    client_id: ['c1', 'c2', 'p'],
    application: [null, { slug: 's', name: 'S' }, { slug: 's' }],
    refresh_token_validity: ['days=1', 'days=99999999', 'days=9999999999', 'soon'],
  },
  refresh_tokens: {
    pk: [60, 61, 1, 2.5],
    user: ['jane', 10, 'u1', 'nobody', { username: 'n1' }, { username: 'n2', groups: ['nobody'] }],
    provider: [1, 'N1', 77, { name: 'N3' }, { name: 'N4', client_id: 'p' }],
    expires: ['days=9', '2027-01-01', null, '-days=9999999', '0000-01-01'],
    revoked: [true, false, 1],
    nonce: ['n'],
    id_token: ['{}', { a: 1 }, 3],
  },
  tokens: {
    name: ['t1', 't2', 'jane', '--token', ''],
    key: ['k1', 'k2', 'jane-key', 'a b'],
    user: ['jane', 10, 'nobody', { username: 'n3' }],
    expires: ['days=1', null, 'weeks=999999'],
    intent: ['api', 'none'],
  },
}
const KEYS: Record<string, (string | number)[]> = {
  users: ['jane', 10, 'u1', 50, 'nobody', '%00'],
  groups: ['staff', 'g1', 'g3', 'nobody'],
  providers: [1, 'P', 'N1', 5, 'nobody'],
  refresh_tokens: [1, 2, 4, 60, 99, 'x'],
  tokens: ['jane', 't1', 't2', 'nobody'],
}
/** What else is asked; one of each list. */
const OTHERS: [method: string, path: string, bodies: unknown[]][] = [
  [
    'PUT',
    '/clock',
    [
      { now: 'days=1' },
      { now: '2026-05-01', frozen: true },
      { now: 'days=2930000', frozen: false },
      { frozen: 'no' },
      { now: '0000-01-01', frozen: false },
    ],
  ],
  [
    'POST',
    '/clock/advance',
    [
      ...['days=1', '-hours=5', 'days=9999999', '-days=9999999', 'days=99999999999', 'x'].map((by) => ({ by })),
      ...[{ before: 1 }, { after: 2 }, { before: 99 }, { after: 3 }, { before: 1, after: 1 }, {}],
    ],
  ],
  [
    'POST',
    '/faults',
    [
      { path: '/never', status: 500 },
      { path: '/never/**', delay: 5, times: 2 },
      { path: '/never', status: 99 },
      { path: '/never', body: 'x' },
      { path: '/never', status: 500, headers: { Trailer: 'x' } },
      { path: '/never', preset: 'none' },
      { path: 5 },
    ],
  ],
  ['DELETE', '/faults/1', [undefined]],
  ['DELETE', '/faults/none', [undefined]],
  [
    'POST',
    '/stubs',
    [
      { path: '/never', text: '{{url}}' },
      { path: '/never/{id}/', status: 204, times: 2 },
      { path: '/never', text: '{{' },
      { path: '/never', text: 'x', body: 1 },
      { path: '/never', file: 'x' },
      { path: 'never' },
      {},
    ],
  ],
  ['POST', '/fixtures', [{ stubs: [{ path: '/never' }] }, { users: [{ username: 'u9' }], stubs: [{ path: 'never' }] }]],
  ['DELETE', '/stubs/1', [undefined]],
  ['DELETE', '/stubs/none', [undefined]],
  ['PUT', '/release', [{ release: '2026.2' }, { release: '2025.2' }, { release: '1.0' }, { release: 1 }, {}]],
  ['DELETE', '/worlds/none', [undefined]],
  ['POST', '/nothing', [{}]],
]

/** A request to a control route, by chance. */
function drawRequest(next: (below: number) => number): Request {
  const pick = <T>(list: T[]): T => list[next(list.length)] as T
  const sections = Object.keys(VALUES)
  const row = (section: string) => {
    const fields = Object.entries(VALUES[section] ?? {}).filter(() => next(3) === 0)
    // What stands first is good, and drawn more often.
    return Object.fromEntries(fields.map(([field, of]) => [field, of[Math.min(next(of.length), next(of.length))]]))
  }
  const withBody = (method: string, path: string, json: unknown): Request => {
    if (json !== undefined && next(20) === 0)
      return { method, path, body: pick(['{', '[1,]', 'x', '"x"', '{"zz": 1}']) }
    if (json !== undefined && next(25) === 0) return { method, path, body: '{}', type: 'text/plain' }
    return { method, path, ...(json !== undefined && { body: JSON.stringify(json) }) }
  }
  const fixture = () => {
    const lists = sections.filter((section) => section !== 'tokens' && next(3) === 0)
    const seeds: Record<string, unknown> = Object.fromEntries(
      lists.map((section) => [section, Array.from({ length: 1 + next(2) }, () => row(section))]),
    )
    const { name: _, ...token } = row('tokens')
    if (next(3) === 0) seeds['tokens'] = { [pick(['t1', 't3', 'jane'])]: { key: 'k3', user: 'jane', ...token } }
    return seeds
  }
  const section = pick(sections)
  switch (next(10)) {
    case 0:
    case 1:
    case 2:
      return withBody(
        'POST',
        `/${section}`,
        section === 'tokens' ? { name: 't4', key: 'k4', user: 10, ...row(section) } : row(section),
      )
    case 3:
    case 4:
      return withBody('PATCH', `/${section}/${pick(KEYS[section] ?? [])}`, row(section))
    case 5:
      return { method: 'DELETE', path: `/${section}/${pick((KEYS[section] ?? []).slice(1))}` }
    case 6:
      return withBody('POST', '/fixtures', fixture())
    case 7:
      return next(4) === 0
        ? withBody('PUT', '/fixtures', { ...SMALL, ...fixture() })
        : withBody('POST', '/fixtures', fixture())
    default: {
      const [method, path, bodies] = pick(OTHERS)
      return withBody(method, path, pick(bodies))
    }
  }
}

const SEEDS = [1, 2]
const STEPS = 120

/**
 * One mock is asked for good and bad changes, another only for those that the first one made. What was refused is as if
 * it had never been asked: the first mock is as it was before, and both stay the same, down to the keys of new rows.
 */
t.test('whatever is refused leaves the world as it was', async (t) => {
  for (const seed of SEEDS) {
    await using tried = await startMock({})
    await using spared = await startMock({})
    for (const name of ['', 'w']) {
      const next = random(seed * 100 + name.length)
      const [world, twin] = [tried, spared].map((mock) => (name === '' ? mock : mock.world(name))) as [Mock, Mock]
      for (const each of [world, twin]) {
        await each.clock.freeze()
        await each.clock.set(NOW)
        await each.fixtures.replace(SMALL)
      }
      let state = await stateOf(world)
      const counts = { made: 0, refused: 0 }
      for (let step = 0; step < STEPS; step++) {
        const drawn = drawRequest(next)
        const request = { ...drawn, path: `/_mock${drawn.path}` }
        const said = `seed ${seed}, step ${step}: ${request.method} ${request.path} ${request.body}`
        const answer = await ask(world, request)
        const after = await stateOf(world)
        if (answer.status >= 500) t.fail(`${said}: ${answer.status}`)
        if (!after.every((text) => text.startsWith('200'))) t.fail(`${said}: ${after.map((text) => text.slice(0, 3))}`)
        if (answer.status >= 400) {
          counts.refused++
          if (!/^\{"title":/.test(answer.body)) t.fail(`${said}: no problem`)
          if (String(after) !== String(state)) t.strictSame(after, state, `${said}: ${answer.body}`)
        } else {
          counts.made++
          const { status, body } = await ask(twin, request)
          if (status !== answer.status || body !== answer.body) t.strictSame({ status, body }, answer, said)
        }
        state = after
      }
      t.strictSame(await stateOf(twin), state, `seed ${seed}, world ${name}`)
      for (const each of [world, twin]) await each.fixtures.replace(await each.fixtures.read())
      t.strictSame(await stateOf(world), state, 'written out and loaded again, it is the same')
      t.ok(counts.made > 20 && counts.refused > 40, JSON.stringify(counts))
    }
    const names = async (mock: Mock) => (await mock.worlds()).map(({ name, changed }) => [name, changed])
    t.strictSame(await names(tried), await names(spared))
  }
})
