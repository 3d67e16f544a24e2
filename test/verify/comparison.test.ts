import t from 'tap'
import { type Mock, type RefreshTokenListBody, startMock } from '../../src/index.js'
import { LIST } from '../../src/upstream/read-rows.js'
import type { Client } from '../../src/upstream/upstream-client.js'
import type { Probe } from '../../src/verify/probe.js'
import { probesFor } from '../../src/verify/probes.js'
import { compareAll } from '../../src/verify/verify.js'
import { send, type WireAnswer } from '../http.js'

type Headers = WireAnswer['headers']

/** What is found where the target answers as the mock does, but for some headers. Undefined as a value: without it. */
async function foundWith(mock: Mock, name: string, change: Record<string, string | undefined>) {
  const authorization = { Authorization: `Bearer ${mock.token}` }
  const { results: rows } = JSON.parse(
    (await send(mock.url, { path: LIST, headers: authorization })).body,
  ) as RefreshTokenListBody
  const probe = probesFor(rows, mock.token).find((one) => one.name === name) as Probe
  const client: Client = {
    url: mock.url,
    authorization,
    limit: 1e6,
    async ask(request) {
      const answer = await send(mock.url, request)
      const headers = Object.entries({ ...answer.headers, ...change }).filter(([, value]) => value !== undefined)
      return { ...answer, headers: Object.fromEntries(headers) as Headers }
    },
  }
  const { compared } = await compareAll([probe], rows, client, mock, () => {})
  return compared.flatMap(({ differences }) => differences)
}

t.test('what says nothing of the release is no difference', async (t) => {
  const chunked = { 'transfer-encoding': 'chunked', 'content-length': undefined }
  const cases: [name: string, target: Record<string, string | undefined>, found: RegExp[]][] = [
    // The texts of pages are free, and so are their lengths: that of GET, and that of HEAD.
    ['path/no-slash', { 'content-length': '179' }, []],
    ['path/no-slash-head', { 'content-length': '179' }, []],
    ['path/no-slash-head', { 'content-length': '0' }, [/^header content-length: mock "\d+", target "0"$/]],
    ['path/no-slash-head', { vary: 'Cookie' }, [/^header vary: /]],
    ['who/caller/HEAD-detail', { 'content-length': '5' }, [/^header content-length: mock "\d+", target "5"$/]],
    // How an empty answer ends depends on the Go of the front server; that another does is news.
    ['host/underscore', chunked, []],
    ['host/underscore', { 'transfer-encoding': undefined, 'content-length': '0' }, []],
    [
      'host/underscore',
      { 'transfer-encoding': undefined, 'content-length': undefined },
      [/^header content-length: mock (?:none|"0"), target none$/],
    ],
    ['host/underscore', { ...chunked, 'x-new': '1' }, [/^header x-new: mock none, target "1"$/]],
    ['host/unknown', chunked, [/^header transfer-encoding: /, /^header content-length: /]],
  ]
  for (const release of ['2025.2', '2025.10']) {
    await using mock = await startMock({ release })
    for (const [name, target, patterns] of cases) {
      const found = (await foundWith(mock, name, target)).sort()
      const wanted = [...patterns].sort((a, b) => String(a).localeCompare(String(b)))
      const isWanted = found.length === wanted.length && wanted.every((pattern, i) => pattern.test(found[i] ?? ''))
      t.ok(isWanted, `${release}, ${name}, ${JSON.stringify(target)}: ${found}`)
    }
  }
})

t.test('of a row that expires just now, two clocks may say either, and HEAD its length', async (t) => {
  for (const [expires, isFree] of [
    ['seconds=2', true],
    ['-seconds=2', true],
    ['hours=1', false],
    [null, false],
  ] as const) {
    await using mock = await startMock({ fixtures: { refresh_tokens: [{ pk: 1, expires }] } })
    for (const name of ['who/caller/HEAD-detail', 'who/caller/HEAD-list']) {
      const found = await foundWith(mock, name, { 'content-length': '4' })
      t.equal(found.length, isFree ? 0 : 1, `${name} of a row that expires ${expires}: ${found}`)
    }
  }
})
