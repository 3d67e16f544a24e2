import t from 'tap'
import { type Mock, startMock } from '../../src/index.js'
import { send, sendRaw, type WireAnswer } from '../http.js'
import { serve } from '../process.js'

const LIST = '/api/v3/oauth2/refresh_tokens/'
const KEY = 'authentik-mock-token'
const EVIL = 'http://evil.example'

type Headers = Record<string, string | string[] | null>

function ask(mock: { url: string }, path: string, headers: Headers = {}, method = 'GET'): Promise<WireAnswer> {
  return send(mock.url, { method, path, headers: { Authorization: `Bearer ${KEY}`, ...headers } })
}

/** All that a request could touch: the worlds in their order, the journals, the faults and how often they struck. */
async function touched(mock: Mock): Promise<unknown> {
  const worlds = await mock.worlds()
  const of = async (world: Mock) => [await world.requests(), await world.faults.list(), await world.fixtures.read()]
  const known = []
  for (const { name } of worlds.toReversed()) known.push(await of(mock.world(name)))
  return [worlds, await of(mock), known]
}

const PASSES = [
  '127.0.0.1',
  '127.0.0.1:9000',
  '127.8.9.1',
  '192.168.1.20:9000',
  '203.0.113.9',
  '[::1]',
  '[::1]:9000',
  '[::ffff:127.0.0.1]:80',
  '[2001:DB8::1]',
  'localhost',
  'localhost:9000',
  'localhost:',
  'LOCALHOST',
  'localhost.',
  'authentik',
  'my_mock:9000',
  'authentik-mock.',
  'mock.localhost',
  'a.b.local',
  'host.docker.internal:9000',
  'Mock.Test.',
  'mock.default.svc',
  'mock.default.svc.cluster.local:80',
]

const REFUSED = [
  'evil.example',
  'evil.example:9000',
  'EVIL.EXAMPLE.',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  '127.0.0.1.nip.io',
  'local.example',
  'notlocal.xlocal',
  'mock.svc.evil',
  'evil.example:80@127.0.0.1',
  'localhost@evil.example',
  'localhost:80:80',
  'localhost:99999',
  'localhost:x',
  'localhost/evil.example',
  'localhost?',
  'localhost,evil.example',
  '.local',
  'a..local',
  '.',
  '',
  '::1',
  '[::1',
  '[::1].',
  '[evil.example]',
  '[::1%25lo]',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '127.1',
  '127.0.0.256',
  '1.2.3.4.5',
  '%31%32%37.0.0.1',
  'b\xfccher.test',
]

t.test('control requests are judged by the name that they come under', async (t) => {
  await using mock = await startMock({ allowHost: ['Mock.Example.COM', 'other.example.'] })
  await mock.world('w').info()
  const before = await touched(mock)
  for (const path of ['/_mock/', '/_mock/fixtures', '/@w/_mock/fixtures', '/@new/_mock/'])
    for (const Host of REFUSED) {
      const answer = await ask(mock, path, { Host })
      t.match(
        answer,
        {
          status: 403,
          headers: { 'content-type': /^application\/problem\+json/ },
          body: /"detail":"Host: found .*allowed: an address, a name without a dot, .*--allow-host NAME/,
        },
        `${path} under ${Host}`,
      )
      t.notMatch(answer.body, /superuser-key|authentik-mock-token/, 'and nothing of it is told')
    }
  t.strictSame(await touched(mock), before, 'and nothing was touched')
  for (const Host of [...PASSES, 'mock.example.com', 'MOCK.example.com.:80', 'other.example'])
    t.equal((await ask(mock, '/_mock/', { Host })).status, 200, Host)
  t.equal((await ask(mock, '/_mock/', { Host: 'www.mock.example.com' })).status, 403, 'a name below an allowed one')
})

