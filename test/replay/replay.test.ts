import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { KnownDifference } from '../../replay/known.js'
import { readOptions } from '../../replay/options.js'
import { readRecording } from '../../replay/recording.js'
import { type Outcome, type ReplayOptions, replay } from '../../replay/replay.js'
import { walk } from '../../replay/walker.js'
import { startMock } from '../../src/index.js'
import { send, type WireAnswer, type WireRequest } from '../http.js'
import { runScript } from '../process.js'
import { allowed, type Change, header, inBody, noticed } from './changes.js'
import { playRecording } from './player.js'
import { smallRecording, WORLD } from './small-recording.js'

/** That `npm run replay` lets through what is as recorded, and nothing else. */

const RECORDINGS = join(import.meta.dirname, '..', 'conformance', 'oauth2')
const { keys } = JSON.parse(readFileSync(join(RECORDINGS, '2025.2.4', 'world.json'), 'utf8'))
const [rs, es, enc] = keys.map(({ kid }: { kid: string }) => kid)
const world = { ...WORLD, keys }
const small = smallRecording({ rs, es, enc })
const hashes = { kXb0tjDEvHkCs5gG7_3hVw: 'setup/token#access_token' }

const folder = mkdtempSync(join(tmpdir(), 'replay-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const write = (name: string, value: unknown) => {
  const file = join(folder, name)
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value))
  return file
}
const files = { recorded: write('small.json', small), world: write('world.json', world) }

async function replayed(change: Change = {}, options: Partial<ReplayOptions> = {}): Promise<Outcome> {
  await using player = await playRecording({ recording: small, world, hashes, ...change })
  return await replay({ ...files, url: player.url, ...options })
}

const JUDGED = small.steps.filter(({ withheld }) => withheld !== true).length

t.test('a server that answers as recorded passes every step', async (t) => {
  const recordings = readdirSync(RECORDINGS, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\/.*\.json$/.test(file) && !file.endsWith('world.json'),
  )
  t.ok(recordings.length >= 6)
  const check = async (file: string) => {
    const [recorded, worldFile] = [join(RECORDINGS, file), join(RECORDINGS, file, '..', 'world.json')]
    const recording = readRecording(recorded)
    await using player = await playRecording({ recording, world: JSON.parse(readFileSync(worldFile, 'utf8')) })
    const outcome = await replay({ recorded, world: worldFile, url: player.url })
    const sent = recording.steps.filter(({ withheld }) => withheld === true).length
    t.strictSame(outcome, { passed: recording.steps.length - sent, failed: 0, listed: 0, sent, lines: [] }, file)
  }
  await Promise.all(recordings.map(check))
})

