import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { capture } from '../../src/cli/commands/capture.js'
import { verify } from '../../src/cli/commands/verify.js'
import { readCommandLine } from '../../src/cli/invocation.js'
import { type Mock, type RefreshTokenBody, startMock } from '../../src/index.js'
import { createLookup } from '../../src/upstream/dns.js'
import { send } from '../http.js'
import { runHere } from '../process.js'

/** Targets that are no authentik, or one that means harm. */

const LIST = '/api/v3/oauth2/refresh_tokens/'
const MIB = 2 ** 20
const QUIET = { tell: () => {}, progress: () => {} }

type Respond = (socket: Socket, path: string) => unknown

/** A server that answers each request over a connection of its own, by whatever bytes it likes. */
async function upstream(respond: Respond): Promise<AsyncDisposable & { url: string }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', (head) => respond(socket, String(head).split(' ')[1] ?? ''))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Captures, and returns what was thrown, or the rows. */
async function captured(url: string, ...args: string[]): Promise<Error | string> {
  const line = ['capture', '--target', url, '--token', 'k', '--rate', '10000', '--retries', '0', ...args]
  const asked = readCommandLine(line, {})
  if (asked.command !== 'capture') throw new Error('no capture')
  return capture(asked.options, QUIET).catch((error) => error)
}

async function verified(url: string, ...args: string[]): Promise<Error | string> {
  const line = ['verify', '--target', url, '--token', 'k', '--rate', '10000', '--retries', '0', ...args]
  const asked = readCommandLine(line, {})
  if (asked.command !== 'verify') throw new Error('no verify')
  return verify(asked.options, QUIET).then(
    ({ text }) => text,
    (error) => error,
  )
}

async function bodyOf(mock: Mock, pk: number): Promise<string> {
  return (await send(mock.url, { path: `${LIST}${pk}/`, headers: { Authorization: `Bearer ${mock.token}` } })).body
}

const listOf = (...rows: string[]) =>
  `{"pagination": {"next": 0, "previous": 0, "count": ${rows.length}}, "results": [${rows.join(',')}]}`
const OK = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
const answer = (body: string | Buffer, headers = '') =>
  Buffer.concat([Buffer.from(`${OK}${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`), Buffer.from(body)])

/** Writes the same again and again, as fast as it is read, until the reader goes. */
function flood(socket: Socket, part: string | Buffer): void {
  while (socket.writable && socket.write(part));
  if (socket.writable) socket.once('drain', () => flood(socket, part))
}

/** Writes a part, and again after a moment, until the reader goes. */
function drip(socket: Socket, part: string): void {
  if (socket.writable) socket.write(part, () => setTimeout(() => drip(socket, part), 20))
}

const ZEROS = Buffer.alloc(2 * MIB)
const GZIP_BOMB = gzipSync(ZEROS)
const BR_BOMB = brotliCompressSync(ZEROS)
const X = 'x'.repeat(MIB)

const TOO_LARGE = /^--target: found http\S+, but it answers more than 1 MiB; allowed: as much as --max-answer says$/
const NO_HTTP = /^--target: found http\S+, but its answer is not HTTP\/1\.1; allowed: an authentik$/
const PACKED = /^--target: found http\S+, but its Content-Encoding is \w+, but its body is not; allowed: an authentik$/
const CUT = /^http\S+: the answer was cut in the middle$/