t.test('every control route is judged, whatever the method, and before the key', async (t) => {
  await using mock = await startMock({ controlToken: 'hush' })
  const document = JSON.parse((await ask(mock, '/_mock/openapi.json', { Authorization: 'Bearer hush' })).body)
  const routes = Object.entries(document.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => [method.toUpperCase(), path.replace(/\{\w+\}/, '1')] as const),
  )
  t.ok(routes.length > 40, `${routes.length} routes`)
  const others = ['OPTIONS', 'HEAD', 'TRACE'].map((method) => [method, '/_mock/fixtures'] as const)
  for (const path of ['/_mock/stubs', '/_mock/stubs/{id}', '/_mock/ca.pem']) t.ok(document.paths[path], path)
  for (const [method, path] of [...routes, ...others, ['GET', '/_mock/nothing'], ['GET', '/_mock/%zz']] as const)
    for (const headers of [{ Host: 'evil.example' }, { Origin: EVIL }, { 'Sec-Fetch-Site': 'cross-site' }] as Headers[])
      for (const prefix of ['', '/@w'])
        if ((await ask(mock, prefix + path, { Authorization: 'Bearer hush', ...headers }, method)).status !== 403)
          t.fail(`${method} ${prefix}${path} with ${JSON.stringify(headers)}`)
})

t.test('odd forms of a name get nobody in', async (t) => {
  await using mock = await startMock({})
  const raw = (target: string, ...lines: string[]) =>
    sendRaw(mock.url, `GET ${target} HTTP/1.1\r\n${[...lines, 'Connection: close', '', ''].join('\r\n')}`)
  const forms: [name: string, status: number, target: string, ...lines: string[]][] = [
    ['an absolute target of another name', 403, 'http://evil.example/_mock/', 'Host: localhost'],
    ['and the other way round', 403, 'http://localhost/_mock/', 'Host: evil.example'],
    ['an absolute target', 200, 'http://localhost:9000/_mock/', 'Host: localhost'],
    ['in another case', 200, 'HTTP://LOCALHOST/_mock/', 'Host: localhost'],
    ['with a user', 403, 'http://localhost@evil.example/_mock/', 'Host: localhost'],
    ['with an empty name', 403, 'http:///_mock/', 'Host: localhost'],
    ['two hosts', 403, '/_mock/', 'Host: localhost', 'Host: evil.example'],
    ['two hosts, in the other order', 403, '/_mock/', 'Host: evil.example', 'Host: localhost'],
    ['the same host twice', 403, '/_mock/', 'Host: localhost', 'Host: localhost'],
    ['a world by an absolute target', 403, 'http://evil.example/@w/_mock/', 'Host: localhost'],
    ['a query that looks like a control path', 302, '/@w?/_mock/', 'Host: localhost'],
    ['spaces around', 200, '/_mock/', 'Host:   localhost  '],
  ]
  for (const [name, status, target, ...lines] of forms) t.equal((await raw(target, ...lines)).status, status, name)
  t.strictSame(
    [(await mock.worlds()).map(({ name, requests }) => [name, requests]), await mock.requests()],
    [[['w', 1]], []],
    'one of them was a request to a world, and none drove it',
  )
  const old = await sendRaw(mock.url, 'GET /_mock/ HTTP/1.0\r\n\r\n')
  t.match(old, { status: 200 }, 'HTTP/1.0 needs no Host, and no browser speaks it')
})

/** What browsers say of a page of another site. */
const FOREIGN: Headers[] = [
  { Origin: EVIL },
  { Origin: 'null' },
  { Origin: 'http://localhost:1' },
  { Origin: 'https://localhost' },
  { Origin: 'http://LOCALHOST.evil.example' },
  { Origin: '' },
  { Origin: EVIL, 'Sec-Fetch-Site': 'same-origin' },
  { Origin: EVIL, Host: 'evil.example' },
  { 'Sec-Fetch-Site': 'cross-site' },
  { 'Sec-Fetch-Site': 'same-site' },
  { 'Sec-Fetch-Site': 'CROSS-SITE' },
  { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' },
  { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' },
]
const NAVIGATION = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }

t.test('a page of another site touches no world, no fault and no journal', async (t) => {
  await using mock = await startMock({ worlds: 2 })
  const [a, b] = [mock.world('a'), mock.world('b')]
  for (const world of [a, b, mock]) await world.faults.add({ status: 500, times: 1 })
  await mock.faults.clear()
  const before = await touched(mock)
  const paths = [
    '/_mock/',
    '/_mock/fixtures',
    '/@a/_mock/',
    '/@new/_mock/',
    `/@a${LIST}`,
    `/@a${LIST}1/`,
    '/@a',
    '/@new',
  ]
  for (const headers of FOREIGN)
    for (const path of [...paths, `/@new${LIST}`, '/@a//x', '/@new/%zz', '/@new/-/health/live/'])
      for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS', 'HEAD']) {
        const answer = await ask(mock, path, headers, method)
        if (answer.status !== 403 || !/^application\/problem/.test(String(answer.headers['content-type'])))
          t.fail(`${method} ${path} with ${JSON.stringify(headers)}: ${answer.status}`)
      }
  for (const path of ['/_mock/', '/@a/_mock/', '/@new/_mock/', `/@new${LIST}`])
    t.equal((await ask(mock, path, NAVIGATION)).status, 403, `a link to ${path}`)
  for (const method of ['POST', 'HEAD', 'DELETE'])
    t.equal((await ask(mock, `/@a${LIST}`, NAVIGATION, method)).status, 403, `a form that sends ${method}`)
  t.strictSame(await touched(mock), before)
  t.match(await ask(mock, `/@a${LIST}`, FOREIGN[0]), {
    body: /"a web page of http:\/\/evil.example may not use a world; /,
  })
  t.match(await ask(mock, `/@new${LIST}`, NAVIGATION), {
    body: /"there is no world new, and a web page may not create one"/,
  })

  t.equal(
    (await ask(mock, '/@a/application/o/authorize/', NAVIGATION)).status,
    500,
    'a redirect leads to a world that is there',
  )
  t.equal(await a.countRequests(), 1, 'and is a request as any other')
})

