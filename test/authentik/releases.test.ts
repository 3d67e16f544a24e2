import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/schema'
import { changesBetween } from '../../src/authentik/release-changes.js'
import { findRelease, RELEASES, type Release } from '../../src/authentik/releases.js'
import { bodySchemas, type RefreshTokenBody, type RefreshTokenListBody, startMock } from '../../src/index.js'
import { readRecording } from '../conformance/exchanges.js'
import breaches from '../contract/breaches.json' with { type: 'json' }
import epochs from '../contract/index.json' with { type: 'json' }
import keyOrder from '../contract/keyorder.json' with { type: 'json' }
import { send } from '../http.js'

const LIST = '/api/v3/oauth2/refresh_tokens/'
const CONTRACTS = [...new Set(RELEASES.map(({ contract }) => contract))]
const RECORDED = RELEASES.filter(({ evidence }) => evidence === 'recorded').map(({ name }) => name)

type Schema = Record<string, unknown> & { properties?: Record<string, Schema>; required?: string[] }

/** The schema of a component in a contract, its references put in their places, as JSON Schema says it. */
function contractOf({ contract }: Release, component: string): Schema {
  const { schemas } = JSON.parse(
    readFileSync(join(import.meta.dirname, '..', 'contract', `${contract}.json`), 'utf8'),
  ).components
  const inline = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(inline)
    if (node === null || typeof node !== 'object') return node
    const { $ref, nullable, allOf, ...rest } = node as { $ref?: string; nullable?: boolean; allOf?: unknown[] }
    if ($ref !== undefined) return inline(schemas[$ref.split('/').at(-1) as string])
    const own = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, inline(value)]))
    const whole = allOf === undefined ? own : { ...own, ...(inline(allOf[0]) as object) }
    return nullable === true ? { anyOf: [whole, { type: 'null' }] } : whole
  }
  return inline(schemas[component]) as Schema
}

/** A contract that allows what authentik does against it: the field may be anything, or be missing. */
function forgiving(schema: Schema, at: string[]): void {
  const [field = '', ...rest] = at
  const inner = schema.properties?.[field]
  if (inner === undefined) return
  if (rest.length > 0) return forgiving(inner, rest)
  schema.required = schema.required?.filter((name) => name !== field) ?? []
  if (schema.properties !== undefined) schema.properties[field] = {}
}

function meets(schema: { Check(value: unknown): boolean }, row: RefreshTokenBody): boolean {
  return schema.Check(row)
}

/** So many that each field has all that it may be. */
const MADE_UP = 300

/** Rows of every kind: captured, the shipped company, made up. */
const MOCKS = await Promise.all(
  [{ fixtures: [...readRecording('2026.2.2').rows.values()] }, {}, { generate: MADE_UP }].map((options) =>
    startMock(options),
  ),
)
t.teardown(() => Promise.all(MOCKS.map((mock) => mock.close())))

async function rowsAt(release: string): Promise<RefreshTokenBody[]> {
  const rows: RefreshTokenBody[] = []
  for (const mock of MOCKS) {
    await mock.serveAs(release)
    for (let page = 1; page > 0; ) {
      const { body } = await send(mock.url, {
        path: `${LIST}?page_size=100&page=${page}`,
        headers: { Authorization: `Bearer ${mock.token}` },
      })
      const { results, pagination } = JSON.parse(body) as RefreshTokenListBody
      rows.push(...results)
      page = pagination.next
    }
  }
  return rows
}

t.test('the table knows the releases of the contracts, and no others', async (t) => {
  t.strictSame(
    RELEASES.map(({ name, contract }) => `${name} ${contract}`),
    epochs.epochs.flatMap(({ file, releases }) => releases.map((release) => `${release} ${file.replace('.json', '')}`)),
  )
  t.strictSame(RECORDED, ['2024.12.3', '2025.2.4', '2025.4.4', '2025.6.4', '2025.8.1', '2025.12.4', '2026.2.2'])
})

