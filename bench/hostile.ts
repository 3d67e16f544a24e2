import { type Attack, floods, inTurn, leaves, many, request, sends, vanishes } from './attack.js'
import { bearer, ROWS } from './operations.js'

/** Hostile clients, by what they do. Each is to be noticed by nobody but itself. */

/** Where they change things, so that good clients meet the same rows, faults and clock as ever. */
const WORLD = '/@hostile'
const WORLDS = 24
/** Worlds of good clients: see visitor.ts. */
const GOOD_WORLDS = ['/@v0-0', '/@v0-1', '/@v1-0', '/@v1-1']
const JSON_TYPE = { 'Content-Type': 'application/json' }
const KEY = bearer('superuser-key')

const get = (path: string, headers: Record<string, string> = {}) => request('GET', path, { ...KEY, ...headers })
const rows = (query = '', world = '') => get(`${world}${ROWS}${query}`)
const control = (method: string, path: string, body: unknown = '', headers: Record<string, string> = {}) =>
  request(method, `${WORLD}/_mock${path}`, { ...JSON_TYPE, ...headers }, text(body))
const text = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body))
const slow = (milliseconds: number) => get(`${WORLD}${ROWS}1/`, { 'X-Mock-Prefer': `delay=${milliseconds}` })
const post = (headers: string, body = '') => `POST ${ROWS} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n${body}`
const CHUNKED = 'Transfer-Encoding: chunked'
const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
const glob = (pattern: string) => encodeURIComponent(pattern)
const CATASTROPHIC = `/${'**a'.repeat(12)}**b`
const LONG = `/${'a'.repeat(4000)}`
/** A request, and a look at what the journal made of it. */
const noted = (...requests: string[]) => inTurn(sends(...requests), sends(control('GET', '/requests?limit=20')))
/** Requests that a web page would send. */
const CROSS_SITE: Record<string, string> = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }

