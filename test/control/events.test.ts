import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import t from 'tap'
import type { JournalEntry } from '../../src/control/bodies.js'
import { type Mock, startMock } from '../../src/index.js'
import { ask, LIST, SMALL } from './small-world.js'

/** The journal as server-sent events. */

interface Listening {
  /** The next event with entries. */
  next(): Promise<JournalEntry[]>
  ended: Promise<unknown>
  response: IncomingMessage
}

async function listen(mock: Mock, query = ''): Promise<Listening> {
  const [response] = (await once(get(`${mock.url}/_mock/requests/events${query}`), 'response')) as [IncomingMessage]
  response.setEncoding('utf8')
  const parts = response[Symbol.asyncIterator]()
  const ended = new Promise((resolve) => response.once('close', resolve))
  let text = ''
  return {
    response,
    ended,
    async next() {
      for (;;) {
        const found = /^id: (\d+)\ndata: (.*)\n\n/m.exec(text)
        if (found !== null) {
          text = text.slice(found.index + found[0].length)
          return JSON.parse(found[2] ?? '')
        }
        const { value, done } = await parts.next()
        if (done) throw new Error('the events ended')
        text += value
      }
    },
  }
}

t.test('what was there comes first, and then what comes', async (t) => {
  await using mock = await startMock({ fixtures: SMALL })
  await ask(mock, LIST)
  const events = await listen(mock)
  t.equal(events.response.headers['content-type'], 'text/event-stream')
  t.match(await events.next(), [{ id: 1, method: 'GET', path: LIST, status: 200 }])
  await ask(mock, `${LIST}99/`)
  t.match(await events.next(), [{ id: 2, status: 404 }])
})

t.test('filters are those of the journal', async (t) => {
  await using mock = await startMock({ fixtures: SMALL })
  const events = await listen(mock, '?status=404&since=1')
  for (const path of [`${LIST}99/`, LIST, `${LIST}98/`]) await ask(mock, path)
  t.match(await events.next(), [{ id: 3 }])
  const { status, body } = await ask(mock, '/_mock/requests/events?limit=1')
  t.match({ status, body }, { status: 400, body: /limit/ })
})

t.test('it ends with the world, and with the mock', async (t) => {
  const mock = await startMock({ fixtures: SMALL })
  const world = mock.world('w')
  const [ofWorld, ofMock] = [await listen(world), await listen(mock)]
  ofWorld.response.resume()
  ofMock.response.resume()
  await ask(world, LIST)
  await world.close()
  await ofWorld.ended
  await mock.close()
  await ofMock.ended
  t.pass('both ended')
})

t.test('who is gone makes room for others', async (t) => {
  await using mock = await startMock({ fixtures: SMALL })
  const all = await Promise.all(Array.from({ length: 100 }, () => listen(mock)))
  t.equal((await ask(mock, '/_mock/requests/events')).status, 429)
  for (const { response } of all) response.destroy()
  for (let status = 429; status === 429; ) {
    const [response] = (await once(get(`${mock.url}/_mock/requests/events`), 'response')) as [IncomingMessage]
    status = response.statusCode ?? 0
    response.destroy()
  }
  t.pass('another one may listen')
})

t.test('rows come in pages', async (t) => {
  await using mock = await startMock({ fixtures: SMALL })
  const pks = async (query: object) => (await mock.refreshTokens.list({ ...query })).rows.map(({ pk }) => pk)
  t.strictSame(await pks({}), [1, 2, 3])
  t.strictSame(await pks({ user: 'jane' }), [2, 3])
  t.strictSame(await pks({ user: 11, ordering: '-pk' }), [3, 2])
  t.strictSame(await pks({ user: 'nobody' }), [])
  t.strictSame((await pks({ ordering: 'expires' })).at(-1), 3, 'what never expires comes last')
  t.match(await mock.refreshTokens.list({ page: 2, page_size: 2 }), { count: 3, rows: [{ pk: 3 }] })
  await mock.refreshTokens.change(2, { revoked: true })
  t.strictSame(await pks({ revoked: true }), [2])
  t.strictSame((await mock.users.list({ username: 'ada' })).count, 1)
  for (const [query, message] of [
    [{ colour: 'red' }, /colour: .*allowed: .*pk, provider, user/],
    [{ ordering: 'colour' }, /ordering: found "colour"; allowed: a column/],
    [{ page: 0 }, /page: found 0; allowed: a page, from 1/],
    [{ page_size: 1001 }, /page_size: found 1001; allowed: .*from 1 to 1000/],
    [{ revoked: 'perhaps' }, /revoked: found "perhaps"; allowed: a number, true or false/],
  ] as const)
    await t.rejects(mock.refreshTokens.list(query), { status: 400, message })
})
