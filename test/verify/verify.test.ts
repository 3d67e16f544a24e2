import { join } from 'node:path'
import t from 'tap'
import { RELEASES } from '../../src/authentik/releases.js'
import { verify } from '../../src/cli/commands/verify.js'
import { readCommandLine } from '../../src/cli/invocation.js'
import { junitText } from '../../src/format/junit.js'
import { type FaultSeed, type Mock, startMock } from '../../src/index.js'
import { findOutRelease } from '../../src/upstream/detect-release.js'
import { readRows } from '../../src/upstream/read-rows.js'
import { createClient } from '../../src/upstream/upstream-client.js'
import { runHere, runToEnd } from '../process.js'

const LIST = '/api/v3/oauth2/refresh_tokens/'
const QUIET = { tell: () => {}, progress: () => {} }

/** Verifies against a mock; returns the report, read. */
async function verified(url: string, token: string, ...args: string[]) {
  const line = ['verify', '--target', url, '--token', token, '--rate', '10000', '--retries', '0', '--format', 'json']
  const asked = readCommandLine([...line, ...args], {})
  if (asked.command !== 'verify') throw new Error('no verify')
  const { text, agrees } = await verify(asked.options, QUIET)
  t.notMatch(text, token, 'the token is not shown')
  return { ...JSON.parse(text), agrees }
}

const only = (...classes: string[]) => classes.flatMap((name) => ['--only', name])

type Report = { differing: { name: string; differences: string[] }[] }
const namesOf = ({ differing }: Report) => differing.map(({ name }) => name).sort()

t.test('a mock agrees with a mock', async (t) => {
  const cases: [string, string | undefined, number, string][] = [
    ['2024.10.2', undefined, 14, 'a superuser'],
    ['2025.12.4', 'may-view-key', 1, 'no superuser; may view_refreshtoken'],
    ['2026.8.3', 'outpost-key', 0, 'no superuser; may view_refreshtoken'],
  ]
  for (const [release, token, rows, caller] of cases) {
    await using mock = await startMock({ release })
    const report = await verified(mock.url, token ?? mock.token)
    t.match(report, { agrees: true, verdict: 'agree', rows, caller, release, differing: [] }, `${release} as ${caller}`)
    t.ok(report.requests > 300 && report.agreeing === report.requests, `${report.requests} requests`)
    t.strictSame(await mock.requests({ method: 'DELETE' }), [], 'nothing was deleted')
  }
})

t.test('neighbours are compared, too', async (t) => {
  const world = join(import.meta.dirname, '..', 'conformance', 'oauth2', '2025.2.4', 'world.json')
  const beside = ['--with', 'users,providers,applications']
  const classes = only('users', 'providers', 'applications')
  for (const release of ['2024.10.2', '2025.2.4', '2026.8.3']) {
    await using mock = await startMock({ release, fixtures: world })
    await mock.users.delete('akadmin')
    const token = 'ada-superuser-token'
    const report = await verified(mock.url, token, ...beside, ...classes)
    t.match(report, { agrees: true, differing: [] }, release)
    t.ok(report.requests > 80, `${report.requests} requests`)
    await mock.faults.add({ path: '/api/v3/core/users/102/', status: 404, body: { detail: 'Gone.' } })
    t.strictSame(namesOf(await verified(mock.url, token, ...beside, ...classes)), ['users/row/102'])
  }
  await using mock = await startMock({ fixtures: world })
  const { notes, agrees } = await verified(mock.url, 'jane-plain-user-token', ...beside)
  t.ok(agrees)
  t.equal(notes[0], 'not compared: users, providers, applications, of which only a superuser sees all')
  await t.rejects(verified(mock.url, mock.token, ...only('users')), /--only: found users; allowed: /)
})

t.test('the release is found out', async (t) => {
  for (const { name, contract } of RELEASES.filter(({ contract }, i) => contract !== RELEASES[i + 1]?.contract)) {
    await using mock = await startMock({ release: name })
    const settings = {
      rate: 10_000,
      retries: 0,
      timeout: 5,
      maxTime: 60,
      maxAnswer: 64,
      ca: undefined,
      insecure: false,
    }
    const client = await createClient({ ...settings, target: mock.url, token: mock.token })
    const { first, rows } = await readRows(client, { pageSize: 100 }, () => {})
    const { release, how } = await findOutRelease(client, first, rows[0]?.body)
    const { name: _, contract: __, evidence: ___, ...traits } = release
    const { name: a, contract: b, evidence: c, ...wanted } = RELEASES.find((known) => known.name === name) ?? release
    if (/OpenAPI/.test(how)) t.equal(release.name, name)
    // 2026.8 differs from 2026.5 in its contract alone, and so does 2025.6 from 2025.4.
    else t.strictSame(traits.providerKeys, wanted.providerKeys, `${name}, ${contract}: ${release.name}, ${how}`)
    t.strictSame(
      [traits.userKeys, traits.missingRow, traits.jsonType],
      [wanted.userKeys, wanted.missingRow, wanted.jsonType],
    )
  }
})

