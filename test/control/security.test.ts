import t from 'tap'
import { connectMock, startMock } from '../../src/index.js'
import { send, sendRaw } from '../http.js'
import { random } from '../random.js'
import { ask, LIST, SMALL, status } from './small-world.js'

t.test('nobody else drives the mock', async (t) => {
  await using mock = await startMock({ fixtures: SMALL, controlToken: 'hush' })
  const bare = await connectMock(mock.url).catch((error) => error)
  const key = 'allowed: Bearer, and the key of --control-token (controlToken in the library)'
  t.equal(bare.message, `the authentik-mock at ${mock.url} refuses: Authorization: found nothing; ${key}`)
  const wrong = await connectMock(mock.url, { controlToken: 'wrong' }).catch((error) => error)
  t.equal(wrong.message, `the authentik-mock at ${mock.url} refuses: Authorization: found something else; ${key}`)
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
  t.match(await reset({ Origin: 'http://evil.example' }), { status: 403, body: /may not control the mock/ })
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

t.test('mocks of one process share the routes of the control API, and nothing else', async (t) => {
  await using open = await startMock({ fixtures: SMALL, seed: 1 })
  await using locked = await startMock({ fixtures: SMALL, seed: 2, controlToken: 'hush', webPath: '/auth/' })
  await using other = await startMock({ fixtures: SMALL, seed: 3, controlToken: 'whisper', worlds: 5 })
  const key = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } })
  const statuses = async (path: string) =>
    await Promise.all([
      status(open, `/_mock/${path}`),
      ask(locked, `/_mock/${path}`, key('hush')).then((answer) => answer.status),
      ask(locked, `/_mock/${path}`, key('whisper')).then((answer) => answer.status),
      ask(other, `/_mock/${path}`, key('whisper')).then((answer) => answer.status),
      ask(other, `/_mock/${path}`, key('hush')).then((answer) => answer.status),
      status(other, `/_mock/${path}`),
    ])
  t.strictSame(await statuses(''), [200, 200, 401, 200, 401, 401])

  await locked.clock.set('2031-01-01T00:00:00Z')
  await other.refreshTokens.create({ pk: 77 })
  t.strictSame(await statuses('refresh_tokens/77'), [404, 404, 401, 200, 401, 401])
  const webPaths = await Promise.all([open, locked, other].map(async (mock) => (await mock.info()).web_path))
  t.strictSame(webPaths, ['/', '/auth/', '/'])
  t.match([(await locked.clock.get()).now, (await open.clock.get()).now], [/^2031/, /^(?!2031)/])

  const documents = [await ask(open, '/_mock/openapi.json'), await ask(locked, '/_mock/openapi.json', key('hush'))].map(
    ({ body }) => JSON.parse(body),
  )
  t.strictSame(
    documents.map(({ security, components }) => [security, Object.keys(components)]),
    [
      [undefined, ['schemas']],
      [[{ key: [] }], ['schemas', 'securitySchemes']],
    ],
  )
  t.strictSame(documents[0].paths, documents[1].paths)
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
      if (method === 'get' || method === 'delete' || /(?:reset|clean-up)$/.test(path)) {
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
  t.match(
    await (await fetch(`${mock.url}/_mock/users`, { method: 'POST', body: new URLSearchParams({ a: 'b' }) })).json(),
    {
      detail: 'Content-Type: found another one, or none; allowed: application/json',
    },
  )
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
    message:
      /^no authentik-mock answers at .*: the answer was 404, and did not come from a mock, or came from one with --no-control$/,
  })
})
