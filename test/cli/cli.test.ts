import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import manifest from '../../package.json' with { type: 'json' }
import { firstSteps } from '../../src/cli/first-steps.js'
import { readCommandLine } from '../../src/cli/invocation.js'
import { UsageError } from '../../src/cli/usage-error.js'
import type { RefreshTokenListBody } from '../../src/index.js'
import { send } from '../http.js'
import { runHere, runShell, runToEnd, serve } from '../process.js'

const LIST = '/api/v3/oauth2/refresh_tokens/'
const as = (key: string) => ({ Authorization: `Bearer ${key}` })

t.test('options come from flags, else from the environment, else from their defaults', async (t) => {
  const ask = (args: string, environment = {}) => readCommandLine(args.split(' ').filter(Boolean), environment)
  const read = (args: string, environment = {}) => {
    const asked = ask(args, environment)
    return 'options' in asked ? asked.options : undefined
  }
  t.match(read(''), {
    port: 9000,
    host: '127.0.0.1',
    release: { name: '2025.2.4' },
    generate: 0,
    seed: 1,
    watch: false,
    fixtures: [],
    logLevel: 'info',
    baseUrl: undefined,
  })
  t.match(read('-p 1 --fixtures a --fixtures b --watch --base-url http://x'), {
    port: 1,
    fixtures: ['a', 'b'],
    watch: true,
    baseUrl: 'http://x',
  })
  t.match(read('--port=2', { AUTHENTIK_MOCK_PORT: '3' }), { port: 2 })
  t.match(read('', { AUTHENTIK_MOCK_PORT: '3', AUTHENTIK_LISTEN__HTTP: 'h:4' }), { port: 3, host: 'h' })
  t.match(read('', { AUTHENTIK_MOCK_PORT: '', AUTHENTIK_LISTEN__HTTP: '[::]:4' }), { port: 4, host: '::' })
  t.match(read('', { AUTHENTIK_LISTEN__HTTP: ':5' }), { port: 5, host: '0.0.0.0' })
  t.match(read('', { AUTHENTIK_BOOTSTRAP_TOKEN: 'k', AUTHENTIK_LOG_LEVEL: 'warning' }), {
    token: 'k',
    logLevel: 'warn',
  })
  t.match(read('', { AUTHENTIK_MOCK_FIXTURES: 'a,b', AUTHENTIK_MOCK_WATCH: 'yes' }), {
    fixtures: ['a', 'b'],
    watch: true,
  })
  t.match(
    read('', { AUTHENTIK_MOCK_PORT: 'tcp://10.0.0.1:9000', AUTHENTIK_MOCK_SERVICE_HOST: '10.0.0.1' }),
    { port: 9000 },
    'in Kubernetes',
  )
  t.match(ask('validate a b'), { command: 'validate', words: ['a', 'b'] })
  t.match(ask('server'), { command: 'serve' }, 'the command of authentik’s own image')
  t.strictSame(ask('-h --port 1'), { command: 'help', about: undefined })
  t.strictSame(ask('capture --help'), { command: 'help', about: 'capture' }, 'without what it asks for otherwise')
  t.match(ask('--token k capture --target http://a/x --limit 7'), {
    command: 'capture',
    options: { target: 'http://a/x', token: 'k', limit: 7, pageSize: 100, out: undefined, noScrub: false },
  })
  t.match(ask('verify', { AUTHENTIK_URL: 'https://a', AUTHENTIK_TOKEN: 'k', AUTHENTIK_MOCK_PORT: '1' }), {
    command: 'verify',
    options: { target: 'https://a', token: 'k', release: undefined, format: 'text' },
  })
})