t.test('the keys of each release are those of its contract, in their order', async (t) => {
  for (const contract of CONTRACTS) {
    const release = RELEASES.find((release) => release.contract === contract) as Release
    const order = keyOrder[contract as keyof typeof keyOrder] as unknown as Record<string, { keys: string[] }>
    const keysOf = (...names: string[]) => names.map((name) => order[name]?.keys).find((keys) => keys !== undefined)
    const absent = (key: string) => release.backchannelKeys === 'absent' && key.startsWith('assigned_backchannel_')
    t.strictSame(
      release.providerKeys,
      keysOf('OAuth2Provider', 'Provider')?.filter((key) => !absent(key)),
      `${contract}: provider`,
    )
    t.strictSame(release.userKeys, keysOf('User'), `${contract}: user`)
    t.strictSame(release.groupKeys, keysOf('UserGroup', 'PartialGroup'), `${contract}: group`)
    t.strictSame(release.listKeys, keysOf('PaginatedTokenModelList'), `${contract}: list`)
  }
})

const broken = new Set<string>()

for (const contract of CONTRACTS) {
  t.test(`what is served as ${contract} keeps to its contract, but for what authentik breaks of it`, async (t) => {
    const release = RELEASES.findLast((release) => release.contract === contract) as Release
    const schema = contractOf(release, 'TokenModel')
    for (const { at } of breaches) forgiving(schema, at.split('.').slice(1))
    const isAllowed = Compile(schema as TSchema)
    const isOwn = Compile(bodySchemas(release).RefreshToken)
    const rows = await rowsAt(release.name)
    for (const row of rows) {
      if (!meets(isAllowed, row)) t.fail(`row ${row.pk}`, { errors: isAllowed.Errors(row)[1] })
      if (!meets(isOwn, row)) t.fail(`row ${row.pk}: own schema`)
      if (String(Object.keys(row.provider)) !== String(release.providerKeys)) t.fail(`row ${row.pk}: provider keys`)
      if (String(Object.keys(row.user)) !== String(release.userKeys)) t.fail(`row ${row.pk}: user keys`)
      for (const group of row.user.groups_obj ?? [])
        if (String(Object.keys(group)) !== String(release.groupKeys)) t.fail(`row ${row.pk}: group keys`)
    }
    t.equal(rows.length, 13 + 14 + MADE_UP)
    for (const { at } of breaches) {
      const strict = contractOf(release, 'TokenModel')
      for (const other of breaches) if (other.at !== at) forgiving(strict, other.at.split('.').slice(1))
      const check = Compile(strict as TSchema)
      if (rows.some((row) => !meets(check, row))) broken.add(at)
    }
  })
}

t.test('each listed breach is one still', async (t) => {
  t.strictSame([...broken].sort(), breaches.map(({ at }) => at).sort())
})

t.test('captured rows of every recorded release are served as every other', async (t) => {
  // Those of one contract serve the same.
  const served = CONTRACTS.map((contract) => RELEASES.findLast((release) => release.contract === contract) as Release)
  const checks = served.map((release) => Compile(bodySchemas(release).RefreshToken))
  for (const from of RECORDED) {
    const fixtures = [...readRecording(from).rows.values()]
    await using mock = await startMock({ fixtures, release: from })
    for (const [i, to] of served.entries()) {
      await mock.serveAs(to.name)
      const { body } = await send(mock.url, {
        path: `${LIST}?ordering=pk`,
        headers: { Authorization: `Bearer ${mock.token}` },
      })
      const { results } = JSON.parse(body) as RefreshTokenListBody
      const check = checks[i]
      if (results.length !== 13 || !results.every((row) => check?.Check(row))) t.fail(`${from} as ${to.name}`)
      const kept = ['pk', 'is_expired', 'expires', 'scope', 'id_token', 'revoked'] as const
      if (
        !results.every((row) =>
          kept.every(
            (key) => JSON.stringify(row[key]) === JSON.stringify(fixtures.find(({ pk }) => pk === row.pk)?.[key]),
          ),
        )
      )
        t.fail(`${from} as ${to.name}: changed`)
    }
  }
  t.pass(`${RECORDED.length} releases as ${served.length}`)
})

