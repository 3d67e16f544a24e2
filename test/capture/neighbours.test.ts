import { join } from 'node:path'
import t from 'tap'
import { startMock } from '../../src/index.js'
import { send } from '../http.js'
import { captured, serveAs } from './captured.js'

/** `capture --with`: what stands next to the refresh tokens. */

const WORLD = join(import.meta.dirname, '..', 'conformance', 'oauth2', '2025.2.4', 'world.json')
const ALL = ['--with', 'users,providers,applications']
const LISTS = {
  users: 'core/users/?',
  providers: 'providers/oauth2/?',
  applications: 'core/applications/?superuser_full_list=true&',
  refresh_tokens: 'oauth2/refresh_tokens/?',
}

type Row = Record<string, unknown>

async function listOf({ url, token }: { url: string; token: string }, section: keyof typeof LISTS): Promise<Row[]> {
  const path = `/api/v3/${LISTS[section]}ordering=pk&page_size=100`
  return JSON.parse((await send(url, { path, headers: { Authorization: `Bearer ${token}` } })).body).results
}

for (const release of ['2024.10.0', '2025.2.4', '2025.12.6', '2026.8.3']) {
  t.test(`${release}: neighbours come back byte for byte`, async (t) => {
    await using mock = await startMock({ release, fixtures: WORLD })
    for (const more of [['--no-scrub'], []]) {
      const { text, said } = await captured(mock.url, mock.token, ...ALL, '--page-size', '5', ...more)
      for (const line of [
        'read 13 users',
        'read 16 providers',
        'read 15 applications',
        'all of it comes back byte for byte',
      ])
        t.match(said, line)
      const file = JSON.parse(text)
      t.strictSame(Object.keys(file), ['captured', 'users', 'providers', 'applications', 'refresh_tokens'])
      const token = 'key-of-the-twin'
      const caller = {
        groups: [{ name: 'callers', is_superuser: true }],
        users: [{ username: 'caller', groups: ['callers'] }],
      }
      const fixtures = [file, { ...caller, tokens: { caller: { key: token, user: 'caller' } } }]
      await using twin = await startMock({ release, fixtures, logLevel: 'silent' })
      const asRead = more.length > 0
      for (const section of ['users', 'providers', 'applications', 'refresh_tokens'] as const) {
        const wanted = asRead ? await listOf(mock, section) : (file[section] as Row[])
        const got = await listOf({ url: twin.url, token }, section)
        const [a, b] = [wanted, got].map((rows) => new Map(rows.map((row) => [row['pk'], row])))
        for (const [pk, row] of a ?? []) t.match(b?.get(pk), row, `${section} ${pk}`)
      }
    }
  })
}

t.test('the same person, provider and application is the same in every section', async (t) => {
  await using mock = await startMock({ fixtures: WORLD })
  const file = JSON.parse((await captured(mock.url, mock.token, ...ALL)).text)
  const byKey = (section: string) => new Map((file[section] as Row[]).map((row) => [row['pk'], row]))
  for (const { user, provider } of file.refresh_tokens) {
    t.strictSame(user, byKey('users').get(user.pk))
    t.strictSame(provider, byKey('providers').get(provider.pk))
  }
  for (const { slug, provider } of file.applications)
    if (provider !== null) t.equal(byKey('providers').get(provider)?.['assigned_application_slug'], slug)
})

t.test('what the token may not see is left out, and said', async (t) => {
  await using mock = await startMock({ fixtures: WORLD })
  const { text, said } = await captured(mock.url, 'jane-plain-user-token', ...ALL)
  t.match(said, /^warning: --with users: \/api\/v3\/core\/users\/ answers 403: .*; they are left out$/m)
  t.match(said, /^warning: --with providers: /m)
  const file = JSON.parse(text)
  t.strictSame(Object.keys(file), ['captured', 'applications', 'refresh_tokens'])
  t.match(said, 'applications[].provider: not one of the providers that were read: null stands there')
  const known = new Set(file.refresh_tokens.map(({ provider }: { provider: { pk: number } }) => provider.pk))
  for (const { provider } of file.applications) t.ok(provider === null || known.has(provider))
})

t.test('what a fixture does not say of an application is named', async (t) => {
  const application = {
    pk: '840fc0af-41fc-4005-ae8e-e29c313824e1',
    slug: 'a',
    name: 'A',
    provider: null,
    meta_icon: '/x.png',
    group: '',
  }
  await using target = await serveAs(({ url = '' }, response) => {
    const results = url.startsWith('/api/v3/core/applications/') ? [application] : []
    const count = results.length
    const pagination = { next: 0, previous: 0, count, current: 1, total_pages: 1, start_index: count, end_index: count }
    const schema = { info: { version: '2025.2.4' } }
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(url.startsWith('/api/v3/schema/') ? schema : { pagination, results }))
  })
  const { text, said } = await captured(target.url, 'k', '--with', 'applications')
  t.match(said, 'warning: applications[].meta_icon: not kept, as the mock always answers null')
  t.notMatch(said, 'applications[].group')
  t.notMatch(text, 'x.png')
})

t.test('a list of neighbours that is none', async (t) => {
  await using target = await serveAs(({ url = '' }, response) => {
    const results = url.startsWith('/api/v3/core/users/') ? [{ pk: 1 }] : []
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.end(
      JSON.stringify({ pagination: { next: 0, count: results.length }, results, info: { version: '2025.2.4' } }),
    )
  })
  await t.rejects(
    captured(target.url, 'k', '--with', 'users'),
    /but \/api\/v3\/core\/users\/ answers 200 .*; allowed: an authentik/,
  )
  for (const list of ['groups', 'users,', ''])
    await t.rejects(
      captured(target.url, 'k', '--with', list),
      /--with: found .*; allowed: any of users, providers, applications, with commas between/,
      list,
    )
})