t.test('a mistake on the command line is one line that says what is allowed', async (t) => {
  const mistakes: [string, Record<string, string>, string][] = [
    ['--prot 1', {}, 'unknown option --prot; did you mean --port? See authentik-mock --help'],
    ['--zzzzzzzzz', {}, 'unknown option --zzzzzzzzz. See authentik-mock --help'],
    ['--constructor', {}, 'unknown option --constructor. See authentik-mock --help'],
    ['--__proto__ x', {}, 'unknown option --__proto__. See authentik-mock --help'],
    ['capture --toString=x', {}, 'unknown option --toString. See authentik-mock capture --help'],
    ['-x', {}, 'unknown option -x. See authentik-mock --help'],
    ['--port', {}, '--port: found nothing; allowed: an integer from 0 to 65535'],
    ['--port 99999', {}, '--port: found "99999"; allowed: an integer from 0 to 65535'],
    ['--port 1.5', {}, '--port: found "1.5"; allowed: an integer from 0 to 65535'],
    ['--generate 1000001', {}, '--generate: found "1000001"; allowed: an integer from 0 to 1000000'],
    ['--seed -1', {}, '--seed: found "-1"; allowed: an integer from 0 to 2147483647'],
    ['--log-level loud', {}, '--log-level: found "loud"; allowed: trace, debug, info, warn, error, silent'],
    ['--install-id 5', {}, '--install-id: found "5"; allowed: a UUID'],
    ['--base-url x', {}, '--base-url: found "x"; allowed: an http or https URL'],
    ['--watch=perhaps', {}, '--watch: found "perhaps"; allowed: true, yes, 1, false, no, 0'],
    ['', { AUTHENTIK_MOCK_PORT: 'x' }, 'AUTHENTIK_MOCK_PORT: found "x"; allowed: an integer from 0 to 65535'],
    [
      '',
      { AUTHENTIK_MOCK_FIXTURE: 'x' },
      'unknown variable AUTHENTIK_MOCK_FIXTURE; did you mean AUTHENTIK_MOCK_FIXTURES? See authentik-mock --help',
    ],
    [
      '',
      { AUTHENTIK_MOCK_PROT: '1' },
      'unknown variable AUTHENTIK_MOCK_PROT; did you mean AUTHENTIK_MOCK_PORT? See authentik-mock --help',
    ],
    ...['x', ':x', '127.0.0.1:'].flatMap((found): [string, Record<string, string>, string][] =>
      ['AUTHENTIK_LISTEN__HTTP', 'AUTHENTIK_LISTEN__HTTPS'].flatMap((variable) =>
        ['', '--port 1 --https-port 2'].map((flags): [string, Record<string, string>, string] => [
          flags,
          { [variable]: found },
          `${variable}: found "${found}"; allowed: a host and a port, such as 0.0.0.0:9000`,
        ]),
      ),
    ),
    [
      '',
      { AUTHENTIK_LISTEN__HTTP: ':99999' },
      'AUTHENTIK_LISTEN__HTTP: found "99999"; allowed: an integer from 0 to 65535',
    ],
    ...['http://localhost', 'localhost:80', '[::1]', '*', ''].flatMap((found): [string, object, string][] =>
      ['--host', '--https-host'].map((flag) => [
        `${flag}=${found}`,
        {},
        `${flag}: found "${found}"; allowed: an address of this machine such as 127.0.0.1 or ::1, or its name, without a port`,
      ]),
    ),
    ['sevre', {}, 'unknown command sevre; did you mean serve? See authentik-mock --help'],
    ['rows.json', {}, 'found rows.json; write --fixtures rows.json to serve a file'],
    ['./rows', {}, 'found ./rows; write --fixtures ./rows to serve a file'],
    ['--token=', {}, '--token: found ""; allowed: a text of visible ASCII characters without spaces'],
    ['serve x', {}, 'serve: found x; allowed: options only'],
    ['serve rows.json', {}, 'found rows.json; write --fixtures rows.json to serve a file'],
    ['healthcheck rows.json', {}, 'healthcheck: found rows.json; allowed: options only'],
    ['validate', {}, 'validate: found nothing; allowed: PATH…'],
    ['releases 2025.2', {}, 'releases: found 2025.2; allowed: [FROM TO]'],
    ['schema --port 1', {}, 'unknown option --port. See authentik-mock schema --help'],
    ['capture --token k', {}, '--target: found nothing; allowed: an http or https URL'],
    ...['http://x:99999', 'http://[::1', 'http://ex%mple', 'http://u:p@x:99999'].flatMap(
      (found): [string, object, string][] => {
        const shown = found.replace('u:p@', '…@')
        return ['capture --target', 'verify --target', '--forward', '--base-url'].map((flag) => [
          `${flag} ${found}`,
          {},
          `${flag.replace(/^\w+ /, '')}: found "${shown}"; allowed: an http or https URL${flag === '--forward' ? ' without user, query or fragment' : ''}`,
        ])
      },
    ),
    ['capture --target http://u:p/a@ss@x', {}, '--target: found "http://…@x"; allowed: an http or https URL'],
    ['capture --target http://x/?key=pass', {}, '--target: found "http://x/?…"; allowed: an http or https URL'],
    [
      'capture',
      { AUTHENTIK_URL: 'http://u:p@x#y' },
      'AUTHENTIK_URL: found "http://…@x#…"; allowed: an http or https URL',
    ],
    ['capture --target ftp://x', {}, '--target: found "ftp://x"; allowed: an http or https URL'],
    [
      'capture --target http://x',
      {},
      '--token: found nothing; allowed: a text of visible ASCII characters without spaces',
    ],
    ['verify --journal 5', {}, 'unknown option --journal. See authentik-mock verify --help'],
    [
      '--fixtures a.json b.json',
      {},
      '--fixtures: found a second value, b.json; write --fixtures a.json --fixtures b.json',
    ],
  ]
  for (const [line, environment, message] of mistakes) {
    t.throws(() => readCommandLine(line.split(' ').filter(Boolean), environment), new UsageError(message), message)
  }
  t.throws(
    () => readCommandLine(['capture', '--target', 'http://x', '--token', 'my secret'], {}),
    new UsageError('--token: found another text; allowed: a text of visible ASCII characters without spaces'),
    'a secret is not shown',
  )
  t.throws(() => readCommandLine(['--release', '2026.5.1'], {}), {
    message:
      /^--release: found "2026\.5\.1"; allowed: latest, or a release from 2024\.10\.0 to 2026\.8\.3; the nearest is 2026\.5\.0 \(/,
  })
})

t.test('a list in a variable is read however it is spaced', (t) => {
  for (const list of ['a.json,b.json', ' a.json , b.json ', 'a.json,,b.json,']) {
    const { options } = readCommandLine([], { AUTHENTIK_MOCK_FIXTURES: list }) as { options: { fixtures: string[] } }
    t.strictSame(options.fixtures, ['a.json', 'b.json'], list)
  }
  t.end()
})

t.test('what the program prints and how it ends', async (t) => {
  const folder = t.testdir({
    'good.json': '{"refresh_tokens": [{}, {}]}',
    'whole.json':
      '{"users": [{"username": "akadmin"}], "refresh_tokens": [{"user": {"username": "jane"}, "provider": {}}]}',
    'bad.json': '{"users": [{"pk": 0}], "groups": 1}',
  })
  const good = join(folder, 'good.json')
  const whole = join(folder, 'whole.json')
  const bad = join(folder, 'bad.json')
  const runs: [string[], number, { stdout?: string | RegExp; stderr?: string | RegExp }][] = [
    [['--version'], 0, { stdout: `${manifest.version}\n`, stderr: '' }],
    [['--help'], 0, { stdout: /--port N.*port to listen on/, stderr: '' }],
    [['healthcheck', '--help'], 0, { stdout: /--port N(?!.*--fixtures).*--web-path PATH/s, stderr: '' }],
    [
      ['--port', '0', '--fixtures', good, '--signed-in', 'nobody'],
      2,
      {
        stdout: '',
        stderr:
          'authentik-mock: --signed-in: found "nobody", but there is no such user; allowed: the username of an active user\n',
      },
    ],
    [['releases'], 0, { stdout: /^release +contract +rests on\n2024\.10\.0 +2024\.10\.2 +derived\n/, stderr: '' }],
    [
      ['releases', '2025.4', '2025.6'],
      0,
      { stdout: 'authentik 2025.4.4 to 2025.6.4: nothing changes on this API\n', stderr: '' },
    ],
    [
      ['releases', '2025.4', '2025.5'],
      2,
      {
        stdout: '',
        stderr:
          /^authentik-mock: releases: found "2025\.5"; allowed: latest, or a release .*; the nearest is 2025\.4\.4 \(.*\n$/,
      },
    ],
    [['schema'], 0, { stdout: /"Fixtures of authentik-mock"/, stderr: '' }],
    [
      ['validate', good],
      0,
      {
        stdout: 'fine: 2 refresh tokens, 3 users (3 added by the mock), 2 providers (2 added by the mock)\n',
        stderr: '',
      },
    ],
    [['validate', whole], 0, { stdout: 'fine: 1 refresh token, 2 users, 1 provider\n', stderr: '' }],
    [
      ['validate', whole, '--generate', '10'],
      0,
      {
        stdout:
          /^fine: 11 refresh tokens \(10 added by the mock\), \d+ users \(\d+ added .*, \d+ providers \(\d+ added .*\n$/,
        stderr: '',
      },
    ],
    [
      ['validate', good, bad],
      2,
      {
        stdout: '',
        stderr: `${bad}: groups: found 1; allowed: a list of groups\n${bad}: users[0].pk: found 0; allowed: an integer from 1 to 2147483647\n`,
      },
    ],
    [['--port', '0', '--fixtures', bad], 2, { stdout: '', stderr: /^.*groups: found 1.*\n.*users\[0\].*\n$/ }],
    [
      ['--prot', '1'],
      2,
      { stdout: '', stderr: 'authentik-mock: unknown option --prot; did you mean --port? See authentik-mock --help\n' },
    ],
    [['--watch', '--port', '0'], 2, { stdout: '', stderr: 'authentik-mock: --watch needs at least one --fixtures\n' }],
    [
      ['--port', '0', '--host', 'no.such.host.invalid'],
      1,
      { stdout: '', stderr: 'authentik-mock: cannot serve http://no.such.host.invalid:0: no such host is known\n' },
    ],
    [
      ['healthcheck', '--port', '1'],
      1,
      { stdout: '', stderr: 'authentik-mock: http://127.0.0.1:1/-/health/ready/: nothing listens there\n' },
    ],
    [
      ['healthcheck', '--host', 'constructor', '--port', '1'],
      1,
      { stdout: '', stderr: /^authentik-mock: http:\/\/constructor:1\/.*\n$/ },
    ],
  ]
  for (const [args, code, printed] of runs) {
    const ended = await runHere(args)
    t.match(ended, { code, ...printed }, args.join(' ').replaceAll(folder, '.'))
  }
  // The rest of the tests relies on it.
  for (const args of [
    ['--version'],
    ['validate', good, bad],
    ['--port', '0', '--fixtures', bad],
    ['releases', 'x', 'y'],
  ])
    t.strictSame(await runToEnd(args), await runHere(args), 'the program itself')
})

t.test('a server: one ready line, logs as JSON, an end in order', async (t) => {
  await using server = await serve()
  t.match(server.printed.stdout, /^authentik-mock ready on http:\/\/127\.0\.0\.1:\d+\n$/)
  t.equal((await send(server.url, { path: `${LIST}1/?token=hush`, headers: as('superuser-key') })).status, 200)
  await send(server.url, { path: `${LIST}1/`, headers: as('another-key') })
  await send(server.url, { path: LIST.slice(0, -1), headers: as('superuser-key') })
  await send(server.url, { path: '/api/v3/events/events/' })
  await send(server.url, { path: '/api/v3/events/events/' })
  t.equal((await runToEnd(['healthcheck', '--port', new URL(server.url).port])).code, 0)
  server.process.kill('SIGTERM')
  const { code, stdout, stderr } = await server.ended
  t.strictSame([code, stderr], [0, ''])
  const lines = stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line))
  t.match(lines[0], {
    level: 'info',
    method: 'GET',
    url: `${LIST}1/?token=…`,
    status: 200,
    ms: Number,
    as: 'superuser',
  })
  t.match(lines[1], {
    status: 403,
    reason: 'no API token has this key',
    msg: /403 in .* as anonymous: no API token has this key$/,
  })
  t.match(lines[2], { level: 'warn', msg: `${LIST.slice(0, -1)} is not served by this mock: answered as` })
  t.match(lines[2].msg, /; with a slash at its end it is served$/)
  t.match(lines[3], { status: 404, reason: 'the slash at its end is missing' })
  t.equal(lines.filter((line) => /events\/ is not served by this mock/.test(line.msg)).length, 1, 'said once')
  t.notMatch(stdout, /superuser-key|hush/, 'no secret')
})

t.test('the log says which path was meant', async (t) => {
  const cases: [path: string, meant: string | undefined][] = [
    ['/api/v3/oauth2/refresh_token/', LIST],
    ['/api/v3/oauth2/refresh-tokens/', LIST],
    ['/api/v3/oauth2/refreshtokens/7/', LIST],
    ['/api/v2/oauth2/refresh_tokens', LIST],
    ['/refresh_tokens/', LIST],
    ['/oauth2/refresh_tokens/5', LIST],
    ['/api/v3/core/user/', '/api/v3/core/users/'],
    ['/application/token/', '/application/o/token/'],
    ['/token/', '/application/o/token/'],
    // What authentik has, and what is like nothing.
    ['/api/v3/core/brands/', undefined],
    ['/api/v3/events/events/', undefined],
    ['/favicon.png', undefined],
    [`/${'x'.repeat(110)}/`, undefined],
  ]
  await using server = await serve()
  for (const [path] of cases) await send(server.url, { path })
  server.process.kill('SIGTERM')
  const [, ...lines] = (await server.ended).stdout.trim().split('\n')
  const said = lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 'warn')
  t.strictSame(
    said.map(({ msg }) => msg),
    cases.map(
      ([path, meant]) =>
        `${path} is not served by this mock: answered as authentik answers an unknown path${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    ),
  )
})

t.test('the log says in whole sentences why somebody was refused', async (t) => {
  const key = (authorization: string) => ({ path: LIST, headers: { Authorization: authorization } })
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const client = `Basic ${Buffer.from('grafana:grafana-client-secret').toString('base64')}`
  const post = (path: string, body: string, headers = {}) => ({
    method: 'POST',
    path: `/application/o/${path}/`,
    headers: { ...form, ...headers },
    body,
  })
  const cases: [Parameters<typeof send>[1], reason: string | RegExp | undefined][] = [
    [{ path: LIST }, undefined],
    [key('superuser-key'), 'Authorization does not begin with "Bearer" and a space'],
    [key('Bearer'), 'Authorization has no key behind "Bearer"'],
    [key('Bearer '), 'Authorization has no key behind "Bearer"'],
    [
      { ...key('superuser-key'), path: '/api/v3/core/users/me/' },
      'Authorization does not begin with "Bearer" and a space',
    ],
    [key('Bearer expired-key'), /^API token "expired" expired at \d{4}-/],
    [key('Bearer inactive-key'), 'user max.former of API token "inactive" is not active'],
    [key('Bearer app-password-key'), 'API token "app-password" is meant as app_password'],
    [post('token', 'grant_type=refresh_token'), 'no client id was sent, in a form or by Basic'],
    [post('revoke', 'token=x'), 'no client id was sent, in a form or by Basic'],
    [post('token', 'grant_type=refresh_token', { Authorization: client }), 'no refresh token was sent'],
    [post('token', 'grant_type=authorization_code', { Authorization: client }), 'no code was sent'],
  ]
  await using server = await serve()
  for (const [request] of cases) await send(server.url, request)
  server.process.kill('SIGTERM')
  const [, ...lines] = (await server.ended).stdout.trim().split('\n')
  t.equal(lines.length, cases.length)
  for (const [i, [request, reason]] of cases.entries()) {
    const entry = JSON.parse(lines[i] ?? '')
    if (reason === undefined) t.equal(entry.reason, undefined)
    else {
      t.match(entry, { reason }, JSON.stringify(request))
      const who = entry.client === undefined ? 'anonymous' : `client ${entry.client}`
      t.equal(entry.client, request.headers?.['Authorization'] === client ? 'grafana' : undefined, entry.msg)
      t.ok(entry.msg.endsWith(` as ${who}: ${entry.reason}`), entry.msg)
    }
  }
})

t.test('an option that does nothing is told', async (t) => {
  const cases: [args: string[], ...warnings: string[]][] = [
    [['--no-control', '--control-token', 'hush'], '--control-token does nothing with --no-control'],
    [['--no-control', '--allow-host', 'mock.example.com'], '--allow-host does nothing with --no-control'],
    [
      ['--forward-credentials', '--forward-timeout', '3', '--store-reads', 'local', '--store-expiry', '100'],
      '--forward-credentials does nothing without --forward',
      '--forward-timeout does nothing without --forward',
      '--store-reads does nothing without --store',
      '--store-expiry does nothing without --store',
    ],
    [['--tls-name', 'mock.example.com'], '--tls-name does nothing without --https-port'],
    [['--https-host', '127.0.0.1'], '--https-host does nothing without --https-port'],
  ]
  for (const [args, ...warnings] of cases) {
    await using server = await serve(args)
    const lines = warnings.map((warning) => `authentik-mock: warning: ${warning}\n`)
    t.equal(server.printed.stderr, lines.join(''), args.join(' '))
  }
  await using server = await serve(['--https-port', '0', '--tls-name', 'mock.example.com', '--control-token', 'hush'])
  t.equal(server.printed.stderr, '')
})

t.test('the log for people', async (t) => {
  await using server = await serve(['--log-format', 'pretty'])
  await send(server.url, { path: `${LIST}1/`, headers: as('superuser-key') })
  await server.prints(/^\[[\d:.]+\] INFO: GET \/api\/v3\/oauth2\/refresh_tokens\/1\/ 200 in [\d.]+ ms as superuser$/m)
  t.pass('one line a request')
})

t.test('an open request is finished, a kept connection is not waited for', async (t) => {
  await using server = await serve(['--generate', '3000', '--log-level', 'silent', '--stop-grace', '60'])
  const kept = await fetch(`${server.url}${LIST}1/`)
  await kept.text()
  const open = await fetch(`${server.url}${LIST}?page_size=3000`, { headers: as('authentik-mock-token') })
  server.process.kill('SIGINT')
  const { results } = (await open.json()) as RefreshTokenListBody
  t.equal(results.length, 3000)
  t.equal((await server.ended).code, 0)
})

t.test('a busy port is one line', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  for (const [args, scheme] of [
    [[], 'http'],
    [['--port', '0', '--https-port', String(port)], 'https'],
  ] as const) {
    const all = args.length === 0 ? ['--port', String(port)] : [...args]
    const stderr = `authentik-mock: cannot serve ${scheme}://127.0.0.1:${port}: the port is in use; port 0 takes any free one\n`
    t.strictSame(await runHere(all), { code: 1, stdout: '', stderr }, scheme)
  }
  other.close()
})

t.test('fixtures that change are served anew; mistakes in them leave the last good world', async (t) => {
  const folder = t.testdir({ 'rows.json': '{"refresh_tokens": [{"pk": 1}]}' })
  const file = join(folder, 'rows.json')
  await using server = await serve(['--fixtures', folder, '--watch'])
  const status = async (pk: number) =>
    (await send(server.url, { path: `${LIST}${pk}/`, headers: as('authentik-mock-token') })).status
  t.strictSame([await status(1), await status(2)], [200, 404])
  writeFileSync(file, '{"refresh_tokens": [{"pk": 2}]}')
  await server.prints(/fixtures read again/)
  t.strictSame([await status(1), await status(2)], [404, 200])
  writeFileSync(file, '{"refresh_tokens": [{"pk": 0}]}')
  await server.prints(/rows\.json: refresh_tokens\[0\]\.pk: found 0; allowed: an integer/)
  await server.prints(/the last good world is still served/)
  t.equal(await status(2), 200)
})

t.test('a person at a terminal is told how to begin', async (t) => {
  const url = 'http://127.0.0.1:9000'
  const told = (args: string[]) => {
    const read = readCommandLine(args, {})
    if (read.command !== 'serve') throw new Error(read.command)
    return firstSteps(url, read.options)
  }
  const [, command = ''] = /^try +(.*)$/m.exec(told(['--token', "it's-a-key"])) ?? []
  const shown = await runShell(command.replace(/^curl/, `printf '%s,'`)).ended
  t.equal(shown.stdout, `-H,Authorization: Bearer it's-a-key,${url}/api/v3/oauth2/refresh_tokens/,`, 'for a shell')
  t.match(told(['--release', '2026.8']), /^serves +\/api\/v3\/oauth2\/ and .* as authentik 2026\.8\.3$/m)
  t.match(told([]), /^url +http:\/\/127\.0\.0\.1:9000\nkey +authentik-mock-token \(.*superuser.*\)\n/)
  t.match(told([]), /^control +http:\/\/127\.0\.0\.1:9000\/_mock\/ /m)
  t.match(told(['--no-control']), /^control +off/m)
})
