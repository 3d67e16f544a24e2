import t from 'tap'
import { startMock, worldFor } from '../../src/index.js'
import { ask, behaves, LIST, rowOf, rowsOf, SMALL, status } from './small-world.js'

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

behaves('a world is called by letters, digits, dots, underscores and hyphens', async (t, mock) => {
  const allowed = 'allowed: 1 to 64 letters, digits, ".", "_" and "-"'
  for (const name of ['a b', '', 'ä', 'a/b', 'x'.repeat(65), 'a\n'])
    t.throws(() => mock.world(name), new TypeError(`world: found ${JSON.stringify(name)}; ${allowed}`))
  t.match(await mock.world('x'.repeat(64)).info(), { world: 'x'.repeat(64) })
})

behaves('a control route that is not there is told which are', async (t, mock) => {
  const cases: [line: string, status: number, detail: string][] = [
    ['PUT /_mock/refresh_tokens/1', 405, '/_mock/refresh_tokens/1: found PUT; allowed: GET, PATCH, DELETE'],
    ['POST /_mock/openapi.json', 405, '/_mock/openapi.json: found POST; allowed: GET'],
    [
      'GET /_mock/tokens/issue/x/y',
      404,
      'GET /_mock/tokens/issue/x/y is not part of the control API; did you mean /_mock/tokens/issue?',
    ],
    ['GET /_mock/reset/?x', 405, '/_mock/reset/?x: found GET; allowed: POST'],
    ['POST /_mock/rest', 404, 'POST /_mock/rest is not part of the control API; did you mean /_mock/reset?'],
    [
      'GET /_mock/refresh_token/1/secret',
      404,
      'GET /_mock/refresh_token/1/secret is not part of the control API; did you mean /_mock/refresh_tokens/1/secret?',
    ],
    ['GET /_mock/users/1//', 404, 'GET /_mock/users/1// is not part of the control API; did you mean /_mock/users/1?'],
    ['PUT /_mock/users/1/', 405, '/_mock/users/1/: found PUT; allowed: GET, PATCH, DELETE'],
    ['GET /_mock/clock//', 404, 'GET /_mock/clock// is not part of the control API; did you mean /_mock/clock?'],
    ['GET /_mock/zzzzzz', 404, 'GET /_mock/zzzzzz is not part of the control API; see /_mock/openapi.json'],
    [
      `GET /_mock/${'z'.repeat(5000)}`,
      404,
      `GET /_mock/${'z'.repeat(5000)} is not part of the control API; see /_mock/openapi.json`,
    ],
  ]
  for (const [line, status, detail] of cases) {
    const [method = '', path = ''] = line.split(' ')
    const answer = await ask(mock, path, { method })
    t.match([answer.status, JSON.parse(answer.body).detail], [status, detail], line.slice(0, 60))
  }
})

behaves('every route that is described is served, however its path is written', async (t, mock) => {
  const { paths } = JSON.parse((await ask(mock, '/_mock/openapi.json')).body) as { paths: Record<string, object> }
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method): [string, string] => [method.toUpperCase(), path.replace(/\{\w+\}/g, '404404')]),
  )
  t.ok(operations.length > 100)
  const forms: ((path: string) => string)[] = [
    (path) => path,
    (path) => `${path.replace(/\/$/, '')}/`,
    (path) =>
      path.replaceAll('_mock/', '_mock/%').replace(/%(.)/, (_, letter) => `%${letter.charCodeAt(0).toString(16)}`),
  ]
  for (const form of forms)
    for (const [method, path] of operations) {
      if (path === '/_mock/' || path === '/_mock/requests/events') continue
      const { status, body } = await ask(mock, form(path), { method })
      t.notMatch(body, /is not part of the control API/, `${method} ${form(path)}`)
      t.not(status, 405)
    }
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
  const { origin, pathname } = new URL(mock.url)
  for (const [name, path] of Object.entries((await mock.info()).links)) {
    t.equal(path, `${pathname === '/' ? '' : pathname}/_mock/${name}`, 'a link of this world')
    t.equal((await fetch(origin + path)).status, 200, path)
  }
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
