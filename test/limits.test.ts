import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { cacheOpener } from '../src/authentik/caches.js'
import { globOf } from '../src/control/glob.js'
import { markdownTable } from '../src/format/markdown.js'
import { FixtureError, type Mock, MockError, type Seeds, startMock } from '../src/index.js'
import { resultTexts } from '../src/upstream/row-texts.js'
import { createArrays } from '../src/world/arrays.js'
import { send } from './http.js'
import { runHere } from './process.js'
import { random } from './random.js'
import { connectTo, statusesIn } from './socket.js'

const LIST = '/api/v3/oauth2/refresh_tokens/'
const json = JSON.stringify

/** As a superuser, in a world or without one. */
function ask(
  world: Mock,
  path: string,
  rest: { method?: string; headers?: Record<string, string>; body?: string } = {},
) {
  const { origin, pathname } = new URL(world.url)
  const headers = { Authorization: `Bearer ${world.token}`, ...rest.headers }
  return send(origin, { ...rest, path: (pathname === '/' ? '' : pathname) + path, headers })
}

/** What a call of the control API is refused with. */
async function refusal(call: Promise<unknown>): Promise<MockError> {
  const error = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(error instanceof MockError)) throw new Error(`not refused: ${error}`)
  return error
}

t.test('no request takes long: if time grew with the square of the length, this test would time out', async (t) => {
  await using mock = await startMock()
  const cases: [name: string, parts: string[], of: (filling: string) => { path: string; headers?: object }][] = [
    ['path', ['?', '/', './', '%', '%25', '%D9%A1', 'a', ';a='], (filling) => ({ path: `/x${filling}` })],
    ['id', ['1', '1_', '%D9%A1', '%20', '+', '*'], (filling) => ({ path: `${LIST}${filling}/` })],
    ['query', ['&', '=', 'a&', 'a=1&', '%', '+', '?'], (filling) => ({ path: `${LIST}?${filling}` })],
    ['user', ['1', '1_', '%D9%A1', '%20', '+', ','], (filling) => ({ path: `${LIST}?user=${filling}` })],
    ['UUID', ['{', '}', '-', 'urn:'], (filling) => ({ path: `/api/v3/core/users/?groups_by_pk=x${filling}x` })],
    ['search', ['a,', 'a%20'], (filling) => ({ path: `/api/v3/core/users/?search=${filling}` })],
    ['ordering', [',', 'a,', '-', '%20'], (filling) => ({ path: `${LIST}?ordering=${filling}` })],
    ['Accept', [',', 'a,', ';', '/', 'a/b;q=1,'], (filling) => ({ path: LIST, headers: { Accept: filling } })],
    ['Accept-Language', [',', 'a-', 'a;'], (filling) => ({ path: LIST, headers: { 'Accept-Language': filling } })],
    ['Cookie', [';', '; ', 'a='], (filling) => ({ path: LIST, headers: { Cookie: filling } })],
    ['X-Mock-Prefer', [',', '=', 'after,', '1'], (filling) => ({ path: LIST, headers: { 'X-Mock-Prefer': filling } })],
    ['control', ['1', '%25', '/'], (filling) => ({ path: `/_mock/users/${filling}x` })],
  ]
  for (const [name, parts, of] of cases)
    for (const part of parts) {
      const { path, headers } = of(part.repeat(300_000 / part.length))
      const { status } = await ask(mock, path, headers && { headers: headers as Record<string, string> })
      t.ok(status >= 200 && status < 500, `${name} of ${part}: ${status}`)
    }
  t.ok((await mock.requests({ limit: 1000 })).length > 40, 'the journal is read at once')
  t.match(await mock.report(), { requests: Number })
})

t.test('path patterns', async (t) => {
  const cases: [pattern: string, yes: string[], no: string[]][] = [
    ['/a/*/c', ['/a/b/c', '/a//c'], ['/a/b/b/c', '/a/c', '/a/b/c/']],
    ['/a/**', ['/a/', '/a/b', '/a/b/c'], ['/a', '/b/a/']],
    ['**', ['', '/', '/a/b'], []],
    ['*', ['', 'a'], ['/', 'a/b']],
    ['**/used_by/', ['/a/1/used_by/', '/used_by/'], ['/a/used_by', '/used_by/x']],
    ['/*.json', ['/a.json', '/.json'], ['/ajson', '/a/b.json']],
    ['/a?(b)[c]', ['/a?(b)[c]'], ['/ab', '/a']],
    ['/*a*b', ['/ab', '/xaxbxab'], ['/xaxbx', '/a/b']],
    ['/a*/**b', ['/a/b', '/axx/yy/b'], ['/axb', '/ax/']],
    [
      `/${'a'.repeat(70)}*${'b'.repeat(70)}`,
      [`/${'a'.repeat(71)}${'b'.repeat(72)}`],
      [`/${'a'.repeat(70)}${'b'.repeat(69)}`],
    ],
  ]
  for (const [pattern, yes, no] of cases) {
    for (const path of yes) t.equal(globOf(pattern)(path), true, `${pattern} ${path}`)
    for (const path of no) t.equal(globOf(pattern)(path), false, `${pattern} ${path}`)
  }
})

