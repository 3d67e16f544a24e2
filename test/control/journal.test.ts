import t from 'tap'
import { startMock } from '../../src/index.js'
import { send } from '../http.js'
import { ask, behaves, LIST } from './small-world.js'

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
    { status: 404, reason: 'the id is not an integer' },
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

t.test('who asks as an OAuth2 client is told by its client id, and by nothing else', async (t) => {
  const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` })
  const secret = 'grafana-client-secret'
  const asked: [path: string, headers: Record<string, string>, body: string, client: string | null][] = [
    ['token', basic(`grafana:${secret}`), 'grant_type=client_credentials', 'grafana'],
    ['token', basic(`grafana:${secret}`), 'grant_type=refresh_token&refresh_token=none', 'grafana'],
    ['token', {}, `grant_type=nope&client_id=grafana&client_secret=${secret}`, 'grafana'],
    ['token', {}, 'grant_type=authorization_code&client_id=field-app', 'field-app'],
    ['introspect', basic(`grafana:${secret}`), 'token=none', 'grafana'],
    ['revoke', basic(`grafana:${secret}`), 'token=none', 'grafana'],
    ['token', basic('grafana:wrong-secret'), 'grant_type=client_credentials', null],
    ['token', basic(`nobody:${secret}`), 'grant_type=client_credentials', null],
    ['token', {}, 'grant_type=refresh_token', null],
    ['introspect', basic('grafana:wrong-secret'), 'token=none', null],
  ]
  await using mock = await startMock()
  for (const [path, headers, body] of asked) {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded', ...headers }
    await send(mock.url, { method: 'POST', path: `/application/o/${path}/`, headers: form, body })
  }
  await ask(mock, LIST)
  const entries = await mock.requests()
  t.strictSame(
    entries.map(({ as, client }) => [as, client]),
    [...asked.map(([, , , client]) => [null, client]), ['--token', null]],
  )
  t.notMatch(JSON.stringify(entries), /-secret/)
})
