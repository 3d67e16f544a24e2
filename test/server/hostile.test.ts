import type { Socket } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { startMock } from '../../src/index.js'
import { send } from '../http.js'
import { PROGRAM, runShell } from '../process.js'
import { random } from '../random.js'
import { connectTo, statusesIn } from '../socket.js'

const LIST = '/api/v3/oauth2/refresh_tokens/'
const GOOD = `GET ${LIST} HTTP/1.1\r\nHost: a\r\n\r\n`
const DELAYED = `GET ${LIST} HTTP/1.1\r\nHost: a\r\nX-Mock-Prefer: delay=30\r\n\r\n`
const POLL = 'GET /_mock/requests?wait=0.03&count=1000 HTTP/1.1\r\nHost: a\r\n\r\n'
const head = (lines: string, path = LIST, method = 'POST') => `${method} ${path} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`
const TUNNEL = 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n'
const CHUNKED = 'Transfer-Encoding: chunked\r\n'
const JSON_CHUNKED = `${CHUNKED}Content-Type: application/json\r\n`
const FORM = head(`${CHUNKED}Content-Type: application/x-www-form-urlencoded\r\n`, '/application/o/token/')
const FAULT = '1b\r\n{"status": 503, "times": 9}\r\n'

t.test('what is no request ends its connection, after what was asked before it, and nobody else notices', async (t) => {
  await using mock = await startMock({ generate: 1500, fixtures: [] })
  const bigList = head(`Authorization: Bearer ${mock.token}\r\n`, `${LIST}?page_size=1500`, 'GET')
  const patch = head(`${JSON_CHUNKED}Authorization: Bearer ${mock.token}\r\n`, '/api/v3/core/users/1/', 'PATCH')
  const huge = `GET / HTTP/1.1\r\nX: ${'x'.repeat(1_100_000)}\r\n\r\n`
  const cases: [name: string, packets: string[], statuses: number[]][] = [
    ['a broken chunk', [`${head(CHUNKED)}zz\r\n`], [403]],
    ['a broken chunk in a packet of its own', [head(CHUNKED), 'zz\r\n'], [403]],
    ['a broken chunk after a good one', [head(CHUNKED), '1\r\na\r\n', 'zz\r\n'], [403]],
    ['a broken chunk, the answer delayed', [`${head(`${CHUNKED}X-Mock-Prefer: delay=30\r\n`)}zz\r\n`], [403]],
    ['a coding that nobody knows', [`${head('Transfer-Encoding: xchunked\r\n')}zz\r\n`], [400]],
    ['a coding that nobody knows, and no body', [head('Transfer-Encoding: xchunked\r\n')], [400]],
    ['two codings', [head('Transfer-Encoding: gzip, chunked\r\n'), 'zz\r\n'], [400]],
    ['a length and a coding', [head(`Content-Length: 1\r\n${CHUNKED}`)], [400]],
    ['two lengths', [head('Content-Length: 1\r\nContent-Length: 2\r\n')], [400]],
    ['garbage', ['hello there\r\n\r\n'], [400]],
    ['garbage that goes on', ['zz\r\n', 'zz\r\n', 'zz\r\n'], [400]],
    ['garbage behind a request', [`${GOOD}zz\r\n\r\n`], [403, 400]],
    ['garbage behind two requests', [`${GOOD}${GOOD}zz\r\n\r\n`], [403, 403, 400]],
    ['garbage behind an answer', [GOOD, 'zz\r\n\r\n'], [403, 400]],
    ['garbage behind a delayed request', [DELAYED, 'zz\r\n\r\n', 'zz\r\n\r\n'], [403, 400]],
    ['garbage behind two delayed requests', [`${DELAYED}${GOOD}${DELAYED}zz\r\n\r\n`], [403, 403, 403, 400]],
    ['garbage behind a body', [`${head('Content-Length: 2\r\n')}{}zz\r\n\r\n`], [403, 400]],
    ['garbage behind a big list', [`${bigList}zz\r\n\r\n`], [200, 400]],
    ['an unknown method', ['FOO / HTTP/1.1\r\nHost: a\r\n\r\n'], [400]],
    ['an unknown method behind a request', [`${GOOD}FOO / HTTP/1.1\r\nHost: a\r\n\r\n`], [403, 400]],
    ['an unknown method behind a delayed request', [`${DELAYED}FOO / HTTP/1.1\r\nHost: a\r\n\r\n`], [403, 400]],
    ['an unknown method, itself delayed', [`${GOOD}${DELAYED.replace('GET', 'FOO')}`], [403, 400]],
    ['a method of another protocol', ['DESCRIBE / HTTP/1.1\r\nHost: a\r\n\r\n'], [400]],
    ['a broken header', [`GET ${LIST} HTTP/1.1\r\nFOO / HTTP/1.1\r\n\r\n`], [400]],
    ['a broken header behind a delayed request', [DELAYED, `GET ${LIST} HTTP/1.1\r\na b: c\r\n\r\n`], [403, 400]],
    ['another version', [`${DELAYED}GET / HTTP/3.1\r\n\r\n`], [403, 400]],
    ['HTTP/2', ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'], [400]],
    ['TLS', ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'], [400]],
    ['huge headers', [huge], [431]],
    ['huge headers while an answer is open', [DELAYED, huge], [403, 431]],
    ['data behind the last request', [`${head('Connection: close\r\n', LIST, 'GET')}${GOOD}`], [403]],
    [
      'data behind the last request, which is delayed',
      [`${DELAYED.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}${GOOD}`],
      [403],
    ],
    ['CONNECT', [TUNNEL], [400]],
    ['CONNECT behind a delayed request', [`${DELAYED}${TUNNEL}zz`, 'zz'], [403, 400]],
    ['CONNECT behind a big list and a request', [`${bigList}${GOOD}${TUNNEL}`], [200, 403, 400]],
    ['CONNECT behind a big list', [`${bigList}${TUNNEL}`], [200, 400]],
    ['an upgrade, and frames', [head('Connection: Upgrade\r\nUpgrade: websocket\r\n'), '\x81\x00'], [403]],
    ['an upgrade, and more in its packet', [`${head('Connection: Upgrade\r\nUpgrade: x\r\n')}${GOOD}zz`], [403]],
    ['an expectation', [head('Expect: 100-continue\r\nContent-Length: 2\r\n'), '{}zz\r\n\r\n'], [100, 403, 400]],
    ['an expectation that nobody meets', [head('Expect: wonders\r\n')], [417]],
    ['the same behind a delayed request, before garbage', [`${DELAYED}${head('Expect: wonders\r\n')}zz`], [403, 417]],
    ['a broken chunk of a control request', [`${head(JSON_CHUNKED, '/_mock/faults')}${FAULT}zz\r\n`], [400]],
    ['the same, in packets of its own', [head(JSON_CHUNKED, '/_mock/faults'), FAULT, 'zz\r\n'], [400]],
    ['a control request of an unknown coding', [head('Transfer-Encoding: x\r\n', '/_mock/faults', 'DELETE')], [400]],
    ['a broken chunk of a form that is read', [`${FORM}1\r\na\r\nzz\r\n`], [400]],
    ['the same, in packets of its own', [FORM, '1\r\na\r\n', 'zz\r\n'], [400]],
    ['the same behind a delayed request', [`${DELAYED}${FORM}zz\r\n`], [403, 400]],
    ['the same where the form is judged by a fault', [`${FORM.replace('/token/', '/revoke/')}zz\r\n`], [400]],
    ['a broken chunk of JSON that is read', [`${patch}2\r\n{}\r\nzz\r\n`], [400]],
    ['a long poll with a broken body', [head(CHUNKED, '/_mock/requests?wait=30&count=9999', 'GET'), 'zz\r\n'], [400]],
    ['garbage behind a long poll', [POLL, 'zz\r\n\r\n'], [200, 400]],
    ['garbage behind two control requests', [`${POLL}${POLL}zz\r\n\r\n`], [200, 200, 400]],
  ]
  await mock.faults.add({ path: '/never' })
  await mock.faults.add({ path: '/application/o/revoke/', client: 'nobody' })
  using neighbour = await connectTo(mock.url)
  for (const [name, packets, statuses] of cases) {
    using connection = await connectTo(mock.url)
    for (const packet of packets) {
      await connection.sends(packet)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const text = await connection.ends()
    t.strictSame(statusesIn(text), statuses, name)
    if (/unknown method/.test(name)) t.match(text, /Invalid HTTP request received\.$/, `${name}: in authentik’s words`)
    await neighbour.sends(GOOD)
  }
  await neighbour.sends(head('Connection: close\r\n', LIST, 'GET'))
  t.equal(statusesIn(await neighbour.ends()).filter((status) => status === 403).length, cases.length + 1)
  t.match(
    (await mock.faults.list()).map(({ path }) => path),
    ['/never', '/application/o/revoke/'],
    'what was refused did nothing',
  )
})

t.test('half a body, and no more to come: nothing is done with it, and its connection ends', async (t) => {
  await using mock = await startMock()
  const form = 'grant_type=client_credentials&client_id='
  const cases: [path: string, method: string, type: string, body: string, status: number][] = [
    ['/application/o/token/', 'POST', 'application/x-www-form-urlencoded', form, 400],
    ['/application/o/revoke/', 'POST', 'application/x-www-form-urlencoded', form, 400],
    ['/api/v3/core/users/1/', 'PATCH', 'application/json', '{"name":"x"}', 400],
    ['/_mock/faults', 'POST', 'application/json', '{"status":500}', 400],
    ['/x', 'POST', 'application/json', '{}', 405],
  ]
  for (const [path, method, type, body, status] of cases) {
    using connection = await connectTo(mock.url)
    const fields = `Authorization: Bearer ${mock.token}\r\nContent-Type: ${type}\r\nContent-Length: 99\r\n`
    connection.socket.end(head(fields, path, method) + body)
    t.strictSame(statusesIn(await connection.ends()), [status], `${method} ${path}`)
  }
  t.notMatch(await mock.users.get(1), { name: 'x' })
  t.strictSame(await mock.faults.list(), [])
  const [entry] = await mock.requests({ path: '/application/o/token/' })
  t.match(entry, { status: 400, reason: 'the body broke off', made: [] })
})

t.test('who sends nothing more is answered all the same, in order', async (t) => {
  await using mock = await startMock({ https: true, generate: 1500, fixtures: [], logLevel: 'silent' })
  await mock.faults.add({ path: '/slow/', delay: 60_000 })
  await mock.faults.add({ path: '/late/', delay: 60_000, after: true })
  await mock.faults.add({ path: '/meet/', barrier: 2 })
  await mock.stubs.add({ path: '/stub/', delay: 60_000 })
  const get = (path: string, lines = '') => head(lines, path, 'GET')
  const bigList = get(`${LIST}?page_size=1500`, `Authorization: Bearer ${mock.token}\r\nAccept-Encoding: gzip\r\n`)
  const form = `${FORM.replace(CHUNKED, 'Content-Length: 3\r\n')}a=b`
  const poll = get('/_mock/requests?wait=30&count=99')
  const cases: [name: string, sent: string, statuses: number[]][] = [
    ['one request', GOOD, [403]],
    ['a request that waits', get('/slow/'), [404]],
    [
      'requests behind it',
      get('/slow/') + GOOD + get('/slow/') + get('/late/') + get('/stub/'),
      [404, 403, 404, 404, 200],
    ],
    ['two that wait for each other', get('/meet/') + GOOD, [404, 403]],
    ['hundreds', DELAYED + GOOD.repeat(300), Array(301).fill(403)],
    ['hundreds of control requests', get('/_mock/faults').repeat(300), Array(300).fill(200)],
    ['a big list, and more', bigList + GOOD, [200, 403]],
    ['a form', `${form}${GOOD}${form}`, [400, 403, 400]],
    ['a long poll', poll + GOOD + poll, [200, 403, 200]],
    ['events', get('/_mock/requests/events') + GOOD, [200, 403]],
    ['garbage behind', `${GOOD}${DELAYED}zz\r\n\r\n`, [403, 403, 400]],
    ['an unknown method behind a big list', `${bigList}FOO / HTTP/1.1\r\nHost: a\r\n\r\n`, [200, 400]],
    ['half a request behind', `${DELAYED}${GOOD}GET / HT`, [403, 403, 400]],
    ['half a body behind', `${DELAYED}${head('Content-Length: 9\r\n')}{}`, [403, 403]],
  ]
  for (const url of [mock.url, mock.httpsUrl ?? ''])
    for (const [name, sent, statuses] of cases) {
      using connection = await connectTo(url)
      connection.socket.end(sent)
      t.strictSame(statusesIn(await connection.ends()), statuses, `${name}, ${url}`)
    }
})

t.test('an answer is not taken back, whatever its client still sends', async (t) => {
  await using mock = await startMock({ https: true })
  await mock.info() // loads the control API
  const long = 5_000_000
  const body = 'x'.repeat(long)
  const chunks = `${`10000\r\n${'x'.repeat(0x10000)}\r\n`.repeat(long / 0x10000)}0\r\n\r\n`
  const length = `Content-Length: ${long}\r\n`
  const last = `Connection: close\r\n${length}`
  const control = 'Content-Type: application/json\r\nContent-Length: 40000000\r\n'
  const prefer = (connection: string) => `${GOOD}${head(`X-Mock-Prefer: connection=${connection}\r\n${length}`)}`
  const requests: [name: string, head: string, sent: string, statuses: number[]][] = [
    ['the last request', head(last), body, [403]],
    ['the last one, in chunks', head(`Connection: close\r\n${CHUNKED}`), chunks, [403]],
    ['an unknown path', head(last, '/x'), body, [405]],
    ['HTTP/1.0', head(length).replace('/1.1', '/1.0'), body, [403]],
    ['a host that there cannot be', head(length).replace('Host: a', 'Host: a/b'), body, [400]],
    ['a coding that nobody knows', head('Transfer-Encoding: gzip, chunked\r\n'), chunks, [400]],
    ['an upgrade', head(`Connection: Upgrade\r\nUpgrade: websocket\r\n${length}`), body, [403]],
    ['an expectation that nobody meets', head(`Expect: wonders\r\n${length}`), body, [417]],
    ['what a control route does not take', head(control, '/_mock/faults'), body, [413]],
    ['an answer before a fault that drops the connection', prefer('drop'), body, [403]],
    ['half an answer', prefer('cut'), body, [403, 403]],
    ['requests behind the last one', head('Connection: close\r\n', LIST, 'GET'), GOOD.repeat(2000), [403]],
    ['requests behind a bad one', GOOD.replace('Host: a', 'Host: a/b'), GOOD.repeat(2000), [400]],
  ]
  for (const url of [mock.url, mock.httpsUrl ?? ''])
    for (const [name, head, sent, statuses] of requests) {
      using connection = await connectTo(url)
      // Most clients send all of it before they look for an answer.
      connection.socket.pause()
      await connection.sends(head + sent)
      connection.socket.resume()
      t.strictSame(statusesIn(await connection.ends()), statuses, `${name}, ${url}`)
    }
})

t.test('behind answers that are read late, requests wait, by https as well', async (t) => {
  await using mock = await startMock({ https: true, generate: 1500, fixtures: [], logLevel: 'silent' })
  const bigList = head(`Authorization: Bearer ${mock.token}\r\n`, `${LIST}?page_size=1500`, 'GET')
  const last = head('Connection: close\r\n', LIST, 'GET')
  const expecting = `${head('Expect: 100-continue\r\nContent-Length: 2\r\n')}{}`
  const cases: [name: string, sent: string, statuses: number[]][] = [
    ['many', bigList + GOOD.repeat(2000), [200, ...Array(2000).fill(403)]],
    ['big ones', bigList.repeat(30) + GOOD.repeat(1000), [...Array(30).fill(200), ...Array(1000).fill(403)]],
    [
      'expectations',
      DELAYED + GOOD.repeat(120) + expecting.repeat(1500),
      [...Array(121).fill(403), ...Array(1500).fill([100, 403]).flat()],
    ],
  ]
  for (const url of [mock.url, mock.httpsUrl ?? ''])
    for (const [name, sent, statuses] of cases) {
      using connection = await connectTo(url)
      connection.socket.pause()
      void connection.sends(sent + last)
      // The server answers others meanwhile, and what it may of these.
      for (let turn = 0; turn < 20; turn++) await send(mock.url, { path: LIST })
      connection.socket.resume()
      t.strictSame(statusesIn(await connection.ends()), [...statuses, 403], `${name}, ${url}`)
    }
})

t.test('behind a last answer nothing is done', async (t) => {
  await using mock = await startMock({ logLevel: 'silent' })
  const [fault = ''] = [head('Content-Type: application/json\r\nContent-Length: 14\r\n', '/_mock/faults')]
  using connection = await connectTo(mock.url)
  await connection.sends(`${GOOD.replace('Host: a', 'Host: a/b')}`)
  await connection.receives(/400/)
  await connection.sends(`${fault}{"status":503}`)
  await connection.ends()
  t.strictSame(await mock.faults.list(), [])
})

t.test('whatever comes, in whatever pieces, the next one is served', async (t) => {
  await using mock = await startMock()
  const next = random(12)
  const pieces = [
    ...[GOOD, DELAYED, POLL, head(CHUNKED), head(JSON_CHUNKED, '/_mock/faults'), FAULT, '0\r\n\r\n', 'zz\r\n'],
    ...['FOO / HTTP/1.1\r\n\r\n', 'CONNECT a:1 HTTP/1.1\r\n\r\n', head('Expect: x\r\n'), head('Content-Length: 9\r\n')],
    ...['\0\xff', '\r\n', ':', 'GET ', head('Upgrade: x\r\nConnection: Upgrade\r\n'), 'Transfer-Encoding: x\r\n\r\n'],
  ]
  const ways = [
    (socket: Socket) => socket.end(),
    (socket: Socket) => socket.destroy(),
    (socket: Socket) => socket.resetAndDestroy(),
  ]
  for (let round = 0; round < 300; round++) {
    const { socket, sends, ends } = await connectTo(mock.url)
    const count = 1 + next(6)
    for (let i = 0; i < count; i++) {
      const piece = pieces[next(pieces.length)] as string
      const packet = next(3) === 0 ? piece.slice(0, 1 + next(piece.length)) : piece
      if (next(2) === 0) void socket.write(Buffer.from(packet, 'latin1'))
      else await sends(packet)
    }
    ways[next(ways.length)]?.(socket)
    // Somebody who only stops sending may wait for an answer to half a request; nobody here does.
    if (next(2) === 0) socket.destroy()
    if (socket.destroyed) await ends()
    else socket.on('end', () => socket.destroy())
  }
  t.equal((await send(mock.url, { path: LIST })).status, 403)
})

const FIRST_USES: [path: string, headers: string][] = [
  ['/_mock/', ''],
  [LIST, 'X-Mock-Prefer: status=200\r\n'],
  ['/api/v3/schema/', ''],
]

t.test('when connections take all file descriptors, some are kept for files', async (t) => {
  for (const [path, headers] of FIRST_USES) {
    await using server = runShell('ulimit -n 64; exec $NODE $PROGRAM --port 0 --log-format json')
    const [, url = ''] = await server.prints(/ready on (\S+)/)
    const connections = await Promise.all(Array.from({ length: 100 }, () => connectTo(url)))
    await server.prints(/more than \d+ connections are open, so new ones are closed/)
    await connections[0]?.sends(head(headers, path, 'GET'))
    t.equal((await connections[0]?.receives(/^HTTP\/1\.1 (\d+)/))?.[1], '200', path)
    for (const { socket } of connections) socket.destroy()
    t.equal(await statusOnceItAnswers(url), 200, `${path}: afterwards`)
  }
})

/** A server notices only after a while that connections are gone. */
async function statusOnceItAnswers(url: string): Promise<number> {
  for (;;) {
    const answer = await send(url, { path: '/_mock/' }).catch(() => undefined)
    if (answer?.status) return answer.status
  }
}

const LIBRARY = `
import { closeSync, openSync } from 'node:fs'
import { once } from 'node:events'
import { connect } from 'node:net'
import { startMock } from ${JSON.stringify(join(PROGRAM, '..', 'index.js'))}
const mock = await startMock()
const socket = connect(new URL(mock.url).port, '127.0.0.1')
await once(socket, 'connect')
async function ask([path, headers]) {
  socket.write('GET ' + path + ' HTTP/1.1\\r\\nHost: a\\r\\n' + headers + '\\r\\n')
  let text = ''
  while (!/^HTTP[^]*\\r\\n\\r\\n/.test(text)) text += (await once(socket, 'data'))[0]
  return / (\\d+) /.exec(text)[1]
}
async function askAll() {
  for (const use of ${JSON.stringify(FIRST_USES)}) console.log(await ask(use))
}
const taken = []
try {
  for (;;) taken.push(openSync('/dev/null'))
} catch {}
await askAll()
for (const descriptor of taken) closeSync(descriptor)
await askAll()
process.exit()
`

t.test('what could not be loaded for want of a file descriptor is loaded later', async (t) => {
  const file = join(t.testdir({ 'library.mjs': LIBRARY }), 'library.mjs')
  await using child = runShell(`ulimit -n 64; exec $NODE ${file}`)
  const { code, stdout, stderr } = await child.ended
  t.match({ code, stdout }, { code: 0, stdout: '503\n503\n500\n200\n200\n200\n' })
  t.match(stderr, /^(authentik-mock: EMFILE: too many open files[^\n]*\n)*$/, 'a line each, and no stack trace')
})
