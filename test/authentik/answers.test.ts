import t from 'tap'
import { languageOf } from '../../src/authentik/accept-language.js'
import { translate } from '../../src/authentik/messages.js'
import { readOrdering } from '../../src/authentik/ordering.js'
import { type Pagination, paginate, readPageSize } from '../../src/authentik/pagination.js'
import { DEFAULT_RELEASE, findRelease, nearestRelease, RELEASES, type Release } from '../../src/authentik/releases.js'
import { type RefreshTokenBody, type RefreshTokenListBody, startMock } from '../../src/index.js'
import { parseInteger } from '../../src/python/integer.js'
import { refreshTokens } from '../../src/routes/api/v3/oauth2/refresh_tokens/resource.js'
import { cleanPath, escapePath, unescapePath } from '../../src/server/path.js'
import { send, sendRaw } from '../http.js'
import { random } from '../random.js'

const LIST = '/api/v3/oauth2/refresh_tokens/'
const RELEASE = findRelease(DEFAULT_RELEASE) as Release
const as = (key: string) => ({ Authorization: `Bearer ${key}` })

t.test('an integer is what Python takes for one', async (t) => {
  const integers: Record<string, number> = {
    '0': 0,
    '-0': 0,
    '+1': 1,
    '-1': -1,
    '007': 7,
    '1_0': 10,
    '1_2_3': 123,
    ' 1\n': 1,
    '\u00a01\u2003': 1,
    '\u001f1': 1,
    '٣': 3,
    '１２': 12,
    '१_२': 12,
    '\u{1d7d9}': 1,
    '2147483648': 2147483648,
    '99999999999999999999': 1e20,
    ['9'.repeat(4300)]: Number.POSITIVE_INFINITY,
  }
  for (const [text, number] of Object.entries(integers))
    t.equal(parseInteger(text), number, JSON.stringify(text.slice(0, 30)))
  const others = [
    '',
    ' ',
    '+',
    '-',
    '1.0',
    '1e0',
    '0x1',
    '_1',
    '1_',
    '1__0',
    '+-1',
    '+ 1',
    '1 2',
    '²',
    'Ⅷ',
    '一',
    '1\u0000',
    '\ufeff1',
    'NaN',
    '9'.repeat(4301),
  ]
  for (const text of others) t.equal(parseInteger(text), undefined, JSON.stringify(text.slice(0, 30)))
})

t.test('every decimal digit of Unicode counts in tens from its zero', async (t) => {
  let run = 0
  for (let point = 0; point <= 0x10ffff; point++) {
    if (!/^\p{Nd}$/u.test(String.fromCodePoint(point))) {
      run = 0
      continue
    }
    if (parseInteger(String.fromCodePoint(point)) !== run % 10) t.fail(`U+${point.toString(16)}`)
    run++
  }
  t.pass('no digit counts otherwise')
})

t.test('any spelling of a number reads as the number', async (t) => {
  const next = random(1)
  const zeros = [0x30, 0x660, 0x966, 0xff10, 0x1d7ce]
  for (let i = 0; i < 2000; i++) {
    const number = next(2 ** 31)
    const zero = zeros[next(zeros.length)] as number
    const digits = Array.from('0'.repeat(next(3)) + number, (digit) => String.fromCodePoint(zero + Number(digit)))
    const spelt = digits.join(next(2) === 0 ? '' : '_')
    const sign = ['', '+', '-'][next(3)] as string
    const text = ' \t\n\u3000'.slice(0, next(4)) + sign + spelt + ' \r\u2028'.slice(0, next(3))
    if (parseInteger(text) !== (sign === '-' && number !== 0 ? -number : number)) t.fail(JSON.stringify(text))
  }
  t.pass('2,000 spellings')
})