t.test('any pattern matches as the regular expression that it stands for', async (t) => {
  const next = random(7)
  const text = (from: string, length: number) => Array.from({ length }, () => from[next(from.length)]).join('')
  let matches = 0
  for (let i = 0; i < 20_000; i++) {
    const long = text('a', next(70))
    const pattern = long + text('ab/*', next(8)) + long + text('*a', next(3))
    const path = long + text('ab/', next(9)) + long + text('a', next(3))
    const source = pattern.replace(/\*+/g, (stars) => (stars === '*' ? '[^/]*' : '.*'))
    const expected = new RegExp(`^${source}$`).test(path)
    if (expected) matches++
    if (globOf(pattern)(path) !== expected) t.fail(`${pattern} ${path}: not ${expected}`)
  }
  t.ok(matches > 1000)
})

t.test('no pattern takes long', async (t) => {
  await using mock = await startMock()
  const bad = `/**${'a**'.repeat(60)}b`
  const fault = await mock.faults.add({ path: bad, status: 500 })
  await mock.faults.add({ path: `/${'*a'.repeat(99)}`, status: 500 })
  for (let i = 0; i < 50; i++) await ask(mock, `/${'a'.repeat(4090)}`)
  t.equal((await ask(mock, `/${'a'.repeat(100)}b`)).status, 500)
  t.match(await mock.faults.get(fault.id), { seen: 1, struck: 1 })
  t.equal(await mock.countRequests({ path: bad }), 1)
  t.equal(await mock.countRequests({ path: `/${'*a'.repeat(90)}` }), 50)
})

t.test(
  'no redirect URI that is a regular expression holds up the others, and each matches what it should',
  async (t) => {
    await using mock = await startMock()
    const slow = ['(a+)+', '(a|aa)+b', '(.*a){30}', '^(([a-z])+.)+[A-Z]([a-z])+$', '(?P<x>a+)+(?P=x)b', '((a*)*)*\\Z']
    const wide = ['x)|(?:https://evil.example/', '(?m)https://line.example/']
    const expressions = [...slow, ...wide, '(', '(?P<host>https://[a-z]+)\\.example\\.com/cb', 'x'.repeat(100_000)]
    await mock.providers.create({
      name: 'P',
      client_id: 'p',
      client_secret: 'hush',
      redirect_uris: expressions.map((url) => ({ matching_mode: 'regex', url })),
    })
    const exchange = async (redirect_uri: string) => {
      const client = { grant_type: 'authorization_code', client_id: 'p', client_secret: 'hush', code: 'none' }
      const answer = await fetch(`${mock.url}/application/o/token/`, {
        method: 'POST',
        body: new URLSearchParams({ ...client, redirect_uri }),
      })
      return ((await answer.json()) as { error: string }).error
    }
    for (const text of ['a'.repeat(40), 'a'.repeat(9999), 'a'.repeat(10_001), 'a'.repeat(1_000_000)])
      t.equal(await exchange(`${text}!`), 'invalid_client', `${text.length}`)
    for (let i = 0; i < 20; i++) await exchange(`${'a'.repeat(40)}!`)
    t.equal(await exchange('https://app.example.com/cb'), 'invalid_grant', 'it is listed')
    t.equal(await exchange('https://app.example.com/cb/'), 'invalid_client')
    t.equal(await exchange('https://evil.example/'), 'invalid_client', 'a bracket too many is no expression')
    t.equal(await exchange('https://line.example/'), 'invalid_grant')
    t.equal(
      await exchange('https://evil.example/\nhttps://line.example/'),
      'invalid_client',
      'one line is not the whole',
    )
  },
)