t.test('another release is told apart', async (t) => {
  await using mock = await startMock({ release: '2025.4' })
  const report = await verified(
    mock.url,
    mock.token,
    '--release',
    '2025.2',
    ...only('retrieve', 'who', 'list', 'id', 'path', 'filter', 'accept'),
  )
  t.match(report, { agrees: false, verdict: 'differ', release: '2025.2.4', how: 'as --release says' })
  const names = namesOf(report)
  for (const name of [
    'retrieve/1',
    'who/caller/absent',
    'list/all',
    'list/page=',
    'filter/user=%00',
    'filter/search=%00',
  ])
    t.ok(names.includes(name), name)
  for (const name of ['path/unknown', 'who/unknown/list', 'id/abc', 'accept/text/html'])
    t.notOk(names.includes(name), name)
})

t.test('what a target does otherwise is found, and nothing else', async (t) => {
  const faults: [string, FaultSeed, string[], RegExp][] = [
    [
      'another status',
      { path: `${LIST}abc/`, status: 400, body: '{}', headers: { 'Content-Type': 'application/json; charset=utf-8' } },
      [
        'id/abc',
        ...['de', 'de-DE,de;q=0.9', 'fr', 'xx', 'zh-Hans', '*'].map((language) => `language/${language}/id`),
        'who/anonymous/malformed',
        'who/caller/malformed',
        'who/unknown/malformed',
      ].sort(),
      /^status: mock 40[34], target 400$/,
    ],
    [
      'another header',
      { path: '/-/health/ready/', method: 'HEAD', status: 200, headers: { 'X-New': '1' } },
      ['neighbour/health-head'],
      /^header x-new: mock none, target "1"$/,
    ],
    [
      'a header that is named like a method',
      { path: '/-/health/ready/', method: 'HEAD', status: 200, headers: { constructor: '1' } },
      ['neighbour/health-head'],
      /^header constructor: mock none, target "1"$/,
    ],
    ['another body', { path: '/', status: 302, body: 'moved' }, ['neighbour//'], /^body: mock "", target "moved"$/],
    [
      'an error that stays',
      { path: '/-/metrics/', preset: 'server-error' },
      ['neighbour//-/metrics/'],
      /^status: mock 401, target 500$/,
    ],
  ]
  await using mock = await startMock()
  for (const [name, fault, found, sentence] of faults) {
    await mock.reset()
    await mock.faults.add(fault)
    const report = await verified(mock.url, mock.token, ...only('id', 'language', 'who', 'neighbour'))
    t.strictSame(namesOf(report), found, name)
    for (const { name, differences } of report.differing)
      t.ok(
        differences.some((line: string) => sentence.test(line)),
        `${name}: ${differences}`,
      )
  }
})

t.test('secrets are not shown where they differ', async (t) => {
  await using mock = await startMock({ fixtures: { refresh_tokens: [{ pk: 1 }, { pk: 2 }] } })
  const body = await rowWith(mock, 1, (row) => {
    row.provider.client_secret = 'HushHush'
  })
  await mock.faults.add({ path: `${LIST}1/`, method: 'GET', as: '--token', skip: 0, status: 200, body })
  const report = await verified(mock.url, mock.token, ...only('retrieve', 'header'))
  t.ok(report.differing.length > 0)
  t.notMatch(JSON.stringify(report), 'HushHush')
})

t.test('a row is deleted only where that is allowed, and only that one', async (t) => {
  for (const token of ['superuser-key', 'may-delete-key']) {
    await using mock = await startMock()
    const pk = 15
    const report = await verified(mock.url, token, '--allow-delete', String(pk), ...only('retrieve'))
    t.match(report, { agrees: true, differing: [] }, token)
    const done = await mock.requests({ method: 'DELETE', status: 204 })
    t.strictSame(
      done.map(({ path }) => path),
      [`${LIST}${pk}/`],
    )
    const all = await mock.requests({ method: 'DELETE' })
    t.ok(
      all.every(({ path }) => path.startsWith(`${LIST}${pk}`)),
      'no other path is named',
    )
    await t.rejects(verified(mock.url, token, '--allow-delete', '424242'), { name: 'UsageError' })
  }
})