t.test('pages cover every row once', async (t) => {
  const next = random(2)
  for (let i = 0; i < 500; i++) {
    const count = next(60)
    const size = 1 + next(12)
    const rows = Array.from({ length: count }, (_, row) => row)
    const seen: number[] = []
    let page = '1'
    for (;;) {
      const {
        next: following,
        previous,
        current,
        total_pages,
        start_index,
        end_index,
      } = paginate(count, page, size, RELEASE) as Pagination
      if (total_pages !== Math.max(1, Math.ceil(count / size)) || previous !== current - 1)
        t.fail(`${count} by ${size}`)
      seen.push(...rows.slice(Math.max(0, start_index - 1), end_index))
      if (following === 0) break
      page = String(following)
    }
    if (String(seen) !== String(rows)) t.fail(`${count} rows by ${size}: ${seen}`)
    if (paginate(count, 'last', size, RELEASE)?.next !== 0) t.fail('last is the last')
    if (paginate(count, String(Math.ceil(count / size) + 2), size, RELEASE) !== undefined) t.fail('beyond the end')
  }
  t.equal(paginate(0, '1', 100, RELEASE)?.end_index, 0)
  t.equal(paginate(5, '1', Number.MAX_SAFE_INTEGER, RELEASE)?.end_index, 5)
})

t.test('a page size is a positive integer, or the default', async (t) => {
  const newest = findRelease('latest') as Release
  const sizes: [string | undefined, number, number][] = [
    [undefined, 100, 20],
    ['5', 5, 5],
    ['1_0', 10, 10],
    ['0', 100, 20],
    ['-1', 100, 20],
    ['abc', 100, 20],
    ['', 100, 20],
    ['1.5', 100, 20],
    ['101', 101, 100],
    ['9'.repeat(400), Number.MAX_SAFE_INTEGER, 100],
  ]
  for (const [value, old, young] of sizes) {
    t.equal(readPageSize(value, RELEASE), old, `${value?.slice(0, 9)} in ${RELEASE.name}`)
    t.equal(readPageSize(value, newest), young, `${value?.slice(0, 9)} in ${newest.name}`)
  }
})

t.test('an ordering keeps the terms it knows', async (t) => {
  const orders: Record<string, string> = {
    '': 'provider expires',
    pk: 'pk',
    '-pk': '-pk',
    ' -expires , user ': '-expires user',
    'pk,-pk': 'pk',
    '-pk,pk,user': '-pk user',
    'nope,revoked': 'revoked',
    '--pk': 'provider expires',
    '-': 'provider expires',
    ',': 'provider expires',
    PK: 'provider expires',
    'user__username,constructor,length': 'provider expires',
  }
  for (const [value, order] of Object.entries(orders)) {
    t.equal(
      readOrdering(value, refreshTokens, RELEASE)
        .map(({ by, descending }) => (descending ? '-' : '') + by)
        .join(' '),
      order,
      value,
    )
  }
})

t.test('a path is cleaned and escaped as Go does it', async (t) => {
  const paths: Record<string, string> = {
    '/a//b/': '/a/b/',
    '//': '/',
    '/a/./b': '/a/b',
    '/a/../b/': '/b/',
    '/../../a/': '/a/',
    '/a/.': '/a',
    '/a/..': '/',
    'a/': '/a/',
    '': '/',
  }
  for (const [path, clean] of Object.entries(paths)) t.equal(cleanPath(path), clean, path)
  const escapes: Record<string, string> = {
    "/a b\\#?*!'()é/": '/a%20b%5C%23%3F%2A%21%27%28%29%E9/',
    '/~a$&+,:;=@-_.': '/~a$&+,:;=@-_.',
  }
  for (const [bytes, escaped] of Object.entries(escapes)) t.equal(escapePath(bytes), escaped, bytes)
  t.equal(unescapePath('/%41%2f%zz'), undefined)
  t.equal(unescapePath('/%41%2f%e2'), '/A/â')
})

