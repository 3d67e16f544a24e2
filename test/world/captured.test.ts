import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { TObject } from 'typebox'
import { findRelease, type Release } from '../../src/authentik/releases.js'
import { type Mock, type RefreshTokenBody, type RefreshTokenListBody, startMock } from '../../src/index.js'
import { GroupSeed } from '../../src/world/kinds/groups.js'
import { ProviderSeed, RedirectUriSeed } from '../../src/world/kinds/providers.js'
import { RefreshTokenSeed } from '../../src/world/kinds/refresh-tokens.js'
import { UserSeed } from '../../src/world/kinds/users.js'
import { send } from '../http.js'
import { runHere } from '../process.js'

const LIST = '/api/v3/oauth2/refresh_tokens/?page_size=100'

/** What a mock answers: its text. */
async function listOf(mock: Mock): Promise<string> {
  const { body } = await send(mock.url, { path: LIST, headers: { Authorization: `Bearer ${mock.token}` } })
  return body
}

async function capturedOf(release: string): Promise<RefreshTokenBody[]> {
  await using mock = await startMock({ release })
  return (JSON.parse(await listOf(mock)) as RefreshTokenListBody).results
}

t.test('what another release shows, and a captured row does not say, is told of', async (t) => {
  const cases: [from: string, at: string, told: RegExp[]][] = [
    ['2025.2', '2025.2', []],
    ['2026.8', '2026.8', []],
    ['2026.8', '2025.12.4', [/^(\d+) of \1 captured providers came without client_type, client_id, client_secret, /]],
    [
      '2026.2.2',
      '2025.2',
      [/^(\d+) of \1 captured groups came without parent, which 2025\.2\.4 shows: the mock made that up$/],
    ],
    [
      '2024.10.2',
      '2026.2.2',
      [
        /^(\d+) of \1 captured providers came without refresh_token_threshold, logout_uri, logout_method, jwt_federation_providers, which/,
        /^(\d+) of \1 captured users came without date_joined, roles, roles_obj, password_change_date, last_updated, which/,
      ],
    ],
  ]
  for (const [from, at, told] of cases) {
    const rows = await capturedOf(from)
    await using mock = await startMock({ release: at, fixtures: { users: [{ username: 'me' }] } })
    const { warnings } = await mock.fixtures.merge(rows)
    t.equal(warnings.length, told.length, `${from} at ${at}: ${warnings}`)
    for (const [i, pattern] of told.entries()) t.match(warnings[i], pattern)
    const again = await mock.fixtures.merge(rows)
    t.strictSame(again.warnings, [], 'rows that are there already lack nothing')
  }
})

t.test('what a fixture beside the captured rows says is not made up', async (t) => {
  const [row] = await capturedOf('2026.8')
  const { pk } = row?.provider ?? {}
  const others = (findRelease('2025.2') as Release).providerKeys.filter((key) => !(key in (row?.provider ?? {})))
  t.ok(others.includes('client_id'))
  const folder = t.testdir({
    'rows.json': JSON.stringify([row]),
    'beside.json': JSON.stringify({ providers: [{ pk, client_id: 'wiki', client_type: 'public' }] }),
  })
  const files = [`${folder}/rows.json`, `${folder}/beside.json`]
  const { code, stdout } = await runHere(['validate', '--release', '2025.2', ...files])
  const names = others.filter((key) => key !== 'client_id' && key !== 'client_type').join(', ')
  t.equal(code, 0)
  t.match(stdout, `warning: 1 of 1 captured providers came without ${names}, which 2025.2.4 shows`)
})

/** Odd as a real server may be: newer than the mock, longer than the mock would take, or not as the mock would write it. */
const ODD: Record<string, (row: RefreshTokenBody) => void> = {
  'an odd e-mail address': (row) => Object.assign(row.user, { email: 'jane at home ' }),
  'a newer user type': (row) => Object.assign(row.user, { type: 'robot' }),
  'a long username': (row) => Object.assign(row.user, { username: 'x'.repeat(200) }),
  'a long client id': (row) => Object.assign(row.provider, { client_id: 'y'.repeat(300) }),
  'a newer client type': (row) => Object.assign(row.provider, { client_type: 'federated' }),
  'a newer sub_mode': (row) => Object.assign(row.provider, { sub_mode: 'user_serial' }),
  'a newer issuer_mode': (row) => Object.assign(row.provider, { issuer_mode: 'per_tenant' }),
  'an odd duration': (row) => Object.assign(row.provider, { access_code_validity: 'minutes=1;' }),
  'a duration of nothing': (row) => Object.assign(row.provider, { refresh_token_validity: '' }),
  'a newer matching mode': (row) =>
    Object.assign(row.provider, { redirect_uris: [{ matching_mode: 'glob', url: 'https://*.example.com' }] }),
}