t.test('requests carry the values, cookies and times of this server', async (t) => {
  await using player = await playRecording({ recording: small, world, hashes })
  t.strictSame((await replay({ ...files, url: player.url })).lines, [])
  const of = (line: string) => player.requests.filter((request) => request.line.startsWith(line))
  const [authorize] = of('GET /application/o/authorize/?client_id')
  t.equal(authorize?.cookie, `authentik_session=jane-1; authentik_csrf=${'c'.repeat(32)}`)
  const [consent, device, signIn] = of('POST /if/flow/')
  t.equal(consent?.body, 'token=a%26b&answer=yes', 'the first button agrees')
  t.match(device?.body, /^token=a%26b&code=\d{9}&answer=yes$/, 'the code of the device whose token is asked for next')
  t.equal(signIn?.body, 'user=jane', 'who was signed in there signs in again')
  const tokens = of('POST /application/o/token/')
  t.match(tokens[0]?.body, /^code=[0-9a-f]{32}$/)
  t.match(tokens[1]?.body, /^refresh_token=\w{128}&client_secret=%C3%A9\+%26%2B$/)
  t.match(tokens.at(-1)?.body, /^device_code=%22%5C%26%2B\w{124}$/)
  t.match(of('POST /application/o/device/')[0]?.body, /^\{"token":"eyJ/)
  t.strictSame(player.clock.slice(0, 5), [
    '2026-11-27T06:43:53.799274Z',
    '2026-11-27T06:43:55.280000Z',
    '2026-11-27T06:43:55.613000Z',
    '2026-11-27T06:43:56Z',
    '2026-11-27T06:43:57Z',
  ])
})

t.test('what is not as recorded is one line, and one failure', async (t) => {
  const check = async ([what, change, line]: (typeof noticed)[number]) => {
    const { passed, failed, lines } = await replayed(change)
    t.equal(lines.length, 1, `${what}: ${lines.join('\n')}`)
    t.match(lines[0], line, what)
    t.strictSame({ passed, failed }, { passed: JUDGED - 1, failed: 1 }, what)
  }
  await Promise.all(noticed.map(check))
})

t.test('what differs from one run of a real server to the next is no difference', async (t) => {
  for (const [what, change] of allowed) t.strictSame((await replayed(change)).lines, [], what)
})

t.test('a value that was never given out fails the steps that need it', async (t) => {
  const { lines, failed } = await replayed(inBody('device/begin', 'device_code', 'devicecode'))
  t.match(lines[0], /^device\/begin: body/)
  t.match(lines[1], /^device\/token: not sent: got device\/begin#device_code, wanted a value that an answer held$/)
  t.equal(failed, 2)
})

t.test('only what is asked for is judged, and all is sent', async (t) => {
  const { lines, ...counts } = await replayed(inBody('list/after', 'false', 'true'), { only: /^refresh\// })
  t.strictSame({ lines, ...counts }, { lines: [], passed: 4, failed: 0, listed: 0, sent: small.steps.length - 4 })
})

t.test('a difference is allowed by an entry with a reason, as long as it is there', async (t) => {
  const change = header('head', 'referrer-policy', 'no-referrer')
  const entry = (steps: string, only?: string[]): KnownDifference => ({
    release: '2025.2.4',
    steps,
    reason: 'on purpose',
    ...(only && { only }),
  })
  const cases: [KnownDifference, Change, Pick<Outcome, 'failed' | 'listed'>, RegExp?][] = [
    [entry('head'), change, { failed: 0, listed: 1 }],
    [entry('h*', ['header referrer-policy']), change, { failed: 0, listed: 1 }],
    [entry('head', ['status']), change, { failed: 2, listed: 0 }, /^head: header referrer-policy/],
    [{ ...entry('head'), release: '2025.12.4' }, change, { failed: 1, listed: 0 }, /^head: /],
    [entry('head'), {}, { failed: 1, listed: 0 }, /^head: listed as different \(on purpose\), but it is not/],
    [entry('nobody'), {}, { failed: 0, listed: 0 }],
  ]
  for (const [known, wrong, { failed, listed }, line] of cases) {
    const outcome = await replayed(wrong, { known: [known] })
    t.match(outcome, { failed, listed }, JSON.stringify(known))
    if (line !== undefined) t.match(outcome.lines[0], line)
  }
})

const consent =
  '<form action="agree?x=1&amp;y=2" method="post"><input type=hidden name="csrf" value="a&#39;b"><button>Yes</button></form>'
const select =
  '<form method="get"><input name="q"></form><form method="POST"><select name="user"><option value="101">Ada</option><option value="102" selected>Jane</option></select><input type="submit" name="go" value="1"></form>'
const radio =
  '<form method="post"><input type="radio" name="user" value="ada"><input type="radio" name="user" value="jane"><button>Go</button></form>'
const each =
  '<form method="post"><input type="hidden" name="user" value="ada"><button>Ada</button></form><form method="post"><input type="hidden" name="user" value="jane"><button>Jane</button></form>'
const text = '<form method="post"><label>Who <input name="user"></label><button>Go</button></form>'
const posted =
  '<form action="https://a.example/cb" method="post"><input type="hidden" name="code" value="c1"><input type="hidden" name="state" value="s"></form>'
const away = 'https://a.example/cb?code=c1&state=s'
const jane = ['jane', '102']

const walks: [what: string, page: string, walker: { user?: string[]; code?: string }, end: string, sent: string][] = [
  ['a consent with an action of its own', consent, {}, away, 'POST /if/flow/x/agree?x=1&y=2 csrf=a%27b'],
  ['a select', select, { user: jane }, away, 'POST /if/flow/x/ user=102&go=1'],
  ['radio buttons', radio, { user: jane }, away, 'POST /if/flow/x/ user=jane'],
  ['a form for each', each, { user: jane }, away, 'POST /if/flow/x/ user=jane'],
  ['a text field', text, { user: jane }, away, 'POST /if/flow/x/ user=jane'],
  ['a page that asks who signs in, and nobody does', radio, {}, '/if/flow/x/', ''],
  [
    'a page that asks for a code, and there is none',
    '<form method="post"><input name="code"></form>',
    {},
    '/if/flow/x/',
    '',
  ],
  ['a form that is posted to the client', posted, {}, 'https://a.example/cb', ''],
  ['a page without a form', '<p>Done', {}, '/if/flow/x/', ''],
]

t.test('a walk fills in the forms of pages, and ends outside of them', async (t) => {
  for (const [what, page, walker, end, sent] of walks) {
    const requests: string[] = []
    const answerTo = (method: string) => (method === 'POST' ? redirectTo(away) : pageOf(page))
    const send = async ({ method = 'GET', path, body }: WireRequest) => {
      if (method === 'POST') requests.push(`POST ${path} ${body}`)
      return answerTo(method)
    }
    const walked = await walk('http://127.0.0.1:9000/if/flow/x/', { send, cookies: new Map(), ...walker })
    t.strictSame([walked.end, requests.join()], [end, sent], what)
    if (end.startsWith('https')) t.strictSame(Object.fromEntries(walked.fields), { code: 'c1', state: 's' }, what)
  }
  const send = async () => redirectTo('/if/flow/x/')
  t.match((await walk('/if/flow/x/', { send, cookies: new Map() })).end, /after 12 pages$/)
})

function redirectTo(location: string): WireAnswer {
  return { ...pageOf(''), status: 302, headers: { location } }
}

function pageOf(body: string): WireAnswer {
  return { status: 200, headers: {}, rawHeaders: [], body, bytes: Buffer.from(body), whole: true }
}

const usual = ['--recorded', files.recorded, '--world', files.world]
const none = ['--differences', write('none.json', [])]

t.test('the program counts in its last line, and its exit code says whether anything failed', async (t) => {
  await using right = await playRecording({ recording: small, world, hashes })
  await using wrong = await playRecording({ recording: small, world, hashes, ...header('head', 'vary', undefined) })
  const cases: [args: string[], code: number, stdout: RegExp, stderr: RegExp][] = [
    [
      [...usual, ...none, '--url', right.url],
      0,
      new RegExp(`^2 sent and not judged.*\n${JUDGED} passed, 0 failed\n$`),
      /^$/,
    ],
    [
      [...usual, ...none, '--url', wrong.url],
      1,
      new RegExp(`^head: header vary: got none.*\n.*\n${JUDGED - 1} passed, 1 failed\n$`),
      /^$/,
    ],
    [
      ['--world', files.world],
      2,
      /^$/,
      /^replay: --recorded is missing\nusage: npm run replay -- --recorded FILE --world FILE/,
    ],
  ]
  for (const [args, code, stdout, stderr] of cases) {
    const ended = await runScript('replay/run', args).ended
    t.equal(ended.code, code)
    t.match(ended.stdout, stdout)
    t.match(ended.stderr, stderr)
  }
})

const step = { name: 'a', method: 'GET', path: '/', status: 200 }
const recorded = (name: string, change: object) => [
  '--recorded',
  write(name, { ...small, ...change }),
  '--world',
  files.world,
]
const mistakes: [what: string, args: string[], message: RegExp][] = [
  ['no world', ['--recorded', files.recorded], /^--world is missing\n/],
  ['an unknown option', [...usual, '--colour'], /^Unknown option '--colour'/],
  ['no regular expression', [...usual, '--only', '('], /^--only: Invalid regular expression/],
  [
    'a missing file',
    ['--recorded', '/nowhere.json', '--world', files.world],
    /^--recorded: \/nowhere.json cannot be read/,
  ],
  ['no JSON', ['--recorded', write('no.json', '{'), '--world', files.world], /is no JSON/],
  [
    'another file',
    ['--recorded', files.world, '--world', files.world],
    /is no recording; allowed: an object with release/,
  ],
  ['no world file', ['--recorded', files.recorded, '--world', write('list.json', [])], /is no world; allowed: seeds/],
  [
    'a step without an answer',
    recorded('s.json', { steps: [{ ...step, status: undefined }] }),
    /steps\[0\] \(a\): status is missing; allowed only where withheld is true/,
  ],
  ['a step without a path', recorded('p.json', { steps: [{ ...step, path: 1 }] }), /steps\[0\] \(a\): path is missing/],
  [
    'a body that is not there',
    recorded('b.json', { steps: [{ ...step, responseBodyAt: 9 }] }),
    /responseBodyAt is 9, but there are 1 bodies/,
  ],
  ['a moment', recorded('m.json', { steps: [{ ...step, at: 'noon' }] }), /at is noon; allowed: an ISO 8601 moment/],
  ['an unknown release', [...usual, '--release', '1.0'], /1\.0/],
  ['nobody there', [...usual, '--url', 'http://127.0.0.1:1'], /^http:\/\/127.0.0.1:1: connect ECONNREFUSED/],
  [
    'an entry without a reason',
    [...usual, '--differences', write('d.json', [{ release: 'x', steps: 'y' }])],
    /\[0\] has no reason; every entry has a release, steps and a reason/,
  ],
  ['no list of differences', [...usual, '--differences', files.world], /holds no list/],
]

t.test('a mistake is one clear message', async (t) => {
  for (const [what, args, message] of mistakes)
    await t.rejects(async () => replay(readOptions(args)), { name: 'ReplayError', message }, what)
})

t.test('a sign-in that is refused is a difference of the step that needed it', async (t) => {
  const stranger = small.steps.map((step) => (step.name === 'head' ? { ...step, session: 'eve' } : step))
  const { lines, failed } = await replayed({}, { recorded: write('eve.json', { ...small, steps: stranger }) })
  t.strictSame(lines, ['head: sign-in of eve: got 404 {"detail":"nobody is called eve"}, wanted a session cookie'])
  t.equal(failed, 1)
})

t.test('a mock of its own begins when the codes of a recording without times were made', async (t) => {
  const seeds = {
    users: [{ pk: 1, username: 'a' }],
    providers: [{ pk: 1 }],
    refresh_tokens: [{ pk: 1, provider: 1, user: 1, expires: 'hours=3' }],
    tokens: { a: { user: 1, key: 'key-of-a' } },
  }
  const [began, sent] = [1795450026, 1795450037]
  const request = { path: '/api/v3/oauth2/refresh_tokens/1/', headers: { authorization: 'Bearer key-of-a' } }
  await using mock = await startMock({ release: '2025.2.4', fixtures: seeds })
  await mock.clock.freeze()
  await mock.clock.set(new Date(began * 1e3).toISOString())
  await mock.fixtures.replace(seeds)
  await mock.clock.set(new Date(sent * 1e3).toISOString())
  const { status, headers, body } = await send(mock.url, request)
  t.equal(JSON.parse(body).expires, '2026-11-23T19:07:06Z')
  const { date: _, ...responseHeaders } = headers
  const steps = [{ name: 'row', method: 'GET', ...request, status, responseHeaders, responseBody: body }]
  const tokens = { 'row#access_token': { claims: { iat: sent, auth_time: began } } }
  const recorded = write('times.json', { release: '2025.2.4', steps, tokens })
  const { lines, passed } = await replay({ recorded, world: write('seeds.json', seeds) })
  t.strictSame({ lines, passed }, { lines: [], passed: 1 })
})

t.test('a server without the control API is a mistake, too', async (t) => {
  const server = createServer((_, response) => response.writeHead(404).end('no')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  await t.rejects(
    replay({ ...files, url: `http://127.0.0.1:${port}/` }),
    /PUT \/_mock\/clock: 404 no; the replay needs the control API/,
  )
})