t.test('who is no page of another site is answered', async (t) => {
  await using mock = await startMock({})
  const { host } = new URL(mock.url)
  const own: Headers[] = [
    {},
    { Origin: mock.url },
    { Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin' },
    { 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' },
    { 'Sec-Fetch-Site': 'same-origin' },
    { Host: 'mock:9000', Origin: 'http://mock:9000' },
    { Host: 'Mock.Local:80', Origin: 'http://mock.local' },
    { Host: '[::1]:9000', Origin: 'http://[::1]:9000' },
    { Referer: `${EVIL}/` },
  ]
  for (const [i, headers] of own.entries()) {
    t.equal((await ask(mock, '/_mock/', headers)).status, 200, `control with ${JSON.stringify(headers)}`)
    t.equal((await ask(mock, `/@w${i}${LIST}`, headers)).status, 200, `a new world with ${JSON.stringify(headers)}`)
  }
  t.equal((await mock.worlds()).length, own.length)
  for (const headers of [...FOREIGN, NAVIGATION]) {
    const said = JSON.stringify(headers)
    t.equal((await ask(mock, LIST, headers)).status, 200, `without a prefix, authentik asks for no page: ${said}`)
  }
  t.equal(await mock.countRequests({ path: LIST }), FOREIGN.length + 1, 'and they are noted')
})

t.test('under a name that may not drive it, a world is used but not begun', async (t) => {
  await using mock = await startMock({ worlds: 1 })
  const Host = 'authentik.example.com'
  await mock.world('there').info()
  t.match(await ask(mock, `/@new${LIST}`, { Host }), {
    status: 403,
    body: /Host: found \\"authentik.example.com\\"; .*to begin a world under it/,
  })
  t.strictSame(
    (await mock.worlds()).map(({ name }) => name),
    ['there'],
  )
  t.equal((await ask(mock, `/@there${LIST}`, { Host })).status, 200)
  t.equal((await ask(mock, LIST, { Host })).status, 200)
})

t.test('a control request that is refused begins no world, and moves none to the front', async (t) => {
  await using mock = await startMock({ worlds: 2, controlToken: 'hush' })
  const control = (path: string, method: string, body = '', headers: Headers = {}) =>
    send(mock.url, {
      method,
      path,
      body,
      headers: { Authorization: 'Bearer hush', 'Content-Type': 'application/json', ...headers },
    })
  await mock.world('a').info()
  await mock.world('b').info()
  const refusals: [status: number, path: string, method: string, body?: string, headers?: Headers][] = [
    [401, '/_mock/', 'GET', '', { Authorization: null }],
    [404, '/_mock/nothing', 'GET'],
    [404, '/_mock/users/nobody', 'GET'],
    [404, '/_mock/users/nobody', 'DELETE'],
    [404, '/_mock/faults/9', 'DELETE'],
    [404, '/_mock/worlds/none', 'DELETE'],
    [400, '/_mock/users', 'POST', '{'],
    [400, '/_mock/users', 'POST', '{"pk": "x"}'],
    [400, '/_mock/refresh_tokens', 'POST', '{"user": "nobody"}'],
    [400, '/_mock/fixtures', 'PUT', '{"users": 1}'],
    [400, '/_mock/clock/advance', 'POST', '{"by": "days=9999999"}'],
    [400, '/_mock/release', 'PUT', '{"release": "1.0"}'],
    [400, '/_mock/%zz', 'GET'],
    [415, '/_mock/users', 'POST', 'x', { 'Content-Type': 'text/plain' }],
  ]
  for (const [status, path, method, body, headers] of refusals)
    for (const world of ['/@a', '/@new'])
      t.equal((await control(world + path, method, body, headers)).status, status, `${method} ${world}${path} ${body}`)
  t.strictSame(
    (await mock.worlds()).map(({ name }) => name),
    ['b', 'a'],
  )
  const made = await Promise.all(['x', 'y', 'z'].map((username) => mock.world('new').users.create({ username })))
  t.equal(new Set(made.map(({ pk }) => pk)).size, 3, 'many at once begin one world')
  t.strictSame(
    (await mock.worlds()).map(({ name }) => name),
    ['new', 'b'],
  )

  const waiting = mock.world('later').waitForRequests({ wait: 20 })
  await ask(mock, `/@later${LIST}`)
  t.equal((await waiting).count, 1, 'one waits for the first request to a world')
  await mock.world('new').close()
  t.strictSame(
    (await mock.worlds()).map(({ name }) => name),
    ['later'],
    'what was ended stays so',
  )
})

t.test('what browsers ask every site for uses up no fault that names no path', async (t) => {
  await using mock = await startMock({})
  const theirs = [
    '/favicon.ico',
    '/favicon.svg',
    '/favicon-32x32.png',
    '/robots.txt',
    '/browserconfig.xml',
    '/apple-touch-icon.png',
    '/apple-touch-icon-precomposed.png',
    '/apple-touch-icon-120x120-precomposed.png',
    '/apple-app-site-association',
    '/.well-known/appspecific/com.chrome.devtools.json',
    '/.well-known/apple-app-site-association',
    '/.well-known/change-password',
    '/.well-known/traffic-advice',
    '/.well-known/security.txt',
  ]
  for (const world of [mock, mock.world('w')]) {
    await world.faults.add({ status: 500, times: 1 })
    const prefix = new URL(world.url).pathname.replace(/\/$/, '')
    for (const path of theirs) t.equal((await ask(mock, prefix + path)).status, 404, prefix + path)
    t.match(await world.faults.list(), [{ seen: 0, struck: 0 }])
    t.equal((await ask(mock, prefix + LIST)).status, 500, 'it was meant for this one')
    for (const path of [
      '/.well-known/openid-configuration',
      '/application/o/x/.well-known/openid-configuration',
      '/x/favicon.ico',
    ]) {
      await world.faults.clear()
      await world.faults.add({ status: 500, times: 1 })
      t.equal((await ask(mock, prefix + path)).status, 500, path)
    }
    await world.faults.clear()
    await world.faults.add({ status: 503, path: '/favicon.*' })
    t.equal((await ask(mock, `${prefix}/favicon.ico`)).status, 503, 'a fault that names the path')
  }
})

t.test('names are allowed by flag, by variable, by the library', async (t) => {
  const status = async (url: string, Host: string) => (await ask({ url }, '/_mock/', { Host })).status
  await using flags = await serve(['--allow-host', 'a.example', '--allow-host', 'b.example'])
  await using variable = await serve([], { AUTHENTIK_MOCK_ALLOW_HOST: 'a.example,b.example' })
  await using one = await startMock({ allowHost: 'a.example' })
  for (const url of [flags.url, variable.url])
    t.strictSame(
      [await status(url, 'a.example'), await status(url, 'b.example'), await status(url, 'c.example')],
      [200, 200, 403],
    )
  t.strictSame([await status(one.url, 'a.example'), await status(one.url, 'b.example')], [200, 403])
  for (const bad of ['a.example:80', 'http://a.example', '*', '*.example', 'a b', '', 'a/b', '[::1]', '.example'])
    await t.rejects(
      startMock({ allowHost: bad }),
      { message: /^allowHost: found .*; allowed: the name of a host, such as mock\.example\.com/ },
      bad,
    )
})
