import t from 'tap'
import { type ComparedAnswer, differences } from '../../src/verify/comparison.js'
import { type Exchange, differences as ofExchange, readRecording } from '../conformance/exchanges.js'

/** A comparison that finds nothing is worthless: what it must find, and what it must not. */

const recording = readRecording('2025.2.4')
const { rows } = recording
const LIST = '/api/v3/oauth2/refresh_tokens/'
const [one, two, three] = [...rows.values()]
/** Two rows that tie in everything a list is ordered by. */
const twin = { ...one, pk: 9001 }

const list = (...results: unknown[]) => JSON.stringify({ pagination: { count: results.length }, results })
const answer = (changes: Partial<ComparedAnswer> = {}) => ({
  status: 200,
  headers: { 'content-type': 'application/json', vary: ['Accept', 'Cookie'], 'content-length': '2' },
  body: '{}',
  ...changes,
})
const headers = (changes: Record<string, string | string[]>, ...without: string[]) => ({
  headers: Object.fromEntries(
    Object.entries({ ...answer().headers, ...changes }).filter(([name]) => !without.includes(name)),
  ),
})

t.test('what differs is found, and where', (t) => {
  const cases: [what: string, wanted: Partial<ComparedAnswer>, got: Partial<ComparedAnswer>, found: RegExp][] = [
    ['a status', {}, { status: 204 }, /^status: here 204, there 200$/],
    ['a header', {}, headers({ 'content-type': 'text/html' }), /^header content-type: here "text\/html", there "appl/],
    ['a header less', {}, headers({}, 'content-type'), /^header content-type: here none, there "application\/json"$/],
    ['a header more', {}, headers({ server: 'x' }), /^header server: here "x", there none$/],
    [
      'one of two headers',
      {},
      headers({ vary: 'Accept' }),
      /^header vary: here "Accept", there \["Accept","Cookie"\]$/,
    ],
    ['the order of headers', {}, headers({ vary: ['Cookie', 'Accept'] }), /^header vary: /],
    ['a length', {}, headers({ 'content-length': '3' }), /^header content-length: here "3", there "2"$/],
    [
      'an id of the wrong form',
      headers({ 'x-authentik-id': 'a'.repeat(32) }),
      headers({ 'x-authentik-id': 'x' }),
      /-id: /,
    ],
    ['an id less', headers({ 'x-authentik-id': 'a'.repeat(32) }), {}, /^header x-authentik-id: here none/],
    ['a byte', { body: '{"a":1}' }, { body: '{"a":2}' }, /^body: here "\{\\"a\\":2\}", there "\{\\"a\\":1\}"$/],
    ['a blank', { body: '{"a":1}' }, { body: '{"a": 1}' }, /^body: /],
    ['the order of keys', { body: '{"a":1,"b":2}' }, { body: '{"b":2,"a":1}' }, /^body: /],
    ['how a number is written', { body: '{"a":1}' }, { body: '{"a":1.0}' }, /^body: /],
    [
      'a secret',
      { body: '{"token":"a"}' },
      { body: '{"token":"b"}' },
      /^body: here "another secret", there "one secret"$/,
    ],
    ['no body', { body: '{"a":1}' }, { body: '' }, /^body: here "", there/],
    ['a row less', { body: list(one, two) }, { body: list(one) }, /^body: /],
    ['a row twice', { body: list(one, twin) }, { body: list(one, one) }, /^body: /],
    [
      'rows that do not tie, in another order',
      { body: list(one, two, three) },
      { body: list(two, one, three) },
      /^body: /,
    ],
    ['a field of a row that ties', { body: list(one, twin) }, { body: list({ ...twin, scope: [] }, one) }, /^body: /],
    ['the numbers of a page', { body: list(one, twin) }, { body: list(twin, one).replace('2', '3') }, /^body: /],
  ]
  for (const [what, wanted, got, found] of cases) t.match(compared(wanted, got), [found], what)
  t.end()
})

t.test('what need not agree is no difference', (t) => {
  const cases: [what: string, wanted: Partial<ComparedAnswer>, got: Partial<ComparedAnswer>][] = [
    ['the same', {}, {}],
    ['the time', headers({ date: 'then' }), headers({ date: 'now', connection: 'close' })],
    ['an id', headers({ 'x-authentik-id': 'a'.repeat(32) }), headers({ 'x-authentik-id': 'b'.repeat(32) })],
    ['rows that tie, in another order', { body: list(one, twin, two) }, { body: list(twin, one, two) }],
    ['a page for people', { loose: true, body: 'a' }, { body: 'b', ...headers({ 'content-length': '9' }) }],
    ['what was not kept', { loose: true, body: undefined }, { body: 'b' }],
  ]
  for (const [what, wanted, got] of cases) t.strictSame(compared(wanted, got), [], what)
  t.end()
})

function compared(wanted: Partial<ComparedAnswer>, got: Partial<ComparedAnswer>): string[] {
  const names = { got: 'here', wanted: 'there' }
  return differences(answer(wanted), { ...answer(got), body: got.body ?? '{}' }, { path: LIST, rows, names })
}

t.test('a recorded exchange is compared as a whole: rows by their keys, pages by theirs', (t) => {
  const exchange: Exchange = { name: 'x', method: 'GET', path: LIST, status: 200, responseHeaders: {} }
  const pagination = { next: 0, count: 2 }
  const [first, second] = [one?.pk ?? 0, two?.pk ?? 0]
  const page = JSON.stringify({ pagination, results: [one, two] })
  const cases: [recorded: Partial<Exchange>, body: string, isSame: boolean][] = [
    [{ row: first }, JSON.stringify(one), true],
    [{ row: first }, JSON.stringify(two), false],
    [{ row: first }, JSON.stringify({ ...one, revoked: !one?.revoked }), false],
    [{ page: { pagination, results: [first, second] } }, page, true],
    [{ page: { pagination, results: [second, first] } }, page, false],
    [{ page: { pagination, results: [first] } }, page, false],
    [{ page: { pagination: { next: 1, count: 2 }, results: [first, second] } }, page, false],
    [{ body: 'x' }, 'x', true],
    [{ body: 'x' }, 'y', false],
    [{ html: true }, '<p>', true],
    [{ bytes: 'a few' }, 'b', true],
  ]
  for (const [recorded, body, isSame] of cases) {
    const found = ofExchange({ ...exchange, ...recorded }, { status: 200, headers: {}, body } as never, recording)
    t.equal(found.length, isSame ? 0 : 1, `${JSON.stringify(recorded)} and ${body.slice(0, 40)}`)
  }
  t.end()
})