t.test('what is odd in a captured row is served as it is, through a file, and through an export', async (t) => {
  const [row] = await capturedOf('2025.2')
  for (const [name, change] of Object.entries(ODD)) {
    const odd = structuredClone(row) as RefreshTokenBody
    change(odd)
    const text = JSON.stringify([odd])
    const file = `${t.testdir({ 'rows.json': text })}/rows.json`
    await using mock = await startMock({ fixtures: file, logLevel: 'silent' })
    const served = await listOf(mock)
    t.equal(JSON.stringify((JSON.parse(served) as RefreshTokenListBody).results), text, name)
    const seeds = JSON.parse((await send(mock.url, { path: '/_mock/fixtures' })).body)
    t.equal(seeds.captured, true, `${name}: the export says so`)
    await using again = await startMock({ fixtures: seeds, token: mock.token, logLevel: 'silent' })
    t.equal(await listOf(again), served, `${name}, loaded again`)
    const put = await send(mock.url, {
      ...{ method: 'PUT', path: '/_mock/fixtures', headers: { 'Content-Type': 'application/json' } },
      body: JSON.stringify(seeds),
    })
    t.equal(put.status, 204, put.body)
    t.equal(await listOf(mock), served, `${name}, put again`)
  }
  await using plain = await startMock({ fixtures: [row as RefreshTokenBody] })
  const { body } = await send(plain.url, { path: '/_mock/fixtures' })
  t.notOk('captured' in JSON.parse(body), 'nothing odd, no mark')
})

t.test('what a person wrote beside odd rows is held to the grammar', async (t) => {
  const stub = { method: 'GET', path: '/here/', status: 200, text: 'here' }
  const odd = { captured: true, users: [{ username: 'jane', type: 'robot' }], stubs: [stub] }
  await using mock = await startMock({ fixtures: odd as object, logLevel: 'silent' })
  t.equal((await send(mock.url, { path: '/here/' })).body, 'here', 'the stubs are kept')
  const wrong: [fixtures: object, mistakes: RegExp[]][] = [
    [{ ...odd, groops: [] }, [/groops: found an unknown field; did you mean groups\?/]],
    [{ ...odd, base_url: 'nowhere' }, [/base_url: found "nowhere"/]],
    [{ ...odd, stubs: [{ ...stub, path: 'here/' }] }, [/stubs\[0\]\.path: found "here\/"/]],
    [
      {
        users: [{ usrname: 'jane' }],
        stubs: [
          { ...stub, text: '{{ path.' },
          { ...stub, satus: 200 },
        ],
      },
      [/users\[0\]\.usrname: /, /stubs\[1\]\.satus: /, /stubs\[0\]\.text: found a template that cannot be read/],
    ],
  ]
  for (const [fixtures, patterns] of wrong) {
    const { message } = (await startMock({ fixtures }).catch((error: unknown) => error)) as Error
    const lines = message.split('\n')
    t.equal(lines.length, patterns.length, message)
    for (const pattern of patterns) t.match(message, pattern)
  }
})

t.test('every field that the contract of any release names may stand in a seed', async (t) => {
  const kindOf: Record<string, TObject> = {
    ...{ TokenModel: RefreshTokenSeed, OAuth2Provider: ProviderSeed, User: UserSeed, RedirectURI: RedirectUriSeed },
    ...{ UserGroup: GroupSeed, PartialGroup: GroupSeed },
  }
  const folder = join(import.meta.dirname, '..', 'contract')
  const found = new Set<string>()
  for (const file of readdirSync(folder).filter((name) => /^\d{4}/.test(name))) {
    const { components } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    for (const [component, seed] of Object.entries(kindOf)) {
      const names = Object.keys(components.schemas[component]?.properties ?? {})
      if (names.length > 0) found.add(component)
      const unknown = names.filter((name) => !Object.hasOwn(seed.properties, name))
      t.strictSame(unknown, [], `${file}: ${component}`)
    }
  }
  t.strictSame([...found].sort(), Object.keys(kindOf).sort(), 'each component was seen')
})

t.test('the terms of other releases mean what they mean there', async (t) => {
  const source = '0123abcd-0000-4000-8000-000000000001'
  const provider = {
    name: 'wiki',
    jwks_sources: [source],
    redirect_uris: [{ matching_mode: 'strict', url: 'https://a.example.com/', redirect_uri_type: 'logout' }],
  }
  const tokens = [
    { provider: 'wiki', is_expired: true },
    { provider: 'wiki', is_expired: false },
  ]
  const fixtures = { providers: [provider], users: [{ username: 'jane' }], refresh_tokens: tokens } as object
  const shown: [release: string, field: string][] = [
    ['2024.10', 'jwks_sources'],
    ['2025.2', 'jwt_federation_sources'],
  ]
  for (const [release, field] of shown) {
    await using mock = await startMock({ release, fixtures })
    const { results } = JSON.parse(await listOf(mock)) as RefreshTokenListBody
    t.strictSame(
      results.map(({ is_expired }) => is_expired),
      [true, false],
    )
    t.strictSame((results[0]?.provider as Record<string, unknown> | undefined)?.[field], [source], release)
    const { body } = await send(mock.url, { path: '/_mock/fixtures' })
    t.strictSame(JSON.parse(body).providers[0].redirect_uris, provider.redirect_uris, 'the type is kept')
  }
})