t.test('rows that change meanwhile are told of', async (t) => {
  await using mock = await startMock({ fixtures: { refresh_tokens: [{ pk: 1 }, { pk: 2 }, { pk: 3 }] } })
  const line = ['verify', '--target', mock.url, '--token', mock.token, '--rate', '10000', ...only('ordering')]
  const asked = readCommandLine(line, {})
  if (asked.command !== 'verify') throw new Error('no verify')
  let deleted: Promise<void> | undefined
  const progress = (done: number) => {
    if (done === 20) deleted = mock.refreshTokens.delete(2)
  }
  const { text, agrees } = await verify(asked.options, { tell: () => {}, progress })
  await deleted
  t.notOk(agrees)
  t.match(text, /^1 rows of the target came, went or changed meanwhile/m)
})

t.test('the program: reports, verdicts and exit codes', async (t) => {
  await using mock = await startMock({ release: '2025.8.1' })
  await using narrow = await startMock({ generate: 12 })
  const to = (url: string, token: string, ...more: string[]) => [
    'verify',
    '--target',
    url,
    '--token',
    token,
    '--rate',
    '10000',
    '--retries',
    '0',
    ...more,
  ]
  const good = (...more: string[]) => to(mock.url, mock.token, ...only('retrieve', 'path'), ...more)
  const other = ['--release', '2025.6']
  const runs: [string[], number, { stdout?: RegExp | string; stderr?: RegExp | string }][] = [
    [
      good(),
      0,
      {
        stdout:
          /^target {2}http.*: authentik 2025\.8\.\d, by [\s\S]*\nretrieve +\d+ of +\d+ agree\n[\s\S]*\nagree: (\d+) of \1 requests\n$/,
        stderr: '',
      },
    ],
    [
      good(...other),
      1,
      {
        stdout:
          /\n {2}retrieve\/1: GET \/api\S+ as caller\n {4}header content-length: mock "\d+", target "\d+"\n {4}body: mock "….*\n[\s\S]*\ndiffer: \d+ of \d+ requests\n$/,
        stderr: '',
      },
    ],
    [
      good('--format', 'markdown', ...other),
      1,
      {
        stdout:
          /^## differ: \d+ of \d+ requests\n\n- target [\s\S]*\n\| retrieve \| \d+ \| \d+ \|\n[\s\S]*\n### retrieve\/1\n/,
      },
    ],
    [
      good('--format', 'junit', ...other),
      1,
      {
        stdout:
          /^<\?xml [\s\S]*<testsuite name="retrieve" tests="11" failures="11" [\s\S]*<failure message="header content-length: mock &quot;/,
      },
    ],
    [
      good('--only', 'paths'),
      2,
      { stdout: '', stderr: /^authentik-mock: --only: found paths; allowed: retrieve, who, .*, path, .*\n$/ },
    ],
    [good('--format', 'json'), 0, { stdout: /^\{\n {2}"target": / }],
    [
      to('http://127.0.0.1:1', 'k'),
      3,
      { stdout: '', stderr: 'authentik-mock: http://127.0.0.1:1: nothing listens there\n' },
    ],
    [
      to(mock.url, 'wrong'),
      2,
      { stdout: '', stderr: /^authentik-mock: --token: .* answers 403: Token invalid\/expired\n$/ },
    ],
    [
      to(narrow.url, narrow.token, '--limit', '5'),
      2,
      { stdout: '', stderr: /^authentik-mock: --limit: found 5, but http\S+ has 12 rows; allowed: as many or more\n$/ },
    ],
  ]
  await Promise.all(
    runs.map(async ([args, code, printed], i) =>
      t.match(await (i === 0 ? runToEnd : runHere)(args), { code, ...printed }, args.slice(5).join(' ')),
    ),
  )
})

t.test('JUnit stays XML, whatever is in it', async (t) => {
  const text = junitText('a & b', [
    {
      name: '<s>',
      cases: [{ name: 'x"\u0000\ud800', failure: ['one <line>', 'two'] }, { name: 'y' }, { name: 'z', skipped: 'why' }],
    },
  ])
  t.equal(
    text,
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="a &amp; b" tests="3" failures="1" errors="0" skipped="1">
  <testsuite name="&lt;s&gt;" tests="3" failures="1" errors="0" skipped="1">
    <testcase classname="&lt;s&gt;" name="x&quot;\uFFFD\uFFFD">
      <failure message="one &lt;line&gt;">one &lt;line&gt;&#10;two</failure>
    </testcase>
    <testcase classname="&lt;s&gt;" name="y"/>
    <testcase classname="&lt;s&gt;" name="z">
      <skipped message="why"/>
    </testcase>
  </testsuite>
</testsuites>
`,
  )
})

async function rowWith(mock: Mock, pk: number, change: (row: { provider: { client_secret: string } }) => void) {
  const answer = await fetch(`${mock.url}${LIST}${pk}/`, { headers: { authorization: `Bearer ${mock.token}` } })
  const row = (await answer.json()) as Parameters<typeof change>[0]
  change(row)
  return JSON.stringify(row)
}
