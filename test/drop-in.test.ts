import { join } from 'node:path'
import t from 'tap'
import { containerArguments } from '../src/cli/commands/healthcheck.js'
import { readCommandLine } from '../src/cli/invocation.js'
import { UsageError } from '../src/cli/usage-error.js'
import { send } from './http.js'
import { PROGRAM, run } from './process.js'
import { freePort } from './socket.js'

/** In the place of authentik: the environment, commands and health checks of its compose file and its Helm chart. */

type Variables = Record<string, string>

const read = (environment: Variables, line = 'server') => {
  const asked = readCommandLine(line.split(' '), environment)
  if (asked.command !== 'serve') throw new Error(`${line} is ${asked.command}`)
  return asked
}

t.test('what authentik’s own variables say, and what the mock passes over', async (t) => {
  const folder = t.testdir({ token: '\n  from-a-file \n', empty: '', port: ' 127.0.0.2:8080\n' })
  const cases: [Variables, object, string?][] = [
    [{ AUTHENTIK_SECRET_KEY: 'x', AUTHENTIK_POSTGRESQL__HOST: 'db', AUTHENTIK_NO_SUCH: '' }, { port: 9000 }],
    [{ AUTHENTIK_BOOTSTRAP_TOKEN: 'k' }, { token: 'k' }],
    [{ AUTHENTIK_BOOTSTRAP_TOKEN: 'k', AUTHENTIK_MOCK_TOKEN: 'm' }, { token: 'm' }, 'the mock’s own come first'],
    [{ AUTHENTIK_BOOTSTRAP_TOKEN: `file://${join(folder, 'token')}` }, { token: 'from-a-file' }],
    [{ AUTHENTIK_BOOTSTRAP_TOKEN: `file://${join(folder, 'none')}?k` }, { token: 'k' }],
    [{ AUTHENTIK_BOOTSTRAP_TOKEN: `file://${join(folder, 'empty')}` }, { token: 'authentik-mock-token' }, 'nothing'],
    [{ AUTHENTIK_BOOTSTRAP_TOKEN: 'env://KEY', KEY: 'k' }, { token: 'k' }],
    [{ AUTHENTIK_BOOTSTRAP_TOKEN: 'env://KEY?k' }, { token: 'k' }],
    [{ AUTHENTIK_BOOTSTRAP_TOKEN: 'env://KEY?', KEY: 'env://OTHER' }, { token: 'env://OTHER' }, 'once'],
    [{ AUTHENTIK_LISTEN__HTTP: `file://${join(folder, 'port')}` }, { port: 8080, host: '127.0.0.2' }],
    [{ AUTHENTIK_LISTEN__HTTP: ' [::1]:7' }, { port: 7, host: '::1' }],
    ...['INFO', 'info', 'Info'].map((level): [Variables, object] => [
      { AUTHENTIK_LOG_LEVEL: level },
      { logLevel: 'info' },
    ]),
    ...[
      ['TRACE', 'trace'],
      ['NOTSET', 'trace'],
      ['Debug', 'debug'],
      ['WARN', 'warn'],
      ['Warning', 'warn'],
      ['ERROR', 'error'],
      ['critical', 'error'],
      ['FATAL', 'error'],
    ].map(([level = '', logLevel]): [Variables, object] => [{ AUTHENTIK_LOG_LEVEL: level }, { logLevel }]),
  ]
  for (const [environment, options, why] of cases) {
    const asked = read(environment)
    t.match(asked.options, options, `${JSON.stringify(environment).replaceAll(folder, '')} ${why ?? ''}`)
    t.strictSame(asked.warnings, [])
  }
})

