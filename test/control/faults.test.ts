import t from 'tap'
import { type Fault, type FaultSeed, startMock } from '../../src/index.js'
import { ask, behaves, LIST, SMALL, status } from './small-world.js'

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

behaves('whoever asks how the mock itself is uses up no fault, and is none of its clients', async (t, mock) => {
  await mock.faults.add({ status: 503, times: 1 })
  const as = (agent: string, path: string) => status(mock, path, { headers: { 'User-Agent': agent } })
  const live = await as('kube-probe/1.34', '/-/health/live/')
  t.ok(live === 200 || live === 204)
  t.equal(await as('authentik-mock-probe', '/-/health/ready/'), 200)
  t.match([await mock.requests(), await mock.faults.list()], [{ length: 0 }, [{ seen: 0 }]])
  t.equal((await mock.report()).requests, 0)
  await mock.faults.add({ path: '/-/health/ready/', status: 500, times: 1 })
  t.equal(await as('authentik-mock-probe', '/-/health/ready/'), 500, 'a fault of that path is for it')
  t.equal(await as('kube-probe/1.34', LIST), 503, 'another path is asked for by a client')
  await mock.faults.add({ status: 418, times: 1 })
  t.equal(await as('my-kube-probe/1', '/-/health/live/'), 418)
  t.match(await mock.requests(), { length: 2 })
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
  t.match(await wish('staus=500'), { status: 400, body: /staus: found an unknown preference; did you mean status\?/ })
  t.match(await ask(mock, `${LIST}1/`, { method: 'DELETE', headers: { 'X-Mock-Prefer': 'connection=drop, after' } }), {
    status: 0,
  })
  t.match(await ask(mock, `${LIST}1/`), { status: 404 })
  t.equal((await mock.requests({ status: 503 }))[0]?.fault, 'request')
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