t.test('a release is found by its name', async (t) => {
  const names: Record<string, string | undefined> = {
    '2025.2': '2025.2.4',
    '2025.2.1': '2025.2.1',
    '2025.1': undefined,
    '2025.12': '2025.12.6',
    latest: '2026.8.3',
    '2026.5.1': undefined,
    '2025': undefined,
    '': undefined,
  }
  for (const [name, found] of Object.entries(names)) t.equal(findRelease(name)?.name, found, name)
  t.equal(nearestRelease('2026.5.1')?.name, '2026.5.0')
  t.equal(nearestRelease('2025.3')?.name, '2025.2.4')
  t.equal(nearestRelease('2030.1')?.name, '2026.8.3')
  t.equal(nearestRelease('v1'), undefined)
  t.equal(new Set(RELEASES.map(({ name }) => name)).size, RELEASES.length)
})

t.test('a language is chosen as Django chooses it', async (t) => {
  const headers: Record<string, string> = {
    de: 'de',
    'de-AT': 'de',
    'fr;q=0.5, es;q=0.8': 'es',
    'xx, it': 'it',
    '*, de': 'en',
    'de;q=1.5': 'en',
    'de,,fr': 'en',
    'de,': 'de',
    zh: 'zh-hans',
    'zh-TW': 'zh-hant',
    'zh-CN': 'zh-hans',
    'pt-BR': 'pt-br',
    'pt-PT': 'pt',
    'es-CL': 'es',
    [`de,${'x'.repeat(600)}`]: 'de',
    ['x'.repeat(600)]: 'en',
    constructor: 'en',
  }
  for (const [header, language] of Object.entries(headers)) t.equal(languageOf(header), language, header.slice(0, 30))
  t.equal(languageOf(undefined), 'en')
  t.equal(translate('notFound', 'de'), 'Nicht gefunden.')
  t.equal(translate('notFound', 'km'), 'Not found.')
})

t.test('what is no request is refused as the front server does it', async (t) => {
  await using mock = await startMock()
  const get = (lines: string, path = LIST) => sendRaw(mock.url, `GET ${path} HTTP/1.1\r\n${lines}\r\n`)
  const plain = { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }
  const requests: Record<string, [Promise<Awaited<ReturnType<typeof send>>>, number, string]> = {
    'a broken percent escape': [send(mock.url, { path: `${LIST}%zz/` }), 400, '400 Bad Request'],
    'no Host': [get('Connection: close\r\n'), 400, '400 Bad Request: missing required Host header'],
    'a Host with a space': [get('Host: a b\r\nConnection: close\r\n'), 400, '400 Bad Request: malformed Host header'],
    garbage: [sendRaw(mock.url, 'hello\r\n\r\n'), 400, '400 Bad Request'],
    'too many headers': [get(`Host: a\r\nX: ${'x'.repeat(1_100_000)}\r\n`), 431, '431 Request Header Fields Too Large'],
  }
  for (const [name, [answer, status, body]] of Object.entries(requests)) {
    const { headers, ...got } = await answer
    t.match({ ...got, headers }, { status, body, headers: plain }, name)
    t.strictSame(Object.keys(headers).sort(), Object.keys(plain).sort(), `${name}: headers`)
  }
  t.match(await sendRaw(mock.url, `FOO /api//v3/ HTTP/1.1\r\nHost: a\r\n\r\n`), {
    status: 301,
    headers: { location: '/api/v3/' },
  })
  t.match(await sendRaw(mock.url, `GET ${LIST} HTTP/1.0\r\n\r\n`), { status: 403 }, 'HTTP/1.0 needs no Host')
  t.match(
    await send(mock.url, { path: `http://elsewhere.example${LIST}1/` }),
    { status: 404, body: '{"detail":"Not found."}' },
    'absolute form',
  )
  t.match(await send(mock.url, { method: 'OPTIONS', path: '*' }), {
    status: 200,
    body: '',
    headers: { 'content-length': '0' },
  })
  t.match(
    await send(mock.url, { path: `${LIST}?x=${'y'.repeat(70_000)}`, headers: as(mock.token) }),
    { status: 200 },
    'a long query',
  )
})

