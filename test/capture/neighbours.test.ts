import { join } from 'node:path'
import t from 'tap'
import { verify } from '../../src/cli/commands/verify.js'
import { readCommandLine } from '../../src/cli/invocation.js'
import { type Mock, startMock } from '../../src/index.js'
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

/** A target whose refresh tokens are read before a change, and all else after it. */
async function changedAmid(mock: Mock, change: () => Promise<unknown>) {
  const tokens = await listOf(mock, 'refresh_tokens')
  await change()
  return serveAs(async ({ url = '' }, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'X-Powered-By': 'authentik' })
    const section = Object.keys(LISTS).find((name) =>
      url.includes(LISTS[name as keyof typeof LISTS].split('?')[0] ?? ''),
    )
    if (section === undefined) return response.end('{"info":{"version":"2025.2.4"}}')
    const results = section === 'refresh_tokens' ? tokens : await listOf(mock, section as keyof typeof LISTS)
    return response.end(JSON.stringify({ pagination: { next: 0, count: results.length }, results }))
  })
}

t.test('what takes another name while it is read is told, and is no mistake of a file', async (t) => {
  const again = 'while the rows were read'
  const renames: [name: string, change: (mock: Mock) => Promise<unknown>, said: string, refusedBy: string[]][] = [
    ['a user', (mock) => mock.users.change(12, { username: 'x' }), `user 12 took another username ${again}`, []],
    [
      'a user, whose name goes to another',
      async (mock) => {
        await mock.users.change(12, { username: 'x' })
        await mock.users.change(13, { username: 'jane.doe' })
      },
      `user 12 took another username, and 1 more did so ${again}`,
      ['capture', 'verify'],
    ],
    [
      'a user who is gone, and another of the same name',
      async (mock) => {
        await mock.users.delete(12)
        await mock.users.create({ pk: 99, username: 'jane.doe' })
      },
      `user 99 took the username of user 12 ${again}`,
      [],
    ],
    [
      'a provider, whose name goes to another',
      async (mock) => {
        await mock.providers.change(1, { name: 'x' })
        await mock.providers.change(2, { name: 'Provider for Grafana' })
      },
      `provider 1 took another name, and 1 more did so ${again}`,
      ['capture', 'verify'],
    ],
    [
      'an application',
      (mock) => mock.applications.change('grafana', { slug: 'x' }),
      `provider 1 took another application slug ${again}`,
      ['capture'],
    ],
  ]
  for (const [name, change, said, refusedBy] of renames) {
    await using mock = await startMock()
    await using target = await changedAmid(mock, () => change(mock))
    const refused = { name: 'UpstreamError', message: `${target.url}: ${said}, so they do not go together; try again` }
    for (const more of [['--no-scrub'], []]) {
      const capturing = captured(target.url, mock.token, ...ALL, ...more)
      if (!refusedBy.includes('capture'))
        t.match((await capturing).said, `warning: ${said}; capture again to be sure\n`, name)
      else await t.rejects(capturing, refused, name)
    }
    if (!refusedBy.includes('verify')) continue
    const asked = readCommandLine(
      ['verify', '--target', target.url, '--token', mock.token, '--rate', '10000', ...ALL],
      {},
    )
    if (asked.command !== 'verify') throw new Error('no verify')
    await t.rejects(verify(asked.options, { tell: () => {}, progress: () => {} }), refused, `${name}: verify`)
  }
})
