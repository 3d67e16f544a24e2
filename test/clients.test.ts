import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { breachesIn } from '../clients/findings.js'
import { serveRecording } from '../clients/recorded-server.js'
import { contractModels, releaseOf } from '../clients/release-of.js'
import { isAgreed, type Trial } from '../clients/results.js'
import { readSelection } from '../clients/selection.js'
import { clientsTable } from '../clients/table.js'
import { expectedOutcomes, isSame, type Outcome, recordingOf } from '../clients/task.js'
import { findRelease, type Release } from '../src/authentik/releases.js'
import { runScript } from './process.js'

/** What `npm run clients` judges by; the clients themselves need a network. */

const CLIENTS = join(import.meta.dirname, '..', 'clients')
const release = (name: string) => findRelease(name) as Release
const steps = expectedOutcomes(recordingOf(release('2025.2.4')), release('2025.2.4'))

const versions: [version: string, contract: string, release: string][] = [
  ['2024.8.3-1729836831', '2024.10.2', '2024.10.2'],
  ['2024.10.2-1732206118', '2024.10', '2024.10.5'],
  ['2024.12.3-1739965710', '2025.2', '2025.2.4'],
  ['2025.2.4-1745325566', '2025.4', '2025.4.4'],
  ['2025.4.1-1748622869', '2025.4', '2025.6.4'],
  ['2025.2.4.post1745325589', '2025.2', '2025.2.4'],
  ['2025.8.1', '2025.8.5', '2025.8.1'],
  ['2026.5.6', '2026.2', '2026.5.6'],
  ['v3.2026050.3', '2026.5', '2026.5.3'],
]

t.test('a client speaks for the release of its version and of the fields of its models', async (t) => {
  for (const [version, contract, expected] of versions)
    t.equal(releaseOf(version, contractModels(contract)).name, expected, version)
  const { user = [], ...others } = contractModels('2025.8.5')
  t.throws(() => releaseOf('2025.8.1', { ...others, user: user.slice(1) }), /the fields of its models/)
  t.throws(() => releaseOf('2025.8.1', contractModels('2025.2')), /the fields of its models/)
  t.throws(() => releaseOf('latest', contractModels('2025.2')), /latest is no version/)
})

const errors: [error: string, breaches: string[]][] = [
  [
    'no value given for required property assigned_backchannel_application_slug',
    ['assigned_backchannel_application_slug'],
  ],
  ['no value given for required property client_id', []],
  [
    'error in serde: missing field `assigned_backchannel_application_name` at line 1',
    ['assigned_backchannel_application_name'],
  ],
  ['error in serde: invalid type: null, expected a string at line 1 column 99', ['assigned_application_slug']],
  [
    '1 validation error for P\nassigned_application_slug\n  Input should be a valid string [',
    ['assigned_application_slug'],
  ],
  ['1 validation error for P\nname\n  Input should be a valid string [', []],
  [
    '2 validation errors for P\nassigned_application_slug\n  Input should be a valid string [\npk\n  Input should be a valid integer [',
    [],
  ],
  ['the outcome was {"ok":false,"detail":{"status":500}}', []],
]

t.test('an error is authentik’s own only where each field that it names is a known breach', async (t) => {
  for (const [error, breaches] of errors) t.strictSame(breachesIn(error, 'list'), breaches, error)
  const untold = 'error in serde: invalid type: null, expected a string at line 1 column 99'
  t.strictSame(breachesIn(untold, 'end session'), ['major'], 'Rust names no field')
})

t.test('the outcome of a step is compared as a client can tell it', async (t) => {
  const [retrieve, , , list, , , everyPage] = steps as [Outcome, Outcome, Outcome, Outcome, Outcome, Outcome, Outcome]
  const changed = ({ step, ok, detail }: Outcome, changes: object) => ({
    step,
    ok,
    detail: { ...(detail as object), ...changes },
  })
  const { expires } = retrieve.detail as { expires: string }
  const { pks } = list.detail as { pks: number[] }
  t.ok(isSame(retrieve, changed(retrieve, { expires: new Date(expires).toISOString() })), 'a moment to the millisecond')
  t.notOk(
    isSame(retrieve, changed(retrieve, { expires: new Date(Date.parse(expires) + 1).toISOString() })),
    'another moment',
  )
  t.notOk(isSame(retrieve, changed(retrieve, { email: 'x' })), 'another value')
  t.notOk(isSame(retrieve, undefined), 'a step that was not taken')
  t.ok(isSame(list, changed(list, { pks: [...pks].reverse() })), 'an order that nobody asked for')
  t.notOk(isSame(list, changed(list, { pks: pks.slice(1) })), 'a row less')
  t.notOk(
    isSame(everyPage, changed(everyPage, { pks: [...pks].sort((a, b) => a - b) })),
    'the order that was asked for',
  )
})