t.test('headers stand in their order and spelling', async (t) => {
  await using mock = await startMock()
  const answer = await send(mock.url, {
    path: `${LIST}1/`,
    headers: { ...as(mock.token), Cookie: 'a=b; authentik_session=x' },
  })
  t.strictSame(
    answer.rawHeaders.map(([name]) => name),
    [
      'Allow',
      'Content-Length',
      'Content-Type',
      'Date',
      'Referrer-Policy',
      'Set-Cookie',
      'Vary',
      'Vary',
      'X-Authentik-Id',
      'X-Content-Type-Options',
      'X-Frame-Options',
      'X-Powered-By',
      'Connection',
    ],
  )
  t.equal(
    answer.headers['set-cookie'],
    'authentik_session=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax',
  )
  const redirect = await send(mock.url, { path: '/api//v3/?a=%zz#b' })
  t.match(redirect, { status: 301, headers: { location: '/api/v3/?a=%zz#b' } })
  t.strictSame(
    redirect.rawHeaders.map(([name]) => name),
    ['Content-Length', 'Date', 'Location', 'Connection'],
  )
  const escaped = await send(mock.url, { path: '/a\\b%23//' })
  t.equal(escaped.headers['location'], '/a%5Cb%23/')
})

t.test('a connection stays open for the next request, and says nothing of it', async (t) => {
  await using mock = await startMock()
  const answers = await sendRaw(
    mock.url,
    `GET ${LIST} HTTP/1.1\r\nHost: a\r\n\r\nGET ${LIST} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
  )
  t.notOk('connection' in answers.headers)
  t.match(answers.body, /not provided[\s\S]*HTTP\/1\.1 403[\s\S]*Connection: close[\s\S]*not provided/)
})

t.test('everything is compressed for whoever says so', async (t) => {
  await using mock = await startMock()
  const path = `${LIST}1/`
  const plain = await send(mock.url, { path, headers: as(mock.token) })
  for (const encoding of ['gzip', 'deflate', 'br, gzip', 'deflate, gzip']) {
    const answer = await send(mock.url, { path, headers: { ...as(mock.token), 'Accept-Encoding': encoding } })
    t.equal(answer.body, plain.body, encoding)
    t.equal(answer.headers['content-encoding'], encoding.replace(/^br, |, gzip$/g, ''), encoding)
    t.equal(answer.headers['content-length'], String(answer.bytes.length), encoding)
  }
  for (const encoding of ['br', 'gzip;q=1.0', 'identity']) {
    t.notOk(
      'content-encoding' in
        (await send(mock.url, { path, headers: { ...as(mock.token), 'Accept-Encoding': encoding } })).headers,
      encoding,
    )
  }
  const gzip = { 'Accept-Encoding': 'gzip' }
  t.match(await send(mock.url, { path: `${LIST}x/`, headers: gzip }), {
    status: 404,
    body: '{"detail":"Not found."}',
    headers: { 'content-encoding': 'gzip', vary: ['Accept-Encoding', 'Cookie'] },
  })
  t.match(await send(mock.url, { method: 'HEAD', path, headers: { ...as(mock.token), ...gzip } }), {
    status: 200,
    headers: { 'content-length': '23' },
  })
  const list = await send(mock.url, { path: LIST, headers: { ...as(mock.token), ...gzip } })
  t.match(list, { status: 200, headers: { 'transfer-encoding': 'chunked' }, body: /^\{"pagination"/ })
  const deleted = await send(mock.url, { method: 'DELETE', path, headers: { ...as(mock.token), ...gzip } })
  t.match(deleted, { status: 204, body: '', headers: { 'content-encoding': 'gzip' } })
  t.notOk('content-length' in deleted.headers)
  t.match(await send(mock.url, { path: '/-/health/live/', headers: gzip }), {
    status: 200,
    headers: { 'content-length': '23' },
  })
  t.notOk('content-encoding' in (await send(mock.url, { path: '//', headers: gzip })).headers, 'but a redirect')
})

t.test('credentials that are odd', async (t) => {
  await using mock = await startMock()
  const path = `${LIST}1/`
  const invalid = { status: 403, body: '{"detail":"Token invalid/expired"}' }
  t.match(
    await send(mock.url, { path, headers: { Authorization: ['Bearer superuser-key', 'Bearer superuser-key'] } }),
    invalid,
    'two headers',
  )
  t.match(
    await send(mock.url, { path, headers: as('k\u00e9y') }),
    { status: 500, headers: { 'content-type': 'text/html; charset=utf-8' } },
    'not ASCII',
  )
  t.match(
    await send(mock.url, { method: 'DELETE', path, headers: as('k\u00e9y') }),
    { status: 405, body: '' },
    'not ASCII, DELETE',
  )
  t.match(await send(mock.url, { path, headers: as('superuser-key ') }), { status: 200 }, 'a space at the end')
  t.match(await send(mock.url, { path, headers: as('expired-key') }), invalid, 'expired')
  t.match(await send(mock.url, { path, headers: as('expired-key') }), invalid, 'expired, and gone')
})

t.test('who may do what with whose rows', async (t) => {
  await using mock = await startMock()
  const ids = { own: 15, other: 1, absent: 999, malformed: 'x' }
  const statuses = async (key: string | undefined, method: string, tail = '') =>
    Promise.all(
      Object.values(ids).map(
        async (id) =>
          (await send(mock.url, { method, path: `${LIST}${id}/${tail}`, headers: key === undefined ? {} : as(key) }))
            .status,
      ),
    )
  // own: of the janitor
  t.strictSame(await statuses('may-delete-key', 'GET'), [200, 404, 404, 404])
  t.strictSame(await statuses('may-delete-key', 'GET', 'used_by/'), [403, 403, 403, 403])
  t.strictSame(await statuses('may-view-key', 'GET', 'used_by/'), [404, 404, 404, 404])
  t.strictSame(await statuses('outpost-key', 'GET', 'used_by/'), [404, 404, 404, 404])
  t.strictSame(await statuses('superuser-key', 'OPTIONS', 'used_by/'), [200, 200, 200, 200])
  t.strictSame(await statuses(undefined, 'OPTIONS', 'used_by/'), [200, 200, 200, 200])
  t.strictSame(await statuses(undefined, 'DELETE'), [404, 404, 404, 404])
  t.strictSame(await statuses('user-key', 'DELETE'), [404, 404, 404, 404])
  t.strictSame(await statuses('may-delete-key', 'DELETE'), [204, 404, 404, 404])
  t.strictSame(await statuses('superuser-key', 'DELETE'), [404, 204, 404, 404])
  t.equal(
    (await send(mock.url, { method: 'DELETE', path: `${LIST}16/`, headers: as('may-view-key') })).status,
    403,
    'its own, without the permission',
  )
  const methods = ['OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND']
  const onList = async (headers: Record<string, string>) =>
    Promise.all(methods.map(async (method) => (await send(mock.url, { method, path: LIST, headers })).status))
  t.strictSame(await onList({}), [403, 403, 403, 403, 403, 403, 403])
  t.strictSame(await onList(as('user-key')), [200, 403, 403, 403, 403, 405, 405])
  t.strictSame(await onList(as('may-delete-key')), [200, 403, 403, 403, 405, 405, 405])
  t.strictSame(await onList(as('superuser-key')), [200, 405, 405, 405, 405, 405, 405])
})

t.test('lists agree with a naive model, whatever is asked', async (t) => {
  await using mock = await startMock({ generate: 300, fixtures: [] })
  const read = async (query: string): Promise<RefreshTokenListBody> =>
    JSON.parse((await send(mock.url, { path: `${LIST}?${query}`, headers: as(mock.token) })).body)
  const rows = (await read('page_size=1000&ordering=pk')).results
  t.equal(rows.length, 300)
  const next = random(3)
  const pick = <T>(from: T[]): T => from[next(from.length)] as T
  const value: Record<string, (row: RefreshTokenBody) => string | number> = {
    pk: (row) => row.pk,
    provider: (row) => row.provider.pk,
    user: (row) => row.user.pk,
    expires: (row) => row.expires ?? '~',
    revoked: (row) => Number(row.revoked),
  }
  const compare = (terms: string[]) => (a: RefreshTokenBody, b: RefreshTokenBody) => {
    for (const term of terms) {
      const of = value[term.replace('-', '')] as (row: RefreshTokenBody) => string | number
      if (of(a) !== of(b)) return of(a) < of(b) === term.startsWith('-') ? 1 : -1
    }
    return a.pk - b.pk
  }
  for (let i = 0; i < 150; i++) {
    const terms = Array.from({ length: next(4) }, () => pick(['', '-']) + pick(Object.keys(value))).filter(
      (term, i, all) => all.findIndex((other) => other.replace('-', '') === term.replace('-', '')) === i,
    )
    const user = next(3) === 0 ? pick(rows).user.pk : undefined
    const provider = next(3) === 0 ? pick(rows).provider.pk : undefined
    const wanted = rows
      .filter(
        (row) =>
          (user === undefined || row.user.pk === user) && (provider === undefined || row.provider.pk === provider),
      )
      .sort(compare(terms.length === 0 ? ['provider', 'expires'] : terms))
    const size = 1 + next(40)
    const page = 1 + next(Math.max(1, Math.ceil(wanted.length / size)))
    const query = new URLSearchParams({
      ordering: terms.join(),
      page_size: String(size),
      page: String(page),
      ...(user && { user: String(user) }),
      ...(provider && { provider: String(provider) }),
    })
    const { pagination, results } = await read(String(query))
    const expected = wanted.slice((page - 1) * size, page * size)
    if (String(results.map((row) => row.pk)) !== String(expected.map((row) => row.pk)))
      t.fail(String(query), { found: results.map((row) => row.pk), wanted: expected.map((row) => row.pk) })
    if (pagination.count !== wanted.length || JSON.stringify(results) !== JSON.stringify(expected))
      t.fail(String(query))
  }
  t.pass('150 queries')
})

t.test('a page larger than a thousand rows comes in parts', async (t) => {
  await using mock = await startMock({ generate: 1500 })
  const path = `${LIST}?page_size=1500&ordering=pk`
  const plain = await send(mock.url, { path, headers: as(mock.token) })
  t.equal(plain.headers['transfer-encoding'], 'chunked')
  t.equal((JSON.parse(plain.body) as RefreshTokenListBody).results.length, 1500)
  t.equal((await send(mock.url, { path, headers: { ...as(mock.token), 'Accept-Encoding': 'gzip' } })).body, plain.body)
  t.match(await send(mock.url, { method: 'HEAD', path, headers: as(mock.token) }), { status: 200, body: '' })
})

t.test('the pages around the API', async (t) => {
  await using mock = await startMock()
  const requests: [string, string, number][] = [
    ['GET', '/-/health/live/', 200],
    ['POST', '/-/health/live/', 200],
    ['GET', '/-/health/ready/', 200],
    ['POST', '/-/health/ready/', 403],
    ['GET', '/-/metrics/', 401],
    ['GET', '/', 302],
    ['GET', '/api/v3/', 200],
    ['OPTIONS', '/api/v3/', 200],
    ['POST', '/api/v3/', 403],
    ['GET', '/api/v3', 404],
    ['DELETE', '/api/v3/core/outposts/', 405],
  ]
  for (const [method, path, status] of requests)
    t.equal((await send(mock.url, { method, path })).status, status, `${method} ${path}`)
  await using old = await startMock({ release: '2024.10.5' })
  t.equal((await send(old.url, { method: 'POST', path: '/-/health/live/' })).status, 403, 'liveness by the application')
  t.match(await send(old.url, { path: '/-/health/live/' }), { status: 200, headers: { 'x-frame-options': 'DENY' } })
})
