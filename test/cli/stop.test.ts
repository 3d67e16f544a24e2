import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startMock } from '../../src/index.js'
import { send } from '../http.js'
import { PROGRAM, type Running, run, runShell, serve } from '../process.js'
import { type Connection, connectTo, statusesIn } from '../socket.js'

const LIST = '/api/v3/oauth2/refresh_tokens/'
/** Rows whose list does not fit into the buffers of a connection. */
const BIG = 5000
const HOUR = '3600'

const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`
const GOOD = get(LIST)
const BIG_LIST = get(`${LIST}?page_size=${BIG}`, 'Authorization: Bearer authentik-mock-token\r\n')
const HALF_BODY = 'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"status"'

interface Busy {
  /** What is sent, and what is waited for before the stop. */
  sends: string
  until?: RegExp
  /** What has come when it is over. */
  statuses: number[]
  /** Whether the client stops reading. */
  paused?: boolean
}

/** What ends by itself when a server stops, however long its grace is. */
const ENDS: Record<string, Busy> = {
  'a connection that sent nothing': { sends: '', statuses: [] },
  'half a header': { sends: GOOD.slice(0, -10), statuses: [] },
  'half a header behind an answer': { sends: GOOD + GOOD.slice(0, -10), until: / 403 /, statuses: [403] },
  'a connection that is kept': { sends: GOOD, until: / 403 /, statuses: [403] },
  'half a body': { sends: `POST ${LIST} HTTP/1.1\r\nHost: a\r\n${HALF_BODY}`, until: / 403 /, statuses: [403] },
  'a request that asks for a delay': { sends: get(LIST, 'X-Mock-Prefer: delay=60000\r\n'), statuses: [403] },
  'a request that is too slow': { sends: get(LIST, 'X-Mock-Prefer: preset=too-slow\r\n'), statuses: [403] },
  'an answer that is delayed': { sends: get(LIST, 'X-Mock-Prefer: delay=60000, after\r\n'), statuses: [403] },
  'a fault that delays': { sends: get('/slow/'), statuses: [404] },
  'several delays on one connection': { sends: get('/slow/') + get('/slow/') + GOOD, statuses: [404, 404, 403] },
  'a delay, and then garbage': { sends: `${get('/slow/')}zz\r\n`, statuses: [404] },
  'a long poll': { sends: get('/_mock/requests?wait=30&count=999'), statuses: [200] },
  'a long poll in a world': { sends: get('/@a/_mock/requests?wait=30&count=999'), statuses: [200] },
}

/** What is cut when the grace is over. */
const CUT: Record<string, Busy> = {
  'half a body of a control request': { sends: `POST /_mock/faults HTTP/1.1\r\nHost: a\r\n${HALF_BODY}`, statuses: [] },
  'a big list that nobody reads on': { sends: BIG_LIST, until: /HTTP/, statuses: [200], paused: true },
}

/** Brings a connection into a state, and waits until the server knows of it. */
async function begin(url: string, { sends, until, paused }: Busy): Promise<Connection> {
  const connection = await connectTo(url)
  await connection.sends(sends)
  if (until !== undefined) await connection.receives(until)
  if (paused) connection.socket.pause()
  // A connection of its own is served later than what was sent before it.
  await send(url, { path: LIST })
  return connection
}

async function refusesConnections(url: string): Promise<void> {
  for (;;) {
    try {
      const { socket } = await connectTo(url)
      socket.destroy()
    } catch {
      return
    }
  }
}

t.test('a server stops when it is asked to, whatever its connections are at', { timeout: 60_000 }, async (t) => {
  const folder = t.testdir({ 'rows.json': '{"refresh_tokens": [{"pk": 1}]}' })
  const report = join(folder, 'report.json')
  const requestsIn = () => JSON.parse(readFileSync(report, 'utf8')).requests
  const runs: [name: string, args: string[], busy: Record<string, Busy>][] = [
    ['within an hour', ['--stop-grace', HOUR], ENDS],
    ['watching', ['--stop-grace', HOUR, '--watch', '--fixtures', join(folder, 'rows.json')], ENDS],
    ['soon', ['--stop-grace', '0.1', '--generate', String(BIG)], CUT],
  ]
  for (const [when, args, busy] of runs) {
    await using server = await serve(['--report', report, '--log-level', 'silent', ...args])
    const mock = { method: 'POST', path: '/_mock/faults', body: '{"path": "/slow/", "delay": 60000}' }
    await send(server.url, { ...mock, headers: { 'Content-Type': 'application/json' } })
    const connections = await Promise.all(Object.values(busy).map((one) => begin(server.url, one)))
    server.process.kill('SIGTERM')
    const { code, stderr } = await server.ended
    t.strictSame([code, stderr], [0, ''], when)
    t.ok(requestsIn() > 0, `${when}: the report is written`)
    for (const [i, [name, { statuses }]] of Object.entries(busy).entries()) {
      connections[i]?.socket.resume()
      t.strictSame(statusesIn((await connections[i]?.ends()) ?? ''), statuses, `${when}: ${name}`)
    }
  }
})

t.test('a second signal waits for nothing, and the report is written', { timeout: 60_000 }, async (t) => {
  const report = join(t.testdir({}), 'report.json')
  for (const [signals, failOn, code, said] of [
    [['SIGTERM', 'SIGTERM'], 'error', 0, /^$/],
    [['SIGINT', 'SIGTERM'], 'warning', 4, /^authentik-mock: --fail-on warning: found 1 finding: .+\n$/],
  ] as const) {
    const args = ['--generate', String(BIG), '--stop-grace', HOUR, '--report', report, '--fail-on', failOn]
    await using server = await serve([...args, '--log-level', 'silent'])
    using connection = await begin(server.url, CUT['a big list that nobody reads on'] as Busy)
    server.process.kill(signals[0])
    await refusesConnections(server.url)
    server.process.kill(signals[1])
    t.match(await server.ended, { code, stderr: said }, signals.join())
    t.match(JSON.parse(readFileSync(report, 'utf8')), { worst: 'warning' }, signals.join())
    t.ok(connection.socket.isPaused())
  }
})

t.test('a signal during the start ends it, and the report is written', async (t) => {
  const folder = t.testdir({
    'signal.mjs': `process.on('newListener', (name) => {
      if (name === 'SIGTERM') setImmediate(() => process.kill(process.pid, name))
    })`,
  })
  const report = join(folder, 'report.json')
  await using server = run(
    ['--import', join(folder, 'signal.mjs'), PROGRAM, '--port', '0', '--generate', String(BIG), '--report', report],
    {},
    '',
  )
  t.match(await server.ended, { code: 0, stderr: '' })
  t.match(JSON.parse(readFileSync(report, 'utf8')), { requests: 0, worst: null })
})

t.test('a report that cannot be written any more is one line, and all else ends in order', async (t) => {
  const changes: [change: string, reason: string][] = [
    ['rm -r ../out', 'there is no such folder'],
    ['mkdir report.json', 'it is a folder'],
  ]
  for (const [change, reason] of changes) {
    const folder = t.testdir({ out: {} })
    const report = join(folder, 'out', 'report.json')
    await using server = await serve(['--report', report])
    await runShell(`cd ${join(folder, 'out')} && ${change}`).ended
    server.process.kill('SIGTERM')
    const stderr = `authentik-mock: --report: ${report} could not be written: ${reason}\n`
    t.match(await server.ended, { code: 1, stderr }, change)
  }
})

t.test('nobody reads the log, and the server stops all the same', { timeout: 60_000 }, async (t) => {
  for (const format of ['json', 'pretty']) {
    await using server = await serve(['--log-format', format])
    server.process.stdout?.pause()
    using connection = await connectTo(server.url)
    await connection.sends(GOOD.repeat(1000))
    await connection.sends(get(LIST, 'Connection: close\r\n'))
    t.equal(statusesIn(await connection.ends()).length, 1001, `${format}: all are answered`)
    server.process.kill('SIGTERM')
    const [code] = await new Promise<[number | null]>((resolve) => server.process.on('exit', (code) => resolve([code])))
    t.equal(code, 0, format)
    server.process.stdout?.resume()
  }
})

t.test('the library closes a mock within the same bounds', { timeout: 60_000 }, async (t) => {
  const begun = async (stopGrace: number, busy: Record<string, Busy>) => {
    const mock = await startMock({ generate: BIG, fixtures: [], stopGrace })
    await mock.faults.add({ path: '/slow/', delay: 60_000 })
    return { mock, connections: await Promise.all(Object.values(busy).map((one) => begin(mock.url, one))) }
  }
  for (const [stopGrace, busy] of [
    [Number(HOUR), ENDS],
    [0, CUT],
  ] as const) {
    const { mock, connections } = await begun(stopGrace, busy)
    await Promise.all([mock.close(), mock.close(), mock[Symbol.asyncDispose]()])
    for (const [i, [name, { statuses }]] of Object.entries(busy).entries()) {
      connections[i]?.socket.resume()
      t.strictSame(statusesIn((await connections[i]?.ends()) ?? ''), statuses, `${stopGrace}: ${name}`)
    }
    await mock.close()
    await t.rejects(connectTo(mock.url), 'closed')
  }
})

t.test('what cannot be printed is one line, and no success', async (t) => {
  const folder = t.testdir({ 'rows.json': '{"refresh_tokens": [{}]}', 'bad.json': '[' })
  await using target = await serve(['--log-level', 'silent'])
  const reach = `--target ${target.url} --token superuser-key --rate 1000`
  const all = [
    ...['openapi', '--help', `validate ${join(folder, 'rows.json')}`, `capture ${reach}`, `verify ${reach} --only id`],
    ...['--port 0', '--port 0 --log-format pretty'],
  ]
  const ways: [where: string, reason: string, commands: string[]][] = [
    ['> /dev/full', 'no space is left on the device', all],
    ['1< /dev/null', 'it is not open for writing', ['openapi']],
  ]
  for (const [where, reason, commands] of ways) {
    await Promise.all(
      commands.map(async (command) => {
        const { stderr } = await runShell(`$NODE $PROGRAM ${command} ${where}; echo "code $?" >&2`).ended
        const last = `authentik-mock: standard output cannot be written: ${reason}\ncode 1\n`
        // What capture says of its work comes before that.
        if (command.startsWith('capture')) t.ok(stderr.endsWith(`\n${last}`), `${command} ${where}`)
        else t.equal(stderr, last, `${command} ${where}`)
        t.notMatch(stderr, /^ +at /m)
      }),
    )
  }
  for (const args of [['openapi'], ['--port', '0']]) {
    await using running = run(args)
    running.process.stdout?.destroy()
    const stderr = 'authentik-mock: standard output cannot be written: its reader has closed it\n'
    t.strictSame(await running.ended, { code: 1, stdout: '', stderr }, `${args.join(' ')}, and nobody reads it`)
  }
  t.match(await runShell(`$NODE $PROGRAM validate ${join(folder, 'bad.json')} > /dev/full`).ended, { code: 2 })
  t.match(await runShell('$NODE $PROGRAM --bad 2> /dev/full').ended, { code: 2 }, 'not even an error')
})

t.test('a log that cannot be written any more is said once, and the server goes on', async (t) => {
  for (const format of ['json', 'pretty']) {
    await using server = await serve(['--log-format', format])
    server.process.stdout?.destroy()
    for (let i = 0; i < 3; i++) t.equal((await send(server.url, { path: LIST })).status, 403, format)
    server.process.kill('SIGTERM')
    const { code, stderr } = await server.ended
    const line = 'authentik-mock: the log ends here: standard output cannot be written: its reader has closed it\n'
    t.strictSame([code, stderr], [0, line], format)
  }
})

t.test('an error that nobody planned for is one line, with a request to report it', async (t) => {
  /** Acts once the program is ready for it. */
  const then = (act: string) =>
    `process.on('newListener', (name) => { if (name === 'unhandledRejection') setImmediate(() => { ${act} }) })`
  const folder = t.testdir({
    'throw.mjs': then('throw new TypeError("one\\ntwo")'),
    'reject.mjs': then('Promise.reject(new TypeError("one\\ntwo"))'),
    'text.mjs': then('throw "one"'),
    'nothing.mjs': then('Promise.reject()'),
    'print.mjs': 'process.stdout.write = () => { throw null }',
    'later.mjs': 'process.on("SIGUSR2", () => { throw new TypeError("one\\ntwo") })',
  })
  const runs: [script: string, args: string[], said: string][] = [
    ['throw', ['--port', '0'], 'TypeError: one two'],
    ['reject', ['releases'], 'TypeError: one two'],
    ['text', ['openapi'], "'one'"],
    ['nothing', ['releases'], 'undefined'],
    ['print', ['schema'], 'null'],
  ]
  const line = (said: string) =>
    `authentik-mock: unexpected error: ${said}. Please report this as a bug in authentik-mock`
  const start = (script: string, args: string[]): Running =>
    run(['--import', join(folder, `${script}.mjs`), PROGRAM, ...args], {}, '')
  for (const [script, args, said] of runs) {
    const { code, stderr } = await start(script, args).ended
    t.strictSame([code, stderr], [1, `${line(said)} (--log-level debug shows where it happened)\n`], script)
  }

  const report = join(folder, 'report.json')
  for (const level of ['info', 'debug']) {
    await using server = start('later', ['--port', '0', '--report', report, '--log-level', level])
    const [, url = ''] = await server.prints(/ready on (\S+)/)
    using connection = await begin(url, ENDS['a request that is too slow'] as Busy)
    server.process.kill('SIGUSR2')
    const { code, stderr } = await server.ended
    t.equal(code, 1)
    const [first, ...stack] = stderr.trimEnd().split('\n')
    t.ok(first?.startsWith(line('TypeError: one two')), level)
    t.equal(
      stack.some((frame) => /^ +at .*later\.mjs/.test(frame)),
      level === 'debug',
      level,
    )
    t.match(JSON.parse(readFileSync(report, 'utf8')), { requests: Number }, 'the report is written')
    await connection.ends()
  }
})