t.test('what changes between two releases', async (t) => {
  const between = (from: string, to: string) =>
    changesBetween(findRelease(from) as Release, findRelease(to) as Release).map(({ text }) => text)
  t.strictSame(between('2025.4', '2025.6'), [])
  t.strictSame(between('2025.2', '2025.2'), [])
  t.strictSame(between('2024.12', '2025.2'), [
    '+ user.password_change_date, after uuid',
    'a client may revoke: any token (was: any token, if it is confidential)',
    'deactivating a user deletes: tokens of sessions (was: nothing)',
  ])
  t.strictSame(between('2025.2', '2024.12'), [
    '- user.password_change_date',
    'a client may revoke: any token, if it is confidential (was: any token)',
    'deactivating a user deletes: nothing (was: tokens of sessions)',
  ])
  t.ok(between('2025.8', '2025.10').includes('refresh_token in the answer to a refresh: last (was: second)'))
  t.ok(between('2025.10', '2025.12.4').includes('- group.parent'))
  t.ok(between('2025.10', '2025.12.4').includes('page_size by default: 20 (was: 100)'))
  t.equal(between('2025.12.4', '2025.12.5').filter((text) => text.startsWith('- provider.')).length, 17)
  for (const [i, release] of RELEASES.entries()) {
    const before = RELEASES[i - 1]
    if (before !== undefined && before.contract === release.contract)
      t.strictSame(between(before.name, release.name), [], `${before.name} to ${release.name}`)
  }
})

t.test('each release behaves as its line says', async (t) => {
  const rules: [query: string, headers: Record<string, string>, last: string, before: object, after: object][] = [
    ['?page=', {}, '2025.2', { status: 404 }, { status: 200 }],
    ['?search=%00', {}, '2025.2', { status: 200 }, { status: 400, body: '["Null characters are not allowed."]' }],
    [
      '?user=%00',
      {},
      '2025.2',
      { body: /Select a valid choice/ },
      { body: '{"user":["Null characters are not allowed."]}' },
    ],
    [
      '?provider=%00&user=x',
      {},
      '2025.2',
      { body: /^\{"user":\["Select.*"provider":\["Select/ },
      { body: /^\{"user":\["Select.*"provider":\["Null/ },
    ],
    [
      '424242/',
      {},
      '2025.2',
      { body: '{"detail":"Not found."}' },
      { body: '{"detail":"No RefreshToken matches the given query."}' },
    ],
    [
      '?page_size=1&page=x',
      { 'Accept-Language': 'de' },
      '2025.8',
      { body: '{"detail":"Invalid page."}' },
      { body: '{"detail":"Ungültige Seite."}', headers: { vary: ['Accept-Encoding', 'Accept-Language, Cookie'] } },
    ],
    [
      '',
      { Authorization: 'Basic eDp5' },
      '2025.10',
      { body: '{"detail":"Unsupported authentication type"}' },
      { body: '{"detail":"Authentication credentials were not provided."}' },
    ],
    [
      '?page_size=500',
      {},
      '2025.10',
      { body: /"count":30,"current":1,"total_pages":1,"start_index":1,"end_index":30/ },
      { body: /"count":30,"current":1,"total_pages":1,/ },
    ],
    [
      '',
      {},
      '2025.10',
      { body: /"total_pages":1,/ },
      { body: /"next":2,.*"total_pages":2,"start_index":1,"end_index":20/ },
    ],
    ['1/?include_roles=false', {}, '2025.10', { body: /^(?!.*roles_obj)/s }, { body: /"roles_obj":null/ }],
    [
      '',
      {},
      '2025.12',
      { headers: { 'content-type': 'application/json; charset=utf-8' } },
      { headers: { 'content-type': 'application/json' } },
    ],
  ]
  const minors = [...new Set(RELEASES.map(({ name }) => name.replace(/\.\d+$/, '')))]
  for (const minor of minors) {
    await using mock = await startMock({ release: minor, generate: 30 })
    for (const [query, headers, last, before, after] of rules) {
      const answer = await send(mock.url, {
        path: LIST + query,
        headers: { Authorization: `Bearer ${mock.token}`, ...headers },
      })
      t.match(
        answer,
        minors.indexOf(minor) <= minors.indexOf(last) ? before : after,
        `${minor}: ${query} ${Object.values(headers)}`,
      )
    }
  }
})