t.test('what is odd about variables is a warning, or a mistake of one line', async (t) => {
  const folder = t.testdir({ token: 'two words' })
  const warnings: [Variables, string[]][] = [
    [
      { AUTHENTIK_LOG_LEVEL: 'noisy' },
      ['AUTHENTIK_LOG_LEVEL: found "noisy", which is not a log level of authentik and is ignored'],
    ],
    [
      { AUTHENTIK_LISTEN__HTTP: '127.0.0.1:1,[::]:1' },
      ['of the addresses 127.0.0.1:1,[::]:1, authentik-mock listens on the first'],
    ],
    ...['IMAGE', 'TAG', 'VERSION', 'DATA', 'NAME'].map((name): [Variables, string[]] => [
      { [`AUTHENTIK_MOCK_${name}`]: 'x' },
      [`unknown variable AUTHENTIK_MOCK_${name} is ignored`],
    ]),
    ...[
      ['LISTEN_HTTP', 'LISTEN__HTTP'],
      ['LISTEN__HTPS', 'LISTEN__HTTPS'],
      ['WEB_PATH', 'WEB__PATH'],
      ['LOGLEVEL', 'LOG_LEVEL'],
      ['BOOTSTRAP_TOKN', 'BOOTSTRAP_TOKEN'],
    ].map(([name, meant]): [Variables, string[]] => [
      { [`AUTHENTIK_${name}`]: '9000' },
      [`unknown variable AUTHENTIK_${name} is ignored; did you mean AUTHENTIK_${meant}?`],
    ]),
    // Those that authentik has beside them, and those of its clients.
    ...[
      'LISTEN__LDAP',
      'LISTEN__LDAPS',
      'LISTEN__DEBUG',
      'LISTEN__METRICS',
      'BOOTSTRAP_EMAIL',
      'WEB__WORKERS',
      'TOKEN',
      'URL',
    ].map((name): [Variables, string[]] => [{ [`AUTHENTIK_${name}`]: '9000' }, []]),
  ]
  for (const [environment, expected] of warnings) {
    t.strictSame(read(environment).warnings, expected)
  }

  for (const service of ['', 'E2E_', 'HTTPS_']) {
    const prefix = `AUTHENTIK_MOCK_${service}`
    const address = 'tcp://10.96.0.7:9000'
    const asked = read({
      [`${prefix}SERVICE_HOST`]: '10.96.0.7',
      [`${prefix}SERVICE_PORT`]: '9000',
      [`${prefix}SERVICE_PORT_HTTP`]: '9000',
      [`${prefix}PORT`]: address,
      [`${prefix}PORT_9000_TCP`]: address,
      [`${prefix}PORT_9000_TCP_PROTO`]: 'tcp',
      [`${prefix}PORT_9000_TCP_PORT`]: '9000',
      [`${prefix}PORT_9000_TCP_ADDR`]: '10.96.0.7',
    })
    t.strictSame(asked.warnings, [], `in Kubernetes, with a service of ${prefix}`)
    t.match(asked.options, { port: 9000, host: '127.0.0.1' })
  }

  const nothing = '; allowed: something that is there, or what to take instead after a ?'
  const mistakes: [Variables, string][] = [
    [{ AUTHENTIK_BOOTSTRAP_TOKEN: 'env://NO' }, `found "env://NO", but there is no variable "NO"${nothing}`],
    [{ AUTHENTIK_BOOTSTRAP_TOKEN: 'file:///no/file' }, `found "file:///no/file", but there is no such file${nothing}`],
    [
      { AUTHENTIK_BOOTSTRAP_TOKEN: 'file://token' },
      `found "file://token", but that is no whole path, such as file:///run/secrets/token${nothing}`,
    ],
    [{ AUTHENTIK_BOOTSTRAP_TOKEN: 'file:///' }, `found "file:///", but that is a folder${nothing}`],
    [
      { AUTHENTIK_BOOTSTRAP_TOKEN: 'file:///dev/zero' },
      `found "file:///dev/zero", but that is not a file of at most 65536 bytes${nothing}`,
    ],
    [
      { AUTHENTIK_BOOTSTRAP_TOKEN: `file://${join(folder, 'token')}` },
      'found another text; allowed: a text of visible ASCII characters without spaces',
    ],
    [{ AUTHENTIK_LISTEN__HTTP: 'x:y' }, 'found "x:y"; allowed: a host and a port, such as 0.0.0.0:9000'],
  ]
  for (const [environment, message] of mistakes) {
    t.throws(() => read(environment), new UsageError(`${Object.keys(environment)[0]}: ${message}`))
  }
  for (const [name, meant] of Object.entries({ TOKENS: 'TOKEN', HOSTS: 'HOST', PORTS: 'PORT', RELAESE: 'RELEASE' })) {
    t.throws(() => read({ [`AUTHENTIK_MOCK_${name}`]: 'x' }), {
      name: 'UsageError',
      message: new RegExp(`AUTHENTIK_MOCK_${name}; .*AUTHENTIK_MOCK_${meant}\\b`),
    })
  }
})

const AK = join(PROGRAM, '..', 'ak.js')

