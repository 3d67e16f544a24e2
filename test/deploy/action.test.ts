import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { PROGRAM } from '../process.js'
import { freePort } from '../socket.js'

/** The steps of action.yml, run as GitHub runs them. In the place of the registry stands a link to the built program. */

const ROOT = join(import.meta.dirname, '..', '..')
const { inputs, runs } = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8'))
const [step] = runs.steps

/** An `npm` that installs the program of this checkout, and notes what it was asked for. It knows no version 0.0.0. */
const NPM = `#!/bin/sh
for package; do :; done
case $package in *@0.0.0) echo "npm error 404 no such version" >&2; exit 1 ;; esac
while [ "$1" != --prefix ]; do shift; done
mkdir -p "$2/node_modules/.bin"
ln -s "${PROGRAM}" "$2/node_modules/.bin/authentik-mock"
echo "$package" >> "$RUNNER_TEMP/installed"
`

/**
 * A `docker` with one container at a time, which is the program of this checkout. It knows no image `missing`, and cannot
 * start `broken`.
 */
const DOCKER = `#!/bin/bash
set -eu
cd "$RUNNER_TEMP"
echo "$*" >> docker-calls
command=$1; shift
case $command in
  create)
    arguments=("$@")
    for ((i = 0; i < $#; i++)); do
      case \${arguments[i]} in
        --publish) port=$(echo "\${arguments[i + 1]}" | cut -d: -f2) ;;
        --workdir) folder=\${arguments[i + 1]} ;;
        --volume) case \${arguments[i + 1]} in *:/report) report=\${arguments[i + 1]%:/report} ;; esac ;;
        missing) echo "no such image" >&2; exit 125 ;;
        broken) touch broken; break ;;
        image) break ;;
      esac
    done
    printf '%s\\n' "$port" "$folder" "$report" "\${arguments[@]:i + 1}" > container ;;
  start)
    if [ -f broken ]; then echo "port is taken" >&2; exit 1; fi
    { read -r port; read -r folder; read -r report; mapfile -t options; } < container
    cd "$folder"
    (node "${PROGRAM}" "\${options[@]/#\\/report/$report}" --port "$port" > "$RUNNER_TEMP/logs" 2>&1 & echo $! > "$RUNNER_TEMP/pid"
     wait $! && code=0 || code=$?; echo $code > "$RUNNER_TEMP/code") > /dev/null 2>&1 & ;;
  logs) cat logs ;;
  inspect) case $2 in *Running*) if [ -s code ]; then echo false; else echo true; fi ;; *) cat code ;; esac ;;
  stop) if [ ! -s code ]; then kill $(cat pid); fi; while [ ! -s code ]; do sleep 0.05; done ;;
  rm) rm container ;;
esac
`

/** How a step ends that says what is wrong, and nothing else. */
const failed = (text: string) => ({ code: 1, stdout: `::error title=authentik-mock::${text}\n` })

/** A job with a port of its own, and its files. */
async function createJob(t: Test) {
  const folder = t.testdir({ npm: NPM, docker: DOCKER, temp: {}, env: '', output: '', summary: '' })
  await promised('chmod', ['+x', join(folder, 'npm'), join(folder, 'docker')], {})
  const port = await freePort()
  let stderr = ''
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
    return promised(step.shell, ['-c', step.run], { cwd: folder, env }, (text) => {
      stderr = text
    })
  }
  return { act, read, port, folder, lastError: () => stderr }
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

