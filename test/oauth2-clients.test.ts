import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openBrowser, visit } from '../clients/oauth2/browser.js'
import { isAgreed } from '../clients/oauth2/results.js'
import { readSelection } from '../clients/oauth2/selection.js'
import { oauth2ClientsTable } from '../clients/oauth2/table.js'
import { expectedOf, faultIn, type Outcome, taskOf, USER, worldWith } from '../clients/oauth2/task.js'
import { judge, versionsOf } from '../clients/oauth2/trial.js'
import { startMock } from '../src/index.js'
import { runScript } from './process.js'

/** What `npm run clients:oauth2` judges by, and its browser; the clients themselves need a network. */

const FOLDER = join(import.meta.dirname, '..', 'clients', 'oauth2')
const FILES = [
  'openid-client/steps.js',
  'oauth4webapi/steps.js',
  'authlib/steps.py',
  'go/steps.go',
  'openidconnect/steps.rs',
  'oauth2-proxy/steps.js',
  'oidc-client-ts/steps.js',
]
const EXPECTED = expectedOf('server')
const CALLBACK = 'http://localhost:1/callback'

const faults: [what: string, step: string, outcome: Partial<Outcome> | undefined, fault: RegExp][] = [
  ['a step that was not taken', 'userinfo', undefined, /not taken/],
  ['an error of the client', 'discovery', { error: 'no' }, /^no$/],
  ['a token that is the same as before', 'refresh', { detail: { sub: USER, rotated: false } }, /"rotated":false/],
  ['a token that still works', 'refused', { detail: { error: 'none' } }, /"error":"none"/],
  ['another refusal', 'refused', { detail: { error: 'invalid_client' } }, /invalid_client/],
  ['what it should not know', 'introspection of the revoked', { detail: { active: false, sub: USER } }, /"sub"/],
  ['nothing told', 'sign-in', {}, /undefined/],
]

t.test('what differs is a failure', async (t) => {
  t.match(judge(EXPECTED, EXPECTED), { steps: EXPECTED.length, failures: [] })
  for (const [what, step, outcome, fault] of faults) {
    const expected = EXPECTED.find((each) => each.step === step) as Outcome
    t.match(faultIn(expected, outcome && { step, ...outcome }), fault, what)
  }
  const [, ...others] = EXPECTED
  t.match(judge(EXPECTED, expectedOf('page')).failures, [{ step: 'revocation' }], 'no page may read this')
  t.match(judge(others, EXPECTED).failures, [{ step: 'discovery' }])
  t.match(judge([{ step: 'discovery', absent: true }, ...others], EXPECTED), {
    ...{ steps: EXPECTED.length - 1, absent: ['discovery'], failures: [] },
  })
  const trial = { client: 'c', packages: ['p 1'], release: '2025.2.4' }
  t.notOk(isAgreed({ ...trial, ...judge(others, EXPECTED) }))
  t.notOk(isAgreed({ ...trial, broken: 'no network' }))
  const table = oauth2ClientsTable([
    { ...trial, ...judge(others, EXPECTED) },
    { ...trial, broken: 'a | b' },
    {
      ...trial,
      ...judge(
        EXPECTED.map((each) => ({ ...each, plain: each.step === 'device' })),
        EXPECTED,
      ),
    },
  ])
  t.match(table, '| c | p 1 | 2025.2.4 | 9 of 10; **discovery**: the step was not taken |')
  t.match(table, '**not tried**: a \\| b')
  t.match(table, '10 of 10; by plain HTTP, as it has nothing for it: device')
})

t.test('every client takes the steps, and names what it is', async (t) => {
  for (const { client } of readSelection([])) {
    t.match(versionsOf(client), [/^\S+ \d+\.\d+\.\d+$/], client)
  }
  for (const file of FILES) {
    const text = readFileSync(join(FOLDER, file), 'utf8')
    for (const { step } of EXPECTED) t.match(text, new RegExp(`["']${step}["']`), `${file}: ${step}`)
  }
})

t.test('the browser signs in by the pages, with the cookies that it is given', async (t) => {
  await using mock = await startMock({ fixtures: worldWith(CALLBACK) })
  await using world = mock.world()
  const { issuer } = taskOf(world.url, 'server', CALLBACK, '')
  const discovery = await fetch(`${issuer}.well-known/openid-configuration`)
  const found = (await discovery.json()) as Record<string, string>
  t.equal(found['issuer'], issuer, 'a world is an issuer of its own')
  const query = { client_id: 'server', response_type: 'code', scope: 'openid', redirect_uri: CALLBACK, state: 's' }
  const begin = `${found['authorization_endpoint']}?${new URLSearchParams(query)}`
  const end = new URL(await visit(begin, USER, CALLBACK))
  t.match(end.searchParams.get('code'), /^[0-9a-f]{32}$/)
  t.equal(end.searchParams.get('state'), 's')
  await t.rejects(visit(begin, 'nobody', CALLBACK), /leads nowhere within 20 pages/)
  await t.rejects(visit(`${world.url}/nowhere`, USER, CALLBACK), /answered 404/)
  await using browser = await openBrowser(USER, CALLBACK)
  const answer = await fetch(`${browser.url}?url=${encodeURIComponent(begin)}`)
  t.match(await answer.text(), `${CALLBACK}?code=`)
})

t.test('a mistake in its options gets one line', async (t) => {
  t.throws(() => readSelection(['--only', 'ruby']), { name: 'UsageError', message: /^--only: found "ruby"; allowed: / })
  t.strictSame(
    readSelection(['--only', 'go']).map(({ release }) => release),
    ['2025.2.4', '2025.12.4'],
  )
  const ended = await runScript('clients/oauth2/run', ['--all']).ended
  t.match(ended, { code: 2, stdout: '', stderr: /^clients:oauth2: Unknown option '--all'; allowed: --only [^\n]+\n$/ })
})
