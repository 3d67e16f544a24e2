import t from 'tap'
import { findRelease, type Release } from '../../src/authentik/releases.js'
import { type Mock, type RefreshTokenBody, type RefreshTokenListBody, startMock } from '../../src/index.js'
import { send } from '../http.js'
import { runToEnd } from '../process.js'

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
  const { code, stdout } = await runToEnd(['validate', '--release', '2025.2', ...files])
  const names = others.filter((key) => key !== 'client_id' && key !== 'client_type').join(', ')
  t.equal(code, 0)
  t.match(stdout, `warning: 1 of 1 captured providers came without ${names}, which 2025.2.4 shows`)
})