t.test('an answer that is too much, or no HTTP, is one line', async (t) => {
  const cases: [name: string, respond: Respond, name: string, message: RegExp][] = [
    [
      '10 GB by its length',
      (socket) => socket.write(`${OK}Content-Length: 10000000000\r\n\r\n`),
      'Upstream',
      TOO_LARGE,
    ],
    ['without a length', (socket) => socket.write(`${OK}\r\n`, () => flood(socket, X)), 'Upstream', TOO_LARGE],
    [
      'in chunks',
      (socket) => {
        socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n`)
        flood(socket, `100000\r\n${X}\r\n`)
      },
      'Upstream',
      TOO_LARGE,
    ],
    [
      'in one chunk',
      (socket) => socket.write(`${OK}Transfer-Encoding: Chunked\r\n\r\nffffffffff\r\n`),
      'Upstream',
      TOO_LARGE,
    ],
    ['a gzip bomb', (socket) => socket.end(answer(GZIP_BOMB, 'Content-Encoding: gzip\r\n')), 'Upstream', TOO_LARGE],
    [
      'a gzip bomb in another',
      (socket) => socket.end(answer(gzipSync(GZIP_BOMB), 'Content-Encoding: gzip, GZIP\r\n')),
      'Upstream',
      TOO_LARGE,
    ],
    ['a bomb of br', (socket) => socket.end(answer(BR_BOMB, 'Content-Encoding: br\r\n')), 'Upstream', TOO_LARGE],
    ['no gzip', (socket) => socket.end(answer('{"a": 1}', 'Content-Encoding: gzip\r\n')), 'Upstream', PACKED],
    [
      'half a gzip',
      (socket) => socket.end(answer(gzipSync('{"a": 1}').subarray(0, 15), 'Content-Encoding: gzip\r\n')),
      'Upstream',
      PACKED,
    ],
    ['no deflate', (socket) => socket.end(answer('{"a": 1}', 'Content-Encoding: deflate\r\n')), 'Upstream', PACKED],
    [
      'an unknown encoding',
      (socket) => socket.end(answer('x', 'Content-Encoding: constructor\r\n')),
      'Upstream',
      /but its Content-Encoding is not gzip, deflate or br; allowed: an authentik$/,
    ],
    ['another protocol', (socket) => socket.write('SSH-2.0-OpenSSH_9.6\r\n'), 'Upstream', NO_HTTP],
    ['HTTP/2', (socket) => socket.write('HTTP/2 200\r\n\r\n'), 'Upstream', NO_HTTP],
    ['no status', (socket) => socket.write('HTTP/1.1 abc\r\n\r\n'), 'Upstream', NO_HTTP],
    [
      'headers without end',
      (socket) => socket.write(OK, () => flood(socket, 'X: y\r\n'.repeat(1000))),
      'Upstream',
      /its headers have no end/,
    ],
    [
      'a header without end',
      (socket) => socket.write(`${OK}X: `, () => flood(socket, X)),
      'Upstream',
      /its headers have no end/,
    ],
    [
      'to wait without end',
      (socket) => flood(socket, 'HTTP/1.1 103 Wait\r\n\r\n'.repeat(1000)),
      'Upstream',
      /its headers have no end/,
    ],
    ['no header', (socket) => socket.end(`${OK}\x1b[2J\r\n\r\n`), 'Upstream', /a header that has no name; allowed/],
    [
      'a negative length',
      (socket) => socket.end(`${OK}Content-Length: -5\r\n\r\nhello`),
      'Upstream',
      /its Content-Length is not a number of bytes/,
    ],
    [
      'two lengths',
      (socket) => socket.end(`${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`),
      'Upstream',
      /its Content-Length is not a number of bytes/,
    ],
    [
      'another transfer encoding',
      (socket) => socket.end(`${OK}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`),
      'Upstream',
      /its Transfer-Encoding is not "chunked"/,
    ],
    ...['-5', 'zz', '0x5', '', ' 5'].map((size): [string, Respond, string, RegExp] => [
      `a chunk of the size "${size}"`,
      (socket) => socket.end(`${OK}Transfer-Encoding: chunked\r\n\r\n${size}\r\nhello\r\n0\r\n\r\n`),
      'Upstream',
      /in chunks, one of which has no size/,
    ]),
    [
      'a chunk that is too long',
      (socket) => socket.end(`${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n`),
      'Upstream',
      /one of which is longer than its size/,
    ],
    [
      'a size without end',
      (socket) => socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n5;`, () => flood(socket, X)),
      'Upstream',
      /in chunks with a line that has no end/,
    ],
    [
      'trailers without end',
      (socket) =>
        socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n`, () => flood(socket, `X: ${'y'.repeat(4000)}\r\n`)),
      'Upstream',
      TOO_LARGE,
    ],
    ['nothing', (socket) => socket.end(), 'Unreachable', CUT],
    ['half a head', (socket) => socket.end('HTTP/1.1 200 OK\r\nX:'), 'Unreachable', CUT],
    ['half a body', (socket) => socket.end(`${OK}Content-Length: 50\r\n\r\nhello`), 'Unreachable', CUT],
    ['half a chunk', (socket) => socket.end(`${OK}Transfer-Encoding: chunked\r\n\r\n50\r\nhello`), 'Unreachable', CUT],
    [
      'no last chunk',
      (socket) => socket.end(`${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`),
      'Unreachable',
      CUT,
    ],
    ['cut off', (socket) => socket.resetAndDestroy(), 'Unreachable', /: the connection was broken off$/],
  ]
  for (const [name, respond, kind, message] of cases) {
    await using target = await upstream(respond)
    for (const ask of [captured, verified])
      t.match(await ask(target.url, '--max-answer', '1'), { name: `${kind}Error`, message }, `${ask.name}: ${name}`)
  }
})

t.test('what is odd, but whole, is read', async (t) => {
  await using mock = await startMock()
  const row = await bodyOf(mock, 1)
  const body = listOf(row)
  const chunked = (...parts: string[]) =>
    parts.map((part) => `${Buffer.byteLength(part).toString(16)};a=b\r\n${part}\r\n`).join('')
  const cases: [string, Respond][] = [
    ['the connection stays open', (socket) => socket.write(answer(body))],
    ['and more follows', (socket) => socket.write(`${answer(body)}HTTP/1.1 400 Bad Request\r\n\r\n`)],
    [
      'after the advice to wait',
      (socket) => socket.write(`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${answer(body)}`),
    ],
    ['no length', (socket) => socket.end(`${OK}\r\n${body}`)],
    ['the length twice', (socket) => socket.write(answer(body, `Content-Length: ${Buffer.byteLength(body)}\r\n`))],
    [
      'in chunks with trailers',
      (socket) =>
        socket.write(
          `${OK}Transfer-Encoding: CHUNKED\r\n\r\n${chunked(...body.split(/(?<=,)/))}0\r\nX: y\r\nZ: a\r\n\r\n`,
        ),
    ],
    [
      'byte by byte',
      async (socket) => {
        socket.setNoDelay(true)
        for (const byte of `${OK}Transfer-Encoding: chunked\r\n\r\n${chunked(body.slice(0, 50), body.slice(50))}0\r\n\r\n`)
          await new Promise((resolve) => socket.write(byte, resolve))
      },
    ],
    ['gzip', (socket) => socket.write(answer(gzipSync(body), 'Content-Encoding: x-gzip\r\n'))],
    ['twice', (socket) => socket.write(answer(gzipSync(deflateRawSync(body)), 'Content-Encoding: deflate, gzip\r\n'))],
    [
      'headers named as what every object has',
      (socket) => socket.write(answer(body, '__proto__: a\r\nconstructor: b\r\n')),
    ],
    [
      'results by another name',
      (socket) => socket.write(answer(body.replace('"results"', '"results": [{}], "r\\u0065sults"'))),
    ],
    [
      'results within',
      (socket) => socket.write(answer(body.replace('"next"', '"results": [{"a": "]}"}], "x": "results", "next"'))),
    ],
  ]
  for (const [name, respond] of cases) {
    // Only the list is answered so: the rest would fit no release.
    await using target = await upstream((socket, path) =>
      path.startsWith(LIST) && path.includes('ordering') ? respond(socket, path) : socket.end('HTTP/1.1 404 x\r\n\r\n'),
    )
    t.equal(await captured(target.url, '--no-scrub'), `[\n${row}\n]\n`, name)
  }
})

t.test('JSON that no authentik would answer is one line', async (t) => {
  await using mock = await startMock()
  const row = await bodyOf(mock, 1)
  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
  const withAttributes = (attributes: string) =>
    listOf(row.replace(/"attributes":\{[^{}]*\}/, `"attributes":${attributes}`))
  const pages = (count: unknown, next: unknown) => `{"pagination": {"count": ${count}, "next": ${next}}, "results": []}`
  const cases: [string, string, RegExp][] = [
    ['50,000 levels', deep(50_000), /, which is nested deeper than 100 levels; allowed: an authentik$/],
    ['and in a row', withAttributes(`{"a": ${deep(50_000)}}`), /which is nested deeper than 100 levels/],
    ['brackets without end', '['.repeat(MIB), /which is nested deeper than 100 levels/],
    ['many small values', `[${'{},'.repeat(4_000_000)}1]`, /which holds more than 4000000 values/],
    ['a text of many escapes', `"${'\\"'.repeat(20 * MIB)}`, /which is not JSON, or was cut off/],
    ['null', 'null', /answers 200 with application\/json; allowed: an authentik$/],
    ['a list', '[]', /answers 200 with application\/json; allowed: an authentik$/],
    ['no results', '{"pagination": {"count": 1, "next": 0}}', /answers 200 with application\/json; allowed/],
    ['a negative count', pages(-5, 0), /answers 200 with application\/json; allowed/],
    ['a negative page', pages(5, -1), /answers 200 with application\/json; allowed/],
    ['a count beyond counting', pages('1e300', 0), /answers 200 with application\/json; allowed/],
    ['rows of null', listOf('null'), /answers 200 with application\/json; allowed/],
  ]
  for (const [name, body, message] of cases) {
    await using target = await upstream((socket) => socket.end(answer(body)))
    for (const ask of [captured, verified])
      t.match(await ask(target.url), { name: 'UpstreamError', message }, `${ask.name}: ${name}`)
  }
  const mistakes: [string, RegExp][] = [
    ['{"a": 1, "a": 2}', /the name "a" stands twice in one object/],
    ['{"a": 1e999}', /1e999 is more than a number can be/],
    [`{"a": ${'9'.repeat(5000)}}`, /a number of 5000 characters, which is more than 4300/],
  ]
  for (const [attributes, message] of mistakes) {
    await using target = await upstream((socket) => socket.end(answer(withAttributes(attributes))))
    for (const result of [
      await captured(target.url),
      await captured(target.url, '--no-scrub'),
      await verified(target.url),
    ])
      t.match(result, { name: 'UpstreamError', message }, attributes.slice(0, 20))
  }
  const odd = withAttributes('"mark"')
  await using target = await upstream((socket) => socket.end(answer(odd)))
  const message = /in whose refresh token 1 user\.groups_obj\[0\]\.attributes is "mark"; allowed: /
  t.match(await verified(target.url), { name: 'UpstreamError', message }, 'what no fixture may hold is taken by nobody')
  t.notMatch(String(await captured(target.url)), /mark/, 'and is replaced where it is captured')
})

t.test('a field of another type is one line, or is read', async (t) => {
  await using mock = await startMock()
  const row: RefreshTokenBody = JSON.parse(await bodyOf(mock, 1))
  const odd = [null, 5, 'x', true, [null], { a: {} }]
  const paths = [
    ...Object.keys(row).map((key) => [key]),
    ...Object.keys(row.user).map((key) => ['user', key]),
    ...Object.keys(row.provider).map((key) => ['provider', key]),
    ...Object.keys(row.user.groups_obj?.[0] ?? {}).map((key) => ['user', 'groups_obj', '0', key]),
  ]
  t.ok(paths.length > 40)
  let body = ''
  await using target = await upstream((socket, path) =>
    path.includes('ordering') ? socket.end(answer(body)) : socket.end('HTTP/1.1 404 x\r\n\r\n'),
  )
  const unplanned: string[] = []
  for (const path of paths)
    for (const value of odd) {
      body = listOf(JSON.stringify(withField(row, path, value)))
      const result = await captured(target.url, '--no-scrub')
      if (result instanceof Error && !['UpstreamError', 'FixtureError'].includes(result.name))
        unplanned.push(`${path.join('.')} = ${JSON.stringify(value)}: ${result.stack}`)
    }
  t.strictSame(unplanned, [])
})

function withField(whole: unknown, [key = '', ...rest]: string[], value: unknown): unknown {
  const copy = (Array.isArray(whole) ? [...whole] : { ...(whole as object) }) as Record<string, unknown>
  copy[key] = rest.length === 0 ? value : withField(copy[key], rest, value)
  return copy
}

t.test('rows without end are not kept', async (t) => {
  await using mock = await startMock()
  const row = (await bodyOf(mock, 1)).replace(/"attributes":\{[^{}]*\}/, `"attributes":{"a":"${'x'.repeat(900_000)}"}`)
  let page = 0
  await using target = await upstream((socket) => {
    page++
    socket.end(
      answer(
        `{"pagination": {"count": 1000000, "next": ${page + 1}}, "results": [${row.replace('"pk":1', `"pk":${page}`)}]}`,
      ),
    )
  })
  t.match(await captured(target.url, '--max-answer', '1'), {
    name: 'UpstreamError',
    message: /whose rows are together larger than 8 answers may be; allowed: fewer rows, or a larger --max-answer$/,
  })
})

t.test('many small values are not kept, over all lists together', async (t) => {
  await using mock = await startMock()
  const many = `"attributes":{"a":[${'1,'.repeat(1_990_000)}1]}`
  const row = (await bodyOf(mock, 1)).replace(/"attributes":\{[^{}]*\}/, many)
  const user = `{"pk":1,"username":"u",${many}}`
  let asked = 0
  await using target = await upstream((socket, path) => {
    asked++
    const page = Number(new URLSearchParams(path.split('?')[1]).get('page'))
    const next = path.startsWith(LIST) && page === 6 ? 0 : page + 1
    const one = (path.startsWith(LIST) ? row : user).replace('"pk":1', `"pk":${page}`)
    socket.end(answer(`{"pagination": {"count": 6, "next": ${next}}, "results": [${one}]}`))
  })
  t.match(await captured(target.url, '--with', 'users'), {
    name: 'UpstreamError',
    message: /whose rows hold more than 16000000 values together; allowed: fewer rows$/,
  })
  t.ok(asked > 8 && asked < 20, `${asked} requests`)
})

t.test('--max-answer is the limit', async (t) => {
  await using flooding = await upstream((socket) => socket.write(`${OK}\r\n`, () => flood(socket, X)))
  t.match(await captured(flooding.url), { message: /but it answers more than 64 MiB; allowed/ }, 'by default')
  await using mock = await startMock()
  const row = (await bodyOf(mock, 1)).replace(/"attributes":\{[^{}]*\}/, `"attributes":{"a":"${X}"}`)
  await using target = await upstream((socket, path) =>
    socket.end(path.includes('ordering') ? answer(listOf(row)) : 'HTTP/1.1 404 x\r\n\r\n'),
  )
  t.match(await captured(target.url, '--max-answer', '1'), { message: /but it answers more than 1 MiB; allowed/ })
  t.equal(await captured(target.url, '--max-answer', '2', '--no-scrub'), `[\n${row}\n]\n`)
})

t.test('--max-time ends everything', async (t) => {
  const cases: [name: string, respond: Respond, scheme?: string, ...args: string[]][] = [
    ['a silent target', () => {}],
    ['a dripping head', (socket) => drip(socket.setNoDelay(true), 'HTTP/1.1 200 OK\r\n'.slice(0, 8))],
    ['dripping headers', (socket) => socket.write(OK, () => drip(socket, 'X: y\r\n'))],
    ['a dripping body', (socket) => socket.write(`${OK}\r\n`, () => drip(socket, ' '))],
    [
      'dripping chunks',
      (socket) => socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n`, () => drip(socket, '1\r\n \r\n')),
    ],
    ['advice to wait, dripping', (socket) => drip(socket, 'HTTP/1.1 103 Wait\r\n\r\n')],
    ['a handshake that does not begin', () => {}, 'https'],
    [
      'a handshake that does not end',
      (socket) => socket.write('\x16\x03\x03\x10\x00\x02', () => drip(socket, '\x00')),
      'https',
    ],
    [
      'busy for long',
      (socket) => socket.end('HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\n\r\n'),
      'http',
      '--retries',
      '20',
    ],
    [
      'busy again and again',
      (socket) => socket.end('HTTP/1.1 503 Busy\r\nRetry-After: 0\r\n\r\n'),
      'http',
      '--retries',
      '20',
      '--rate',
      '10',
    ],
    ['pages without end', (socket, path) => socket.end(answer(endless(path))), 'http', '--rate', '100'],
    [
      'flooding, with much allowed',
      (socket) => socket.write(`${OK}\r\n`, () => drip(socket, X)),
      'http',
      '--max-answer',
      '500',
    ],
  ]
  await Promise.all(
    cases.map(async ([name, respond, scheme = 'http', ...args]) => {
      await using target = await upstream(respond)
      const url = target.url.replace('http', scheme)
      const limits = ['--timeout', '3600', '--max-time', '1', ...args]
      for (const result of await Promise.all([captured(url, ...limits), verified(url, ...limits)]))
        t.match(result, { name: 'UnreachableError', message: `${url}: not done within --max-time 1 s` }, name)
    }),
  )
})

t.test('--max-time ends the work on what was read, too', async (t) => {
  await using mock = await startMock()
  const urls = Array.from({ length: 200_000 }, (_, i) => `"https://a${i}.test/b${i}?c=${i}"`).join()
  const row = (await bodyOf(mock, 1)).replace(/"attributes":\{[^{}]*\}/, `"attributes":{"a":[${urls}]}`)
  await using target = await upstream((socket, path) =>
    socket.end(path.includes('ordering') ? answer(listOf(row)) : 'HTTP/1.1 404 x\r\n\r\n'),
  )
  t.match(await captured(target.url, '--max-time', '1'), {
    name: 'UnreachableError',
    message: `${target.url}: not done within --max-time 1 s`,
  })
})

function endless(path: string): string {
  const page = Number(new URLSearchParams(path.split('?')[1]).get('page'))
  return `{"pagination": {"count": 1000, "next": ${page + 1}}, "results": []}`
}

t.test('--timeout ends an answer', async (t) => {
  await using target = await upstream((socket) => socket.write(OK, () => drip(socket, 'X: y\r\n')))
  t.match(await captured(target.url, '--timeout', '1'), {
    name: 'UnreachableError',
    message: `${target.url}: no answer in 1 s`,
  })
})

t.test('a lookup does not outlive its time', async (t) => {
  const looked = (timeout: number, all: boolean) =>
    new Promise<unknown>((resolve) =>
      createLookup(() => timeout)('localhost', { all }, (error, address) => resolve(error ?? address)),
    )
  t.match(await looked(1, true), { name: 'TimeoutError', message: 'no name server answers' })
  t.match(await looked(60_000, true), [{ address: /^(?:127\.0\.0\.1|::1)$/ }])
  t.match(await looked(60_000, false), /^(?:127\.0\.0\.1|::1)$/)
})

t.test('why a target is out of reach', async (t) => {
  await using plain = await upstream((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  t.match(await captured(plain.url.replace('http', 'https')), {
    name: 'UnreachableError',
    message: /^https\S+: it does not speak TLS; did you mean http:\/\/\?$/,
  })
})

const KEY = 'Hush"Hush&1/2+3-key-of-a-superuser'

t.test('a target that says the token again is quoted without it', async (t) => {
  const json = (value: unknown) => JSON.stringify(value)
  const head = (status: number, headers: string, body = '') => `HTTP/1.1 ${status} x\r\n${headers}\r\n${body}`
  await using mock = await startMock()
  const cases: [name: string, (path: string) => string | Buffer | Promise<Buffer>, code: number, args: string[]][] = [
    ['detail', () => head(403, '', json({ detail: `no token ${KEY}!` })), 2, []],
    ['detail, cut', () => head(403, '', json({ detail: `${'x'.repeat(185)}${KEY}` })), 2, []],
    ['Location', () => head(302, `Location: http://evil.example/?next=${encodeURIComponent(KEY)}\r\n`), 2, []],
    ['Content-Type', () => head(200, `Content-Type: ${KEY}\r\n`, '{}'), 2, []],
    ['version', (path) => answer(path.includes('schema') ? json({ info: { version: KEY } }) : listOf()), 0, []],
    ...['text', 'json', 'junit', 'markdown'].map(
      (format): [string, (path: string) => Promise<Buffer>, number, string[]] => [
        format,
        async (path) => {
          const { status, headers, body } = await send(mock.url, {
            path,
            headers: { Authorization: `Bearer ${mock.token}` },
          })
          if (path !== '/') return answer(body, `Date: ${headers['date']}\r\n`)
          return Buffer.from(head(status, `X-Token: ${KEY}\r\n`, `${KEY} ${'x'.repeat(100)} ${KEY}`))
        },
        1,
        ['--only', 'neighbour', '--release', '2025.2', '--format', format],
      ],
    ),
  ]
  for (const [name, respond, code, args] of cases) {
    await using target = await upstream(async (socket, path) => socket.end(await respond(path)))
    for (const command of args.length > 0 ? ['verify'] : code === 0 ? ['capture'] : ['capture', 'verify']) {
      const line = [command, '--target', target.url, '--token', KEY, '--rate', '10000', '--retries', '0', ...args]
      const ended = await runHere(line)
      t.equal(ended.code, code, `${command}: ${name}: ${ended.stderr}`)
      t.match(ended.stdout + ended.stderr, '…', name)
      t.notMatch(ended.stdout + ended.stderr, /Hush/, `${command}: ${name}`)
    }
  }
})

const ESCAPES = 'a\x1b[2Jb\x9bc\x7fd\u202ee\u2028f'
const SHOWN = 'a\\x1b[2Jb\\x9bc\\x7fd\\u202ee\\u2028f'
/** What no output of the program may hold, but for the ends of lines. */
const OBEYED = /(?!\n)[\p{Cc}\u202e\u2028]/u

t.test('what a target says is shown, and not obeyed', async (t) => {
  const json = (value: unknown) => JSON.stringify(value)
  const head = (text: string) => text.replace(/[\u0100-\uffff]/g, '')
  const plain = head(ESCAPES)
  const cases: [name: string, (path: string) => string | Buffer, code: number, stderr: string][] = [
    ['detail', () => `HTTP/1.1 403 x\r\n\r\n${json({ detail: ESCAPES })}`, 2, `answers 403: ${SHOWN}\n`],
    [
      'detail of many lines',
      () => `HTTP/1.1 403 x\r\n\r\n${json({ detail: `a\nauthentik-mock: all is well\r\n${'y'.repeat(500)}` })}`,
      2,
      `answers 403: a\\x0aauthentik-mock: all is well\\x0d\\x0a${'y'.repeat(169)}…\n`,
    ],
    ['detail of another type', () => 'HTTP/1.1 403 x\r\n\r\n{"detail": {"a": 1}}', 2, 'answers 403: forbidden\n'],
    [
      'Location',
      () => Buffer.from(`HTTP/1.1 301 x\r\nLocation: ${plain}\r\n\r\n`, 'latin1'),
      2,
      `leads to ${head(SHOWN).replace('\\u202e', '').replace('\\u2028', '')}; allowed`,
    ],
    [
      'Content-Type',
      () => Buffer.from(`HTTP/1.1 200 x\r\nContent-Type: ${plain}\r\n\r\n{}`, 'latin1'),
      2,
      'answers 200 with a\\x1b[2Jb\\x9bc\\x7fd',
    ],
    [
      'version',
      (path) => (path.startsWith('/api/v3/schema/') ? answer(json({ info: { version: ESCAPES } })) : answer(listOf())),
      0,
      `it says ${SHOWN}, which is not known`,
    ],
  ]
  await Promise.all(
    cases.map(async ([name, respond, code, text]) => {
      await using target = await upstream((socket, path) => socket.end(respond(path)))
      const ended = await runHere(['capture', '--target', target.url, '--token', 'k', '--rate', '10000'])
      t.equal(ended.code, code, name)
      t.ok(ended.stderr.includes(text), `${name}: ${ended.stderr}`)
      t.notMatch(ended.stderr, OBEYED, name)
    }),
  )
})

t.test('verify shows what differs, and does not obey it', async (t) => {
  await using mock = await startMock()
  const odd = Buffer.from('HTTP/1.1 200 x\r\nX-Odd: \x9b2J\x7f\x1b\r\n\r\n\x1b[2J', 'latin1')
  await using target = await upstream(async (socket, path) => {
    if (path === '/') return socket.end(odd)
    const answer = await send(mock.url, { path, headers: { Authorization: `Bearer ${mock.token}` } })
    const head = answer.rawHeaders.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    return socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${answer.status} x\r\n${head}\r\n`), answer.bytes]))
  })
  for (const format of ['text', 'markdown', 'json', 'junit']) {
    const text = String(await verified(target.url, '--only', 'neighbour', '--format', format, '--release', '2025.2'))
    t.match(text, /x-odd/, format)
    t.match(text, format === 'json' ? '\\u009b2J\\u007f' : '\\x9b2J\\x7f', format)
    t.notMatch(text, OBEYED, format)
    if (format === 'json') t.match(JSON.stringify(JSON.parse(text).differing), '\x9b2J\x7f', 'JSON says the same')
  }
})
