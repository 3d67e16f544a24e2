import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { PROGRAM } from '../process.js'
import { freePort } from '../socket.js'

/** The steps of action.yml, run as GitHub runs them. In the place of the registry stands a link to the built program. */

const ROOT = join(import.meta.dirname, '..', '..')
const { inputs, runs } = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8'))
const [step] = runs.steps

/** An `npm` that installs the program of this checkout, and notes what it was asked for. */
const NPM = `#!/bin/sh
for package; do :; done
while [ "$1" != --prefix ]; do shift; done
mkdir -p "$2/node_modules/.bin"
ln -s "${PROGRAM}" "$2/node_modules/.bin/authentik-mock"
echo "$package" >> "$RUNNER_TEMP/installed"
`

/** A job with a port of its own, and its files. */
async function createJob(t: Test) {
  const folder = t.testdir({ npm: NPM, temp: {}, env: '', output: '', summary: '' })
  await promised('chmod', ['+x', join(folder, 'npm')], {})
  const port = await freePort()
  const read = (file: string) => readFileSync(join(folder, file), 'utf8')
  /** Runs a step with some inputs; those that are left out have their defaults. */
  const act = (given: Record<string, string>) => {
    const values: Record<string, string> = { port: String(port), ...given }
    const env: Record<string, string> = {
      PATH: `${folder}:${process.env['PATH']}`,
      RUNNER_TEMP: join(folder, 'temp'),
      GITHUB_ACTION_PATH: ROOT,
      GITHUB_ENV: join(folder, 'env'),
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    }
    for (const [name, expression] of Object.entries<string>(step.env)) {
      const [, input = ''] = /^\$\{\{ inputs\.(\w+) \}\}$/.exec(expression) ?? []
      env[name] = values[input] ?? inputs[input].default
    }
    return promised(step.shell, ['-c', step.run], { cwd: folder, env })
  }
  return { act, read, port, folder }
}

t.test('it starts a mock for the steps that follow, and ends it with a report', async (t) => {
  const { act, read, port, folder } = await createJob(t)
  const started = await act({
    token: 'test-key',
    options: '--release=2026.2\n--log-level=silent\n',
    report: 'out/it.md',
  })
  t.strictSame(started, { code: 0, stdout: '' })
  const url = `http://127.0.0.1:${port}`
  t.equal(read('env'), `AUTHENTIK_URL=${url}\nAUTHENTIK_TOKEN=test-key\n`)
  t.equal(read('output'), `url=${url}\ntoken=test-key\n`)
  t.equal(
    read('temp/installed'),
    `authentik-mock@${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}\n`,
  )
  const headers = { authorization: 'Bearer test-key' }
  t.equal((await fetch(`${url}/api/v3/oauth2/refresh_tokens/?page_size=1`, { headers })).status, 200)
  t.match(await act({}), {
    code: 1,
    stdout: `::error title=authentik-mock::port: there is a mock on ${port} already; allowed: another port\n`,
  })

  t.strictSame(await act({ command: 'stop' }), { code: 0, stdout: '' })
  t.match(read('out/it.md'), /^# What the client did\n\n1 request/)
  t.equal(read('summary'), read('out/it.md'))
  t.notOk(existsSync(join(folder, 'temp', `authentik-mock-${port}`)))
  await t.rejects(fetch(url))
})

t.test('what the report finds fails the job where it is asked to', async (t) => {
  const { act, read, port } = await createJob(t)
  t.match(await act({ options: '--fail-on=error', report: 'it.xml', version: '9.9.9' }), { code: 0 })
  t.equal(read('temp/installed'), 'authentik-mock@9.9.9\n')
  await fetch(`http://127.0.0.1:${port}/api/v3/oauth2/refresh_tokens/undefined/`, {
    headers: { authorization: 'Bearer authentik-mock-token' },
  })
  const { code, stdout } = await act({ command: 'stop' })
  t.equal(code, 1)
  t.match(stdout, /^::error title=authentik-mock::the client goes against the contract of authentik: it\.xml$/m)
  t.match(read('it.xml'), /<testsuite/)
  t.equal(read('summary'), '')
})

t.test('mistakes are one line that says what is allowed', async (t) => {
  const { act, port } = await createJob(t)
  const error = (text: string) => `::error title=authentik-mock::${text}\n`
  t.strictSame(await act({ command: 'go' }), { code: 1, stdout: error('command: found "go"; allowed: start, stop') })
  t.strictSame(await act({ report: 'x.txt' }), {
    code: 1,
    stdout: error('report: found "x.txt"; allowed: a name that ends in .json, .xml or .md'),
  })
  t.strictSame(await act({ command: 'stop' }), {
    code: 1,
    stdout: error(`port: there is no mock on ${port}; allowed: the port that it was started with`),
  })
  const { code, stdout } = await act({ options: '--releas=2026.2' })
  t.equal(code, 1)
  t.match(
    stdout,
    /unknown option --releas.*\n::error title=authentik-mock::the mock did not start; its log says why\n$/,
  )
})

function promised(file: string, args: string[], options: object): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout) =>
      resolve({ code: Number(error?.code ?? 0), stdout: String(stdout) }),
    )
  })
}