t.test('the steps of every language are the same, in the same order', async (t) => {
  for (const file of ['typescript/steps.js', 'python/steps.py', 'go/steps.go', 'rust/steps.rs']) {
    const text = readFileSync(join(CLIENTS, file), 'utf8')
    const from = -1 + text.search(/retrieve"?'?(?:: |, (?:retrieve|task))|retrieve\("retrieve"/)
    const places = steps.map(({ step }) => text.slice(from).search(new RegExp(`(?:["']|^ +)${step}["']?[:,]`, 'm')))
    t.notOk(places.includes(-1), `${file} takes each`)
    t.strictSame(
      places,
      [...places].sort((a, b) => a - b),
      `${file}: in this order`,
    )
  }
})

t.test('recorded bodies are served as they are', async (t) => {
  const recording = recordingOf(release('2025.2.4'))
  await using server = await serveRecording(recording)
  const ask = (path: string) => fetch(`${server.url}/api/v3/oauth2/refresh_tokens/${path}`)
  t.equal(await (await ask('5/')).text(), JSON.stringify(recording.rows.find(({ pk }) => pk === 5)))
  const list = (await (await ask('?user=102')).json()) as { results: { pk: number }[] }
  t.strictSame(
    list.results.map(({ pk }) => pk),
    recording.page.results,
  )
  t.equal((await ask('424242/')).status, 404)
  const me = await (await fetch(`${server.url}/api/v3/core/users/me/`)).json()
  t.match(me, { user: { username: 'ada' } }, 'a neighbour')
})

t.test('only failures that are proven to be authentik’s own are agreement', async (t) => {
  const trial = (failure: object): Trial => ({
    ...{ language: 'go', package: 'p', version: '1', release: '2025.2.4', steps: 13 },
    failures: [{ step: 'list', error: 'a | b', ...failure }],
  })
  const breaches = ['assigned_application_slug']
  t.ok(isAgreed(trial({ breaches, recording: '2025.2.4' })))
  t.notOk(isAgreed(trial({ breaches })), 'not seen in a recording')
  t.notOk(isAgreed(trial({})), 'not a breach')
  t.notOk(isAgreed({ language: 'go', package: 'p', version: '1', broken: 'no network' }))
  t.ok(isAgreed({ language: 'go', package: 'p', version: '1', skipped: 'no toolchain' }))
  const table = clientsTable([trial({}), trial({ breaches, recording: '2025.2.4' })])
  t.match(table, '12 of 13; **list**: a \\| b |')
  t.match(table, 'decoding fails, with the recorded bodies of 2025.2.4 too (1): list')
  t.match(table, '\n1. `TokenModel.provider.assigned_application_slug`')
})

const mistakes: [args: string[], line: string | RegExp][] = [
  [['--only', 'ruby'], '--only: found "ruby"; allowed: typescript, go, python, rust'],
  [['--only', 'go', '--version', '9'], '--version: found "9"; allowed: v3.2026050.3'],
  [['--version'], /^Option '--version <value>' argument missing; allowed: --only [^\n]*$/],
  [['go'], /^Unexpected argument 'go'; allowed: --only typescript\|go\|python\|rust, --version VERSION$/],
]

t.test('a mistake in its options gets one line', async (t) => {
  for (const [args, message] of mistakes)
    t.throws(() => readSelection(args), { name: 'UsageError', message }, args.join(' '))
  t.strictSame(readSelection(['--only', 'go']), [{ language: 'go', version: 'v3.2026050.3' }])
  const ended = await runScript('clients/run', ['--all']).ended
  const stderr = "clients: Unknown option '--all'; allowed: --only typescript|go|python|rust, --version VERSION\n"
  t.strictSame(ended, { code: 2, stdout: '', stderr }, '--all')
})