/** What the parser of HTTP refuses, alone or behind something good. */
const MALFORMED: Record<string, Attack> = {
  'a bad chunk in the packet of its head': sends(post(CHUNKED, 'zz\r\n')),
  'a bad chunk in a packet of its own': sends(post(CHUNKED), 'zz\r\n'),
  'a chunk of endless length': sends(post(CHUNKED, 'fffffffffffffffffff\r\n')),
  'a chunk with endless extensions': floods(post(CHUNKED, '1;'), 'x=y;'.repeat(1000), 2_000_000),
  'a chunk, and garbage where its end is due': sends(post(CHUNKED, '1\r\nabcdef\r\n0\r\n\r\n')),
  'trailers without an end': floods(post(CHUNKED, '0\r\n'), 'X-T: y\r\n'.repeat(1000), 2_000_000),
  xchunked: sends(post('Transfer-Encoding: xchunked', 'zz\r\n')),
  'gzip, chunked': sends(post('Transfer-Encoding: gzip, chunked', '0\r\n\r\n')),
  'chunked, twice': sends(post(`${CHUNKED}\r\n${CHUNKED}`, '0\r\n\r\n')),
  'chunked, with a length': sends(post(`${CHUNKED}\r\nContent-Length: 5`, '0\r\n\r\nGET / HTTP/1.1\r\n\r\n')),
  'two lengths': sends(post('Content-Length: 5\r\nContent-Length: 6', 'abcdef')),
  'a negative length': sends(post('Content-Length: -1', 'a')),
  'an endless length': sends(post('Content-Length: 99999999999999999999', 'a')),
  'garbage behind a good request': sends(`${rows()}\x00\x01garbage\r\n\r\n`),
  'garbage behind a control request': sends(`${control('GET', '/clock')}\x00\x01garbage\r\n\r\n`),
  'garbage behind a delayed request': sends(`${slow(80)}\x00\x01garbage\r\n\r\n`),
  'an unknown method behind a delayed request': sends(`${slow(80)}BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n`),
  'an unknown method behind ten delayed ones': sends(`${slow(80).repeat(10)}BREW / HTTP/1.1\r\n\r\n`),
  'a bad chunk behind a delayed request': sends(`${slow(80)}${post(CHUNKED, 'zz\r\n')}`),
  'garbage behind a request for a dropped answer': sends(
    `${get(`${WORLD}${ROWS}1/`, { 'X-Mock-Prefer': 'connection=drop, delay=50' })}\x00\x01\r\n\r\n`,
  ),
  'garbage behind half an answer': sends(
    `${get(`${WORLD}${ROWS}`, { 'X-Mock-Prefer': 'connection=cut' })}\x01\r\n\r\n`,
  ),
  'garbage behind a long poll': sends(`${control('GET', '/requests?wait=1&count=999999')}\x00\r\n\r\n`),
  'garbage alone': sends('\x00\xff\x01\r\n\r\n'),
  'a TLS client': sends('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
  'an HTTP/2 client': sends('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  'HTTP/0.9': sends('GET /\r\n'),
  'HTTP/9.9': sends(`GET ${ROWS} HTTP/9.9\r\nHost: localhost\r\n\r\n`),
  'a header without a colon': sends(`GET ${ROWS} HTTP/1.1\r\nHost: localhost\r\nnonsense\r\n\r\n`),
  'a null in a header': sends(`GET ${ROWS} HTTP/1.1\r\nHost: local\x00host\r\n\r\n`),
  'a header over two lines': sends(`GET ${ROWS} HTTP/1.1\r\nHost: localhost\r\nX-A: a\r\n b\r\n\r\n`),
  'lines that end without a return': sends(`GET ${ROWS} HTTP/1.1\nHost: localhost\n\n`),
  'no host': sends(`GET ${ROWS} HTTP/1.1\r\n\r\n`),
  'two hosts': sends(`GET ${ROWS} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n`),
  'an upgrade': sends(get(ROWS, { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': 'x' })),
  'an upgrade behind a delayed request': sends(`${slow(80)}${get(ROWS, { Connection: 'Upgrade', Upgrade: 'h2c' })}`),
  'a tunnel': sends('CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n'),
  'a tunnel behind a delayed request': sends(`${slow(80)}CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n`),
  'a body that is never sent, expected': sends(post('Content-Length: 10\r\nExpect: 100-continue')),
  'an expectation that nobody knows': sends(post('Content-Length: 1\r\nExpect: tea', 'a')),
  'a target with a scheme': sends('GET http://evil.example/_mock/fixtures HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  'an asterisk for a target': sends('OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n'),
}

/** Well-formed requests that cost more than they should, where something is done in a wasteful way. */
const EXPENSIVE: Record<string, Attack> = {
  '100,000 question marks': noted(get(`${WORLD}/x${'?'.repeat(100_000)}`)),
  '100,000 slashes': sends(get('/'.repeat(100_000))),
  '30,000 dots and slashes': sends(get('/./..'.repeat(30_000))),
  '30,000 broken percent signs': sends(get(`/${'%'.repeat(30_000)}`), get(`/${'%ff'.repeat(30_000)}`)),
  '60,000 ampersands': noted(rows(`?${'&'.repeat(60_000)}`, WORLD)),
  '60,000 equals signs': noted(rows(`?${'='.repeat(60_000)}`, WORLD)),
  '5,000 parameters': sends(rows(`?${Array.from({ length: 5000 }, (_, i) => `p${i}=${i}`).join('&')}`)),
  '5,000 secrets': noted(rows(`?${Array.from({ length: 5000 }, (_, i) => `token=secret${i}`).join('&')}`, WORLD)),
  'half a secret, 10,000 times': noted(
    rows(`?${'password'.repeat(10_000)}`, WORLD),
    get(`${WORLD}/${'"token":"'.repeat(10_000)}`),
    request('POST', `${WORLD}${ROWS}`, { ...KEY, ...JSON_TYPE }, '{"token": "'.repeat(10_000)),
  ),
  'an ordering of 180 KB': noted(rows(`?ordering=${'a,'.repeat(90_000)}`, WORLD)),
  'an ordering of 180 KB, of known columns': sends(rows(`?ordering=${'-expires,'.repeat(20_000)}`)),
  'a page with 100,000 digits': sends(rows(`?page=${'9'.repeat(100_000)}`), rows(`?page=${'0'.repeat(100_000)}1`)),
  'a user with 100,000 digits': sends(rows(`?user=${'9'.repeat(100_000)}`), get(`${ROWS}${'9'.repeat(50_000)}/`)),
  'a search of 100 KB': sends(rows(`?search=${'a+'.repeat(50_000)}`)),
  'a search of 20,000 quotes': sends(rows(`?search=${'%22'.repeat(20_000)}`)),
  '10,000 languages': sends(get(ROWS, { 'Accept-Language': 'xx-yy-zz;q=0.1,'.repeat(10_000) })),
  '10,000 types': sends(get(ROWS, { Accept: 'application/x;q=0.1,'.repeat(9000) })),
  '10,000 encodings': sends(get(ROWS, { 'Accept-Encoding': 'gzip;q=0.1,'.repeat(10_000) })),
  'blanks in an Accept': sends(get(ROWS, { Accept: `text/html${' '.repeat(100_000)};q` })),
  'a wish of 100 KB': sends(get(`${WORLD}${ROWS}`, { 'X-Mock-Prefer': 'status=503,'.repeat(9000) })),
  'an authorization of 100 KB': sends(request('GET', ROWS, { Authorization: `Bearer ${' '.repeat(100_000)}x` })),
  'a cookie of 100 KB': sends(get(ROWS, { Cookie: 'a=b; '.repeat(20_000) })),
  'forwarded 10,000 times': sends(get(ROWS, { 'X-Forwarded-For': '1.2.3.4, '.repeat(10_000) })),
  'a host of 50 KB': sends(get(ROWS, { Host: 'a.'.repeat(25_000) })),
  'a header of 1 MB': sends(get(ROWS, { 'X-Big': 'x'.repeat(1_000_000) })),
  '10,000 headers': sends(
    request('GET', ROWS, Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`X-${i}`, 'y']))),
  ),
  'a catastrophic glob in a fault': inTurn(
    sends(control('POST', '/faults', { path: CATASTROPHIC, status: 503 })),
    sends(get(`${WORLD}${LONG}`)),
    sends(control('DELETE', '/faults')),
  ),
  'a hundred faults': inTurn(
    sends(control('POST', '/faults', { path: '/**/x', status: 503 }).repeat(100)),
    sends(rows('', WORLD)),
    sends(control('DELETE', '/faults')),
  ),
  'a catastrophic glob in a query of the journal': inTurn(
    sends(get(`${WORLD}${LONG}`)),
    sends(control('GET', `/requests?path=${glob(CATASTROPHIC)}`)),
  ),
  'a glob of 100 KB': sends(control('GET', `/requests?path=${glob('/**'.repeat(15_000))}`)),
  'attributes nested 5,000 levels': inTurn(
    sends(control('PATCH', '/users/user', `{"attributes":${nested(5000)}}`)),
    sends(rows('', WORLD)),
  ),
  'fixtures nested 50,000 levels': sends(control('POST', '/fixtures', `{"users":[{"attributes":${nested(50_000)}}]}`)),
  'brackets, 100,000 levels': sends(control('POST', '/fixtures', `${'['.repeat(100_000)}${']'.repeat(100_000)}`)),
  'a body of JSON that is none': sends(control('POST', '/fixtures', `{"users":[${'{},'.repeat(100_000)}`)),
  '20,000 mistakes': sends(control('POST', '/fixtures', { users: Array.from({ length: 20_000 }, () => ({ x: 1 })) })),
  __proto__: sends(
    control('PATCH', '/users/user', '{"attributes":{"__proto__":{"a":1}},"__proto__":{},"constructor":1}'),
  ),
  'a clock beyond all years': inTurn(
    sends(control('POST', '/clock/advance', { by: 'days=99999999999' })),
    sends(control('PUT', '/clock', { now: 'days=2930000', frozen: true })),
    sends(rows('', WORLD)),
    sends(control('DELETE', '/clock')),
  ),
}

/** What is a burden by its size or its number. */
const GREEDY: Record<string, Attack> = {
  'a body of 50 MB': floods(post('Content-Length: 50000000'), 'x'.repeat(65_536), 50_000_000),
  'a body of 50 MB, in chunks': floods(post(CHUNKED), `8000\r\n${'x'.repeat(0x8000)}\r\n`, 50_000_000),
  'a control body of 50 MB': floods(
    `POST ${WORLD}/_mock/fixtures HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50000000\r\n\r\n`,
    `"${'x'.repeat(65_535)}`,
    50_000_000,
  ),
  'changed worlds by the dozen': many(WORLDS, (i) =>
    inTurn(
      sends(request('DELETE', `/@hostile-${i}${ROWS}1/`, KEY)),
      sends(rows('?page_size=1000', `/@hostile-${i}`)),
      sends(rows('?page_size=100&ordering=-expires', `/@hostile-${i}`)),
    ),
  ),
  'paths of 10 KB in the journal': many(20, (i) => sends(get(`${WORLD}/${i}${'x'.repeat(10_000)}`))),
  'bodies of 100 KB in the journal': many(20, (i) =>
    sends(request('POST', `${WORLD}${ROWS}`, { ...KEY, ...JSON_TYPE }, text({ i, text: 'x'.repeat(100_000) }))),
  ),
  'findings of new kinds': many(20, (i) => sends(rows(`?unknown_${Math.random()}=${i}`, WORLD))),
  'callers of new names': many(20, () => sends(request('GET', `${WORLD}${ROWS}`, bearer(`key-${Math.random()}`)))),
  'long polls whose clients vanish': many(50, () => vanishes(control('GET', '/requests?wait=30&count=999999'))),
  'delays whose clients vanish': many(50, () => vanishes(slow(60_000))),
  'big lists whose clients vanish': many(5, () => vanishes(rows('?page_size=1000').repeat(3), 5)),
  '200 idle connections': many(200, () => leaves('')),
  '500 requests whose answers nobody reads': leaves(rows('?page_size=100').repeat(500)),
  'a request a byte at a time': sends(...rows().slice(0, 120)),
}

/** What a web page would do, were it allowed to: in the worlds of good clients too. */
const CROSS: Record<string, Attack> = {
  'a page that resets a good world': inGoodWorlds(
    (world) => request('POST', `${world}/_mock/reset`, { ...JSON_TYPE, ...CROSS_SITE }, '{}'),
    (world) => request('POST', `${world}/_mock/reset`, { 'Content-Type': 'text/plain', Origin: 'null' }, '{}'),
  ),
  'a page that ends a good world': inGoodWorlds((world) =>
    request('DELETE', `/_mock/worlds/${world.slice(2)}`, CROSS_SITE),
  ),
  'a page that deletes rows of a good world': inGoodWorlds((world) =>
    request('DELETE', `${world}${ROWS}1/`, { ...KEY, ...CROSS_SITE }),
  ),
  'a page that fills a good journal': inGoodWorlds((world) => request('GET', `${world}${ROWS}`, CROSS_SITE)),
  'a page that makes 200 worlds': many(200, (i) => sends(request('GET', `/@page-${i}${ROWS}1/`, CROSS_SITE))),
  'a name that points here': inGoodWorlds(
    (world) => request('POST', `${world}/_mock/reset`, { Host: 'evil.example', ...JSON_TYPE }, '{}'),
    (world) =>
      request('DELETE', `${world}/_mock/requests`, { Host: 'evil.example:9000', Origin: 'http://evil.example:9000' }),
  ),
  'a browser’s icon': sends(request('GET', '/favicon.ico'), request('GET', `${WORLD}/favicon.ico`, CROSS_SITE)),
}

function inGoodWorlds(...requests: ((world: string) => string)[]): Attack {
  return inTurn(...GOOD_WORLDS.flatMap((world) => requests.map((asked) => sends(asked(world)))))
}

/** Connections that stay open: what a server has to part with when it is told to stop. */
export const HELD: Record<string, Attack> = {
  'a connection that says nothing': leaves(''),
  'half a header': leaves(`GET ${ROWS} HTTP/1.1\r\nHost: loc`),
  'half a body': leaves(post('Content-Length: 100', 'half')),
  'half a chunk': leaves(post(CHUNKED, '100\r\nhalf')),
  'half a control body': leaves(control('POST', '/fixtures', '{"users": []}').slice(0, -5)),
  'a delay of 60 s': leaves(slow(60_000)),
  'a fault that delays 60 s': inTurn(
    sends(control('POST', '/faults', { path: '/delayed', delay: 60_000 })),
    leaves(get(`${WORLD}/delayed`)),
  ),
  'an answer that is too slow': leaves(get(`${WORLD}${ROWS}`, { 'X-Mock-Prefer': 'preset=too-slow' })),
  'a long poll': leaves(control('GET', '/requests?wait=30&count=999999')),
  'a big list that nobody reads': leaves(rows('?page_size=1000').repeat(100)),
  'a kept connection': leaves(get(`${ROWS}1/`)),
}

export const HOSTILE: Record<string, Attack> = { ...MALFORMED, ...EXPENSIVE, ...GREEDY, ...CROSS, ...HELD }