t.test('an image runs by docker as strictly as elsewhere, and finds the fixtures of the checkout', async (t) => {
  const { act, read, port, folder } = await createJob(t)
  await writeFile(join(folder, 'rows.json'), '{"users": [{"username": "jane"}]}')
  const started = await act({ image: 'image', options: '--fixtures=rows.json\n--fail-on=error', report: 'it.json' })
  t.strictSame(started, { code: 0, stdout: '' })
  const headers = { authorization: 'Bearer authentik-mock-token' }
  const users = await fetch(`http://127.0.0.1:${port}/api/v3/core/users/?username=jane`, { headers })
  t.match(await users.json(), { pagination: { count: 1 } })
  const asked = read('temp/docker-calls')
  for (const words of [
    '--read-only',
    '--cap-drop ALL',
    `--publish 127.0.0.1:${port}:9000`,
    `--volume ${folder}:${folder}:ro`,
  ])
    t.match(asked, words)
  await fetch(`http://127.0.0.1:${port}/api/v3/oauth2/refresh_tokens/undefined/`, { headers })
  t.match(await act({ command: 'stop' }), { code: 1, stdout: /contract of authentik: it\.json\n$/ })
  t.match(JSON.parse(read('it.json')), { requests: 2 })
  t.notOk(existsSync(join(folder, 'temp', `authentik-mock-${port}`)))
  t.notOk(existsSync(join(folder, 'temp', 'container')))
})

t.test('what could not be started leaves nothing behind, and says why', async (t) => {
  const { act, port, folder, lastError } = await createJob(t)
  const left = join(folder, 'temp', `authentik-mock-${port}`)
  const cases: [given: Record<string, string>, said: string][] = [
    [{ image: 'missing' }, 'image: docker could not make a container of "missing"; it says why above'],
    [{ image: 'broken' }, 'image: docker could not start "broken"; it says why above'],
    [{ version: '0.0.0' }, 'version: npm could not install authentik-mock@0.0.0; it says why above'],
  ]
  for (const [given, said] of cases) {
    t.strictSame(await act(given), failed(said))
    t.match(lastError(), /^(?:npm error 404|no such|port is)/m)
    t.notOk(existsSync(left), said)
  }
  t.notOk(existsSync(join(folder, 'temp', 'container')))
  await mkdir(left)
  await mkdir(join(left, 'report'))
  await writeFile(join(left, 'report-path'), 'it.md')
  t.match(await act({ command: 'stop' }), {
    code: 1,
    stdout: /^::error title=authentik-mock::the mock was not started to the end\n$/,
  })
  t.notOk(existsSync(left))
})

t.test('what is given is no command of the runner, no variable of the job, and no path', async (t) => {
  const { act, read } = await createJob(t)
  t.strictSame(
    await act({ report: 'a%\n::warning::b' }),
    failed('report: found "a%25%0A::warning::b"; allowed: a name that ends in .json, .xml or .md'),
  )
  t.strictSame(await act({ token: 'key\nPATH=/elsewhere' }), failed('token: found several lines; allowed: one line'))
  t.equal(read('env'), '')
  for (const port of ['', '0', '65536', '9000/../..', '9000 ', 'http'])
    for (const command of ['start', 'stop'])
      t.strictSame(await act({ port, command }), failed(`port: found "${port}"; allowed: an integer from 1 to 65535`))
})

t.test('mistakes are one line that says what is allowed', async (t) => {
  const { act, port } = await createJob(t)
  t.strictSame(await act({ command: 'go' }), failed('command: found "go"; allowed: start, stop'))
  t.strictSame(
    await act({ report: 'x.txt' }),
    failed('report: found "x.txt"; allowed: a name that ends in .json, .xml or .md'),
  )
  t.strictSame(
    await act({ command: 'stop' }),
    failed(`port: there is no mock on ${port}; allowed: the port that it was started with`),
  )
  const { code, stdout } = await act({ options: '--releas=2026.2' })
  t.equal(code, 1)
  t.match(
    stdout,
    /unknown option --releas.*\n::error title=authentik-mock::the mock did not start; its log says why\n$/,
  )
})

function promised(
  file: string,
  args: string[],
  options: object,
  onError = (_: string) => {},
): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      onError(String(stderr))
      resolve({ code: Number(error?.code ?? 0), stdout: String(stdout) })
    })
  })
}