t.test('no form takes long', async (t) => {
  await using mock = await startMock()
  const MB = 1_200_000
  const part = (head: string) => `--x\r\nContent-Disposition: form-data${head}\r\n\r\n1\r\n--x--`
  const bodies = [
    ...['&', '=', '%', '+', '%41', '%ff', 'a=1&'].map((text) => text.repeat(MB / text.length)),
    ...[';', ';a=', ';"', '; name="', '\\"'].map((text) => part(text.repeat(MB / text.length))),
    ...['--x\r\n\r\n', part(''), '\r\n--x'].map((text) => text.repeat(MB / text.length)),
  ]
  for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
    for (const body of bodies) {
      const headers = { 'Content-Type': type }
      const { status } = await send(mock.url, { method: 'POST', path: '/application/o/token/', body, headers })
      t.ok(status === 400 || status === 405, `${type} ${body.slice(0, 60)}`)
    }
  for (const filling of [';', ';a=', ';a="b"', ';"']) {
    const headers = { 'Content-Type': `multipart/form-data${filling.repeat(900_000 / filling.length)}` }
    t.match(await send(mock.url, { method: 'POST', path: '/application/o/token/', body: 'x', headers }), {
      status: 405,
    })
  }
})

t.test('patterns and faults have limits, which are said', async (t) => {
  await using mock = await startMock()
  const long = '*'.repeat(201)
  const allowed = /^a path without a query, of at most 200 characters, .*; \*/
  for (const call of [() => mock.faults.add({ path: long }), () => mock.requests({ path: long })]) {
    const { status, problem } = await refusal(call())
    t.match({ status, problem }, { status: 400, problem: { mistakes: [{ path: 'path', found: /^"\*{56}/, allowed }] } })
  }
  const large = await refusal(mock.faults.add({ status: 200, body: 'x'.repeat(1024 * 1024) }))
  t.match(large, { status: 400, message: /found a fault of 10486\d\d bytes; allowed: at most 1048576 bytes/ })
  for (let i = 0; i < 100; i++) await mock.faults.add({ status: 500, path: '/x' })
  const more = await refusal(mock.faults.add({ status: 500 }))
  t.match(more, { status: 422, message: 'found 100 faults in this world; allowed: 100' })
  t.equal((await mock.world('other').faults.add({ status: 500 })).id, '1', 'in another world there is room')
})

t.test('a request has up to 20 findings, each once', async (t) => {
  await using mock = await startMock()
  await ask(mock, `${LIST}?ordering=${'a,'.repeat(90_000)}a`)
  await ask(mock, `${LIST}?ordering=${Array.from({ length: 30_000 }, (_, i) => `a${i}`).join()}`)
  await ask(mock, `${LIST}?${Array.from({ length: 500 }, (_, i) => `p${i}=1`).join('&')}`)
  await ask(mock, `${LIST}?ordering=a`)
  const entries = await mock.requests()
  t.strictSame(
    entries.map(({ findings, further }) => [findings.length, further]),
    [
      [1, 0],
      [20, 30_000 - 20],
      [20, 500 - 20],
      [1, 0],
    ],
  )
  t.ok(json(entries).length < 20_000)
  const { findings, dropped } = await mock.report()
  t.equal(findings.find(({ found }) => found === 'ordering=a')?.count, 2, 'two requests')
  t.equal(dropped, 30_000 + 500 - 40)
})

t.test('the journals of all worlds share a limit in bytes: the largest makes room', async (t) => {
  await using mock = await startMock({ journalBytes: 100_000 })
  const [quiet, loud] = [mock.world('quiet'), mock.world('loud')]
  for (let i = 0; i < 5; i++) await ask(quiet, `${LIST}${i}/`)
  const fill = async (world: Mock) => {
    for (let i = 0; i < 60; i++) await ask(world, `/${'x'.repeat(3000)}${i}`)
  }
  await fill(loud)
  const heard = await loud.waitForRequests({ wait: 0, limit: 1000 })
  t.ok(heard.dropped > 30 && heard.count > 5, `${heard.dropped} dropped`)
  t.equal(heard.dropped + heard.count, 60)
  t.match(heard.requests.at(-1)?.path, /x59$/, 'the latest are there')
  t.ok(json(heard.requests).length < 100_000)
  t.match(await quiet.waitForRequests({ wait: 0 }), { count: 5, dropped: 0 })

  for (let i = 0; i < 3; i++) {
    const passing = mock.world()
    await fill(passing)
    await passing.close()
  }
  await loud.close()
  await mock.clearRequests()
  for (let i = 0; i < 10; i++) await ask(mock, `/${'x'.repeat(3000)}${i}`)
  t.match(await mock.waitForRequests({ wait: 0 }), { count: 10, dropped: 0 }, 'what ended takes no room')
})

t.test('bodies are counted in, however they come', async (t) => {
  await using mock = await startMock({ journalBytes: 100_000 })
  for (let i = 0; i < 100; i++) await ask(mock, LIST, { method: 'POST', body: 'z'.repeat(9000) })
  const { count, dropped } = await mock.waitForRequests({ wait: 0 })
  t.ok(count < 25 && count + dropped === 100, `${count} kept`)
  const { hostname, port } = new URL(mock.url)
  const socket = connect({ port: Number(port), host: hostname, noDelay: true })
  socket.write(`POST ${LIST}x/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`)
  for (let i = 0; i < 5000; i++) socket.write(`1\r\n${i % 10}\r\n`)
  socket.write('0\r\n\r\nGET /end HTTP/1.1\r\nHost: x\r\n\r\n')
  await mock.waitForRequests({ path: '/end', wait: 20 })
  socket.destroy()
  const [entry] = await mock.requests({ path: `${LIST}x/` })
  t.equal(entry?.body, '0123456789'.repeat(410).slice(0, 4096))
})

t.test('kept answers, and kept orders, share a limit whichever world they are of', async (t) => {
  const openKeep = cacheOpener(1_000_000)
  const body = () => ({ plain: Buffer.alloc(50_000), after: 0, until: 9 })
  const keeps = Array.from({ length: 30 }, openKeep)
  for (const [i, keep] of keeps.entries()) keep.put(i % 2 === 0 ? 1 : 'page', body())
  const kept = keeps.map((keep, i) => keep.get(i % 2 === 0 ? 1 : 'page', 5) !== undefined)
  t.strictSame(kept, [...Array(21).fill(false), ...Array(9).fill(true)], 'the latest')
  t.equal(keeps[29]?.get(1, 5), undefined, 'each keep has names of its own')

  const arrays = createArrays(1_000_000)
  const owners = Array.from({ length: 30 }, () => arrays.open<Int32Array>())
  const first = owners.map((owner) => owner.set('all', new Int32Array(12_500)))
  const again = owners.map((owner, i) => owner.get('all') === first[i])
  t.equal(again.filter(Boolean).length, 19)
})

t.test('with room for nothing, answers do not change', async (t) => {
  const options = { generate: 200, seed: 3 }
  await using plain = await startMock(options)
  await using poor = await startMock({ ...options, cacheBytes: 1, journalBytes: 0 })
  for (const mock of [plain, poor]) {
    await mock.refreshTokens.change(5, { revoked: true })
    await mock.serveAs('2026.2')
  }
  for (const query of ['', '?ordering=-user,pk', '?user=2', '?provider=2&page_size=3&page=2', '5/', '6/']) {
    const [a, b] = [await ask(plain, LIST + query), await ask(poor, LIST + query)]
    t.equal(a.body, b.body, query)
  }
  t.match(await poor.waitForRequests({ wait: 0 }), { count: 0, dropped: 6 })
})

/** Sends a request, and does not read the answer. */
function begin(url: string, path: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`, () => resolve(socket))
    })
    socket.on('error', reject)
  })
}

t.test('of a form that was read, the journal counts what it keeps', async (t) => {
  await using mock = await startMock({ journalBytes: 100_000 })
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  /** In chunks: its length is not known before. */
  async function post(form: string): Promise<void> {
    const body = new Blob([form]).stream()
    const answer = await fetch(`${mock.url}/application/o/token/`, { method: 'POST', headers, body, duplex: 'half' })
    t.match(await answer.json(), { error: 'invalid_client' })
  }
  for (let i = 0; i < 50; i++) await post(`client_id=c${i}`)
  const all = await mock.requests()
  t.strictSame([all.length, all[0]?.body, all[49]?.body], [50, 'client_id=c0', 'client_id=c49'])
  await mock.clearRequests()
  await post(`client_id=${'x'.repeat(100_000)}`)
  t.equal(await mock.countRequests(), 1)
})

t.test('of what a reason quotes, the beginning is kept', async (t) => {
  await using mock = await startMock()
  const path = '/application/o/token/'
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  await send(mock.url, { method: 'POST', path, headers, body: `client_id=${'x'.repeat(1_000_000)}` })
  const [{ reason } = { reason: null }] = await mock.requests()
  t.match(reason, /^there is no client "xxx/)
  t.equal(reason?.length, 4096)
})

t.test('behind a request that waits, a connection is read so far and no further', async (t) => {
  const mock = await startMock()
  await mock.faults.add({ path: '/slow/', delay: 60_000 })
  using connection = await connectTo(mock.url)
  const long = `GET /slow/ HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(16_000)}\r\n\r\n`
  // More than the operating system holds on the way.
  void connection.sends(long.repeat(2000))
  // Each turn there is time to read a piece of it.
  for (let turn = 0; turn < 200; turn++) await ask(mock, LIST)
  t.ok(connection.socket.writableLength > 0, 'it is not read to its end')
  t.match(await mock.faults.list(), [{ seen: 1 }], 'one is handled at a time')
  await mock.faults.clear()
  await mock.close()
  const statuses = statusesIn(await connection.ends())
  t.ok(statuses.length > 0 && statuses.every((status) => status === 404))
})

t.test('behind a request that waits for a moment, any number of others is answered in order', async (t) => {
  await using mock = await startMock()
  await mock.faults.add({ path: '/slow/', delay: 20 })
  using connection = await connectTo(mock.url)
  const others = 3000
  const request = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`
  const body = 'Content-Length: 5000\r\n\r\n'
  await connection.sends(request('/slow/') + request(LIST).repeat(others) + request('/slow/'))
  await connection.sends(`POST ${LIST} HTTP/1.1\r\nHost: a\r\n${body}${'x'.repeat(5000)}`)
  await connection.sends(request('/last', 'Connection: close\r\n'))
  t.strictSame(statusesIn(await connection.ends()), [404, ...Array(others).fill(403), 404, 403, 404])
})

t.test('a body that breaks off while its request waits for its turn is answered all the same', async (t) => {
  await using mock = await startMock({ logLevel: 'silent' })
  await mock.faults.add({ path: '/slow/', delay: 50 })
  const form = 'Content-Type: application/x-www-form-urlencoded'
  const requests = [
    `POST /application/o/token/ HTTP/1.1\r\nHost: localhost\r\n${form}`,
    'POST /_mock/fixtures HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json',
  ]
  for (const head of requests) {
    using connection = await connectTo(mock.url)
    const broken = `${head}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`
    await connection.sends(`GET /slow/ HTTP/1.1\r\nHost: localhost\r\n\r\n${broken}`)
    t.strictSame(statusesIn(await connection.ends()), [404, 400], head)
  }
})

t.test('who sends hundreds of requests at once is one client among others', async (t) => {
  await using mock = await startMock({ logLevel: 'silent' })
  await mock.info() // loads the control API
  using connection = await connectTo(mock.url)
  const requests = 900
  await connection.sends(`GET ${LIST} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(requests))
  const answered = await mock.countRequests()
  t.ok(answered < requests / 2, `${answered} of ${requests} answered before another client was`)
  t.equal((await mock.waitForRequests({ wait: 30, count: requests, limit: 0 })).count, requests)
})

t.test('who waits for requests and goes away waits no longer, and not too many wait', async (t) => {
  await using mock = await startMock()
  const path = '/_mock/requests?wait=30&count=5'
  await mock.info() // loads the control API
  const tooMany = async () => (await send(mock.url, { path: '/_mock/requests?wait=0.001&count=5' })).status
  const sockets = await Promise.all(Array.from({ length: 100 }, () => begin(mock.url, path)))
  const until = async (status: number) => {
    for (let turn = 0; turn < 1000; turn++) if ((await tooMany()) === status) return true
    return false
  }
  t.ok(await until(429), 'a hundred are enough')
  const { body, headers } = await send(mock.url, { path })
  t.match(headers['content-type'], /^application\/problem\+json/)
  t.match(JSON.parse(body), {
    title: 'Too Many Requests',
    status: 429,
    detail: 'found 100 requests that wait in this world; allowed: 100',
  })
  t.equal((await mock.world('other').waitForRequests({ wait: 0 })).count, 0, 'in another world there is room')
  for (const socket of sockets) socket.destroy()
  t.ok(await until(200), 'they are gone')
  for (let round = 0; round < 5; round++)
    for (const socket of await Promise.all(Array.from({ length: 100 }, () => begin(mock.url, path)))) socket.destroy()
  t.ok(await until(200), 'and five hundred more are')
})

t.test('a delay ends once its client is gone, and the change that was asked for is made', async (t) => {
  await using mock = await startMock({ logLevel: 'silent' })
  const authorization = `Host: a\r\nAuthorization: Bearer ${mock.token}\r\n`
  const requests: [method: string, path: string, more?: string][] = [
    ['DELETE', `${LIST}1/`],
    ['DELETE', `${LIST}2/`],
    ['GET', `${LIST}3/`],
    ['GET', '/stub/'],
    ['GET', '/x/', 'X-Mock-Prefer: delay=60000\r\n'],
  ]
  const texts = requests.map(([method, path, more = '']) => `${method} ${path} HTTP/1.1\r\n${authorization}${more}\r\n`)
  const together = texts.join('')
  const gone = (socket: Socket) => void socket.resetAndDestroy()
  const cases: [sent: string, leave: (socket: Socket) => void, answered: number, deleted: number[]][] = [
    ...texts.map((sent, i): (typeof cases)[number] => [sent, (socket) => void socket.destroy(), 1, [i + 1]]),
    // Of one that is gone, what stands behind a request that waits is not looked at any more.
    [together, gone, 1, [1]],
    // One that sends nothing more may still wait for answers.
    [together, (socket) => void socket.end(), 5, [1, 2]],
  ]
  for (const [sent, leave, answered, deleted] of cases) {
    await mock.reset()
    await mock.faults.add({ path: `${LIST}1/`, delay: 60_000 })
    await mock.faults.add({ path: `${LIST}2/`, delay: 60_000, after: true })
    await mock.faults.add({ path: `${LIST}3/`, preset: 'too-slow' })
    await mock.stubs.add({ path: '/stub/', delay: 60_000 })
    const connection = await connectTo(mock.url)
    await connection.sends(sent)
    const hasCome = async () => (await mock.faults.list()).reduce((sum, { seen }) => sum + seen, 0)
    const stubs = async () => (await mock.stubs.list()).reduce((sum, { seen }) => sum + seen, 0)
    const isWished = sent === texts[4]
    while (!isWished && (await hasCome()) + (await stubs()) === 0);
    t.equal(await mock.countRequests(), 0, 'it waits')
    leave(connection.socket)
    t.equal((await mock.waitForRequests({ wait: 30, count: answered })).count, answered, sent)
    for (const pk of [1, 2]) {
      const { status } = await send(mock.url, { path: `/_mock/refresh_tokens/${pk}` })
      t.equal(status, deleted.includes(pk) ? 404 : 200, `${pk} after ${sent.slice(0, 60)}`)
    }
  }
})

t.test('who waits is told in time', async (t) => {
  await using mock = await startMock({ journal: 50, logLevel: 'silent' })
  const world = mock.world('w')
  const waiting = world.waitForRequests({ path: `${LIST}*/`, count: 3, wait: 20 })
  await begin(mock.url, `/@w${LIST}1/`).then((socket) => socket.destroy())
  await ask(world, `${LIST}1/`)
  await world.clearRequests()
  for (const pk of [1, 2]) await ask(world, `${LIST}${pk}/`)
  await ask(world, LIST)
  await ask(world, `${LIST}3/`)
  t.equal((await waiting).count, 3, 'counted from the clearing on')

  const many = world.waitForRequests({ path: '/x/**', count: 200, wait: 20 })
  for (let i = 0; i < 200; i++) await ask(world, `/x/${i}`)
  t.match(await many, { count: 50 }, 'more than the journal holds')

  const ended = world.waitForRequests({ path: '/never', wait: 20 })
  while ((await mock.worlds()).length === 0);
  await world.close()
  t.equal((await ended).count, 0, 'its world ended')
})

/** An object in an object, so many times. */
function nested(levels: number): { [key: string]: unknown } {
  let value: { [key: string]: unknown } = {}
  for (let i = 1; i < levels; i++) value = { a: value }
  return value
}

const nestedText = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`
const TOO_DEEP = 'objects and lists nested more than 100 deep'

t.test('who reads a long journal holds nobody up', async (t) => {
  await using mock = await startMock({ logLevel: 'silent', journal: 1000 })
  const path = `/x?${'%25%3D&'.repeat(570)}`
  await Promise.all(Array.from({ length: 300 }, () => send(mock.url, { path })))
  t.equal(await mock.countRequests(), 300, 'control is there')
  const order: string[] = []
  const read = new Promise<void>((resolve, reject) => {
    const asked = request(`${mock.url}/_mock/requests?limit=1000`, (answer) => {
      order.push('the journal')
      answer.resume().once('end', resolve)
    })
    asked.once('error', reject).end()
  })
  await send(mock.url, { path: '/-/health/live/' })
  order.push('another')
  await read
  t.strictSame(order, ['another', 'the journal'])
})

t.test('for who waited for requests and went away nobody reads the journal', async (t) => {
  await using mock = await startMock({ logLevel: 'silent' })
  const path = `/x?${'%25%3D&'.repeat(570)}`
  await Promise.all(Array.from({ length: 100 }, () => send(mock.url, { path })))
  /** The processor time of reading all of it once, after something else. */
  async function costOf(before: () => Promise<unknown>): Promise<number> {
    const begun = process.cpuUsage()
    await before()
    t.equal((await mock.requests({ limit: 100 })).length, 100)
    const { user, system } = process.cpuUsage(begun)
    return user + system
  }
  await costOf(async () => {}) // loads the control API
  const once = await costOf(async () => {})
  const withOthers = await costOf(async () => {
    const waiting = Array.from({ length: 60 }, () => begin(mock.url, '/_mock/requests?wait=30&count=999'))
    for (const socket of await Promise.all(waiting)) socket.destroy()
  })
  t.ok(withOthers < 20 * once, `${withOthers} µs, ${once} µs for one`)
})

t.test('JSON is nested 100 levels deep at the most, wherever it comes in', async (t) => {
  await using mock = await startMock({
    fixtures: { users: [{ username: 'jane' }], refresh_tokens: [{ pk: 1, user: 'jane' }] },
  })
  const before = json(await mock.fixtures.read())
  const put = (method: string, path: string, body: string) =>
    send(mock.url, { method, path, headers: { 'Content-Type': 'application/json' }, body })
  for (const levels of [101, 5000, 50_000, 1_000_000]) {
    const deep = nestedText(levels)
    const cases: [method: string, path: string, body: string, mistake: RegExp][] = [
      ['PATCH', '/_mock/users/jane', `{"attributes":${deep}}`, /^attributes\.a\.a\.a\.a\.a\.a\.a\.a\.a…$/],
      ['POST', '/_mock/users', `{"attributes":{"x":[1,${deep}]}}`, /^attributes\.x\[1\]\.a\.a\.a\.a\.a\.a\.a…$/],
      ['POST', '/_mock/fixtures', `{"users":[{},{"attributes":${deep}}]}`, /^users\[1\]\.attributes\.a\./],
      ['PUT', '/_mock/fixtures', `[${'['.repeat(levels)}${']'.repeat(levels)}]`, /^\[0\]\[0\]\[0\]/],
      ['POST', '/_mock/faults', `{"status":200,"body":${deep}}`, /^body\.a\./],
      ['PUT', '/_mock/clock', '['.repeat(levels), /^\[0\]/],
    ]
    for (const [method, path, body, mistake] of cases) {
      const answer = await put(method, path, body)
      const problem = JSON.parse(answer.body)
      t.match(
        { status: answer.status, mistakes: problem.mistakes },
        { status: 400, mistakes: [{ path: mistake, found: TOO_DEEP, allowed: 'at most 100 levels' }] },
        `${method} ${path} ${levels}`,
      )
    }
  }
  t.equal(json(await mock.fixtures.read()), before, 'nothing changed')
  t.equal((await ask(mock, `${LIST}1/`)).status, 200)
})

t.test('what is not too deep is served, written out, and read again', async (t) => {
  await using mock = await startMock({
    fixtures: { users: [{ username: 'jane' }], refresh_tokens: [{ pk: 1, user: 'jane' }] },
  })
  const refused = await refusal(mock.users.change('jane', { attributes: nested(98) as never }))
  t.match(refused.problem.mistakes, [{ path: /^attributes\.a/, found: TOO_DEEP }], 'by its place among all users')
  await mock.users.change('jane', { attributes: nested(97) as never })
  const { body } = await ask(mock, `${LIST}1/`)
  t.strictSame(JSON.parse(body).user.attributes, nested(97))
  await using again = await startMock({ token: mock.token, fixtures: await mock.fixtures.read() })
  t.equal((await ask(again, `${LIST}1/`)).body, body)
})

t.test('objects of the library: too deep, in a circle, in many places', async (t) => {
  const circle: { [key: string]: unknown } = { a: [1] }
  circle['b'] = { c: [circle] }
  const shared = { x: 1 }
  const mistakes: [attributes: object, path: RegExp, found: string][] = [
    [nested(101), /attributes\.a\.a/, TOO_DEEP],
    [nested(50_000), /attributes\.a\.a/, TOO_DEEP],
    [circle, /attributes\.b\.c\[0\]$/, 'an object that holds itself'],
  ]
  const users = (attributes: object) => ({ users: [{ username: 'jane', attributes }] }) as Seeds
  await using mock = await startMock({ fixtures: users({ a: shared, b: [shared, shared] }) })
  for (const [attributes, path, found] of mistakes) {
    const error = await startMock({ fixtures: users(attributes) }).catch((error) => error)
    t.ok(error instanceof FixtureError)
    t.match(error.mistakes, [{ file: 'fixtures', path, found }])
    const refused = await refusal(mock.users.change('jane', { attributes: attributes as never }))
    t.match(refused, { status: 400, problem: { mistakes: [{ path, found }] } })
  }
})

t.test('files that are too deep, and rows of a target that are', async (t) => {
  const folder = t.testdir({
    'deep.json': `{"users":[{"username":"a","attributes":${nestedText(50_000)}}]}`,
    'lists.json': '['.repeat(2_000_000),
    'fine.json': `{"users":[{"username":"a","attributes":${nestedText(97)}}]}`,
  })
  const { code, stderr } = await runHere(['validate', join(folder, 'deep.json'), join(folder, 'lists.json')])
  t.equal(code, 2)
  t.match(stderr, `deep.json: users[0].attributes.a.a.a.a.a.a.a…: found ${TOO_DEEP}; allowed: at most 100 levels\n`)
  t.match(stderr, `lists.json: [0][0][0][0][0][0][0][0][0][0]…: found ${TOO_DEEP}`)
  t.match(await runHere(['validate', join(folder, 'fine.json')]), { code: 0, stdout: /^fine: / })

  const row = (id_token: string, more = '') =>
    `{"pk":1,"provider":{"pk":1},"user":{"pk":1},"id_token":${json(id_token)}${more}}`
  const cases: [row: string, said: RegExp][] = [
    [
      row('{}', `,"x":${nestedText(20_000)}`),
      /answers 200 .*, which is nested deeper than 100 levels; allowed: an authentik\n$/,
    ],
    [row(nestedText(20_000)), /the id_token of row 1 is nested too deep; allowed: at most 100 levels\n$/],
  ]
  for (const [body, said] of cases) {
    const server = createServer((_, response) =>
      response.end(`{"pagination":{"count":1,"next":0},"results":[${body}]}`),
    ).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const ended = await runHere(['capture', '--target', target, '--token', 'k', '--rate', '10000'])
    t.match(ended, { code: 2, stdout: '', stderr: said })
    server.close()
  }
})

t.test('a body holds so many values and no more, whatever they are', async (t) => {
  await using mock = await startMock()
  const { counts } = await mock.info()
  const most = 500_000
  const list = (value: string, count: number) => `[${`${value},`.repeat(count - 1)}${value}]`
  const bodies: [method: string, path: string, body: string, found: number][] = [
    ['POST', 'fixtures', `{"users":${list('{}', most / 2)}}`, most + 2],
    ['POST', 'fixtures', `{"users":${list('1', most)}}`, most + 2],
    ['POST', 'users', `{"username":"x","attributes":{"a":${list('{}', most)}}}`, 2 * most + 4],
    ['POST', 'users', `{${'"a":1,'.repeat(most)}"b":1}`, most + 2],
  ]
  for (const [method, path, body, found] of bodies) {
    const answer = await ask(mock, `/_mock/${path}`, { method, body, headers: { 'Content-Type': 'application/json' } })
    t.equal(answer.status, 400, path)
    t.match(JSON.parse(String(answer.body)), { detail: `found ${found} values; allowed: at most ${most} at once` })
  }
  t.strictSame((await mock.info()).counts, counts)
  const text = `"${'[{,'.repeat(most)}"`
  const { status } = await ask(mock, '/_mock/users', {
    method: 'POST',
    body: `{"username":"x","name":"x","attributes":{"a":${text}}}`,
    headers: { 'Content-Type': 'application/json' },
  })
  t.equal(status, 201, 'a text is one value')
})

t.test('bodies with many mistakes are refused in time, and never taken', async (t) => {
  await using mock = await startMock()
  const users = Array.from({ length: 3000 }, (_, i) => ({ username: `user-number-${i}`, name: 'x' }))
  await mock.fixtures.merge({ users })
  const counts = (await mock.info()).counts
  const many = (length: number, make: (i: number) => unknown) => Array.from({ length }, (_, i) => make(i))
  const bodies: [name: string, body: object, mistakes: number][] = [
    ['unknown fields', { users: [Object.fromEntries(many(20_000, (i) => [`x${i}`, 1]) as [string, number][])] }, 1],
    ['users of another type', { refresh_tokens: many(20_000, () => ({ user: true })) }, 500],
    ['users that are not there', { refresh_tokens: many(20_000, (i) => ({ user: `user-numbr-${i}` })) }, 20_000],
    ['a long name that is not there', { refresh_tokens: [{ user: '1'.repeat(5_000_000) }] }, 1],
    ['a long name that ends otherwise', { refresh_tokens: [{ user: `${'1'.repeat(5_000_000)}x` }] }, 1],
    ['a long field', { users: [{ ['username'.repeat(500_000)]: 1 }] }, 1],
  ]
  for (const [name, body, mistakes] of bodies) {
    const { status, problem } = await refusal(mock.fixtures.merge(body))
    t.equal(status, 400, name)
    t.ok((problem.mistakes?.length ?? 0) >= mistakes, `${name}: ${problem.mistakes?.length}`)
    t.ok(Math.max(...(problem.mistakes ?? []).map(({ path, found }) => path.length + found.length)) < 300, name)
  }
  t.strictSame((await mock.info()).counts, counts)
  const rows = many(20_000, (i) => ({ user: `user-number-${i % 3000}`, provider: 1 }))
  t.match(await mock.fixtures.merge({ refresh_tokens: rows }), { counts: { refresh_tokens: 20_000 } })
})

t.test('texts of others, which a quadratic search would never end with', async (t) => {
  t.strictSame(resultTexts(`{"results":[{"a":1}${'"\\'.repeat(500_000)}`), ['{"a":1}'])
  t.equal(markdownTable(['a'], [[`x${' '.repeat(500_000)}y\n  z`]]).endsWith('y z |'), true)
})