/** What the compose files of authentik give both services, with what their users are told to write into `.env`. */
const DATABASE = {
  AUTHENTIK_POSTGRESQL__HOST: 'postgresql',
  AUTHENTIK_POSTGRESQL__NAME: 'authentik',
  AUTHENTIK_POSTGRESQL__USER: 'authentik',
  AUTHENTIK_POSTGRESQL__PASSWORD: 'a-password',
  AUTHENTIK_SECRET_KEY: 'a-secret',
  PG_PASS: 'a-password',
  COMPOSE_PORT_HTTP: '80',
  COMPOSE_PORT_HTTPS: '443',
}
const EMAIL = { AUTHENTIK_EMAIL__HOST: 'localhost', AUTHENTIK_EMAIL__PORT: '25', AUTHENTIK_EMAIL__USE_TLS: 'false' }
const COMPOSE_FILES: Record<string, Variables> = {
  '2024.10': { ...DATABASE, ...EMAIL, AUTHENTIK_REDIS__HOST: 'redis', AUTHENTIK_ERROR_REPORTING__ENABLED: 'true' },
  '2025.2': { ...DATABASE, AUTHENTIK_REDIS__HOST: 'redis', AUTHENTIK_TAG: '2025.2.4', AUTHENTIK_LOG_LEVEL: 'INFO' },
  '2025.10': { ...DATABASE, ...EMAIL, AUTHENTIK_BOOTSTRAP_PASSWORD: 'x', AUTHENTIK_LOG_LEVEL: 'warning' },
  '2026.2': { ...DATABASE, AUTHENTIK_IMAGE: 'authentik-mock', AUTHENTIK_DISABLE_UPDATE_CHECK: 'true' },
}

for (const [release, variables] of Object.entries(COMPOSE_FILES)) {
  t.test(`the services of the compose file of ${release} come up healthy, and stop`, async (t) => {
    const port = await freePort()
    const environment = {
      ...variables,
      AUTHENTIK_LISTEN__HTTP: `127.0.0.1:${port}`,
      AUTHENTIK_BOOTSTRAP_TOKEN: 'bootstrap-key',
    }
    await using server = run(['server'], environment, AK)
    await using worker = run(['worker'], environment, AK)
    const [, url = ''] = await server.prints(/ready on (\S+)/)
    await worker.prints(/ready/)
    t.equal(url, `http://127.0.0.1:${port}`)
    t.match(await run(['healthcheck'], environment, AK).ended, { code: 0, stdout: '', stderr: '' })
    const { status } = await send(url, {
      path: '/api/v3/oauth2/refresh_tokens/',
      headers: { Authorization: 'Bearer bootstrap-key' },
    })
    t.equal(status, 200)

    for (const { process } of [server, worker]) process.kill('SIGTERM')
    t.match(await server.ended, { code: 0, stderr: '' })
    t.match(await worker.ended, { code: 0, stderr: '' })
    t.match(await run(['healthcheck'], environment, AK).ended, {
      code: 1,
      stderr: /^authentik-mock: .*: nothing listens there\n$/,
    })
  })
}

t.test('ak says in one line what it is not', async (t) => {
  const allowed = 'allowed: server, worker, healthcheck, as this is authentik-mock\n'
  for (const [args, found] of [
    [[], 'no command'],
    [['dump_config'], '"dump_config"'],
    [['test-all', '--x'], '"test-all"'],
  ] as const)
    t.match(await run([...args], {}, AK).ended, { code: 2, stdout: '', stderr: `ak: found ${found}; ${allowed}` })
})

t.test('variables that are passed over are told once, by whoever serves', async (t) => {
  const environment = { AUTHENTIK_MOCK_TAG: '1', AUTHENTIK_LISTEN__HTTP: '127.0.0.1:0' }
  const warning = 'authentik-mock: warning: unknown variable AUTHENTIK_MOCK_TAG is ignored\n'
  await using server = run(['server'], environment)
  await server.prints(/ready/)
  t.equal(server.printed.stderr, warning)
  t.match(await run(['releases', '--log-level', 'error'], environment).ended, { code: 0, stderr: '' })
  t.match(await run(['healthcheck', '--port', '1'], environment).ended, {
    code: 1,
    stderr: /^[^\n]*nothing listens there\n$/,
  })
})

t.test('a health check learns from process 1 what its container runs', async (t) => {
  const folder = t.testdir({
    server: ['node', '/app/main.js', 'server', '--port', '80', ''].join('\0'),
    worker: '/sbin/docker-init\0--\0node\0/app/main.js\0worker\0',
    ak: 'node\0/usr/local/bin/ak\0worker\0',
    other: 'systemd\0--system\0',
  })
  const learn = (file: string) => containerArguments(join(folder, file))
  t.strictSame(await learn('server'), ['server', '--port', '80'])
  t.strictSame(await learn('worker'), ['worker'])
  t.strictSame(await learn('ak'), ['worker'])
  t.strictSame(await learn('other'), [])
  t.strictSame(await learn('none'), [])
})
