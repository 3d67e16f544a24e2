import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { run } from './process.js'
import { programsOf } from './snippets.js'
import { javaScriptOf } from './typescript.js'

const ROOT = join(import.meta.dirname, '..')
const PAGE = 'docs/runners.md'
/** A busy machine needs longer than runners allow. */
const MS = 60_000

/** A session with a mock, whatever a test has put in place of what is global. What asks is not the client of the mock. */
const SESSION = `
import assert from 'node:assert'
import http from 'node:http'
import { startMock } from 'authentik-mock'

const { request, Agent } = http
const ask = (world, path) => new Promise((resolve, reject) => {
  const headers = { authorization: \`Bearer \${world.token}\` }
  request(world.url + '/api/v3/oauth2/refresh_tokens/' + path, { headers, agent: new Agent() }, (answer) => {
    answer.resume().on('end', () => resolve(answer.statusCode))
  }).on('error', reject).end()
})

export async function session() {
  const mock = await startMock({ generate: 3 })
  const world = mock.world()
  const before = Date.parse((await mock.clock.get()).now)
  assert.ok(before > Date.UTC(2020), 'the clock is that of the machine')
  await world.faults.add({ delay: 20, times: 1 })
  assert.equal(await ask(world, '1/'), 200)
  assert.equal((await world.waitForRequests({ count: 2, wait: 0.02 })).count, 1)
  const { pk } = await world.refreshTokens.create({ expires: 'days=1' })
  assert.equal(await ask(world, pk + '/'), 200)
  await mock.close()
  await world.close()
}
`

const VITEST = `
import { afterEach, test, vi } from 'vitest'
import { session } from './session.mjs'
afterEach(() => { vi.useRealTimers(); vi.unstubAllGlobals() })
test('as it is', session)
test('fetch is stubbed', () => { vi.stubGlobal('fetch', () => Promise.reject(new Error('no'))); return session() })
test('timers and dates are fake', () => { vi.useFakeTimers({ now: 0 }); return session() })
test('the date is fake', () => { vi.setSystemTime(0); return session() })
`

const JEST = `
import { afterEach, jest, test } from '@jest/globals'
import { session } from './session.mjs'
afterEach(() => jest.useRealTimers())
test('as it is', session)
test('everything is fake, process.nextTick too', () => { jest.useFakeTimers({ now: 0 }); return session() })
`

const NODE = `
import { mock, test } from 'node:test'
import { session } from './session.mjs'
test('as it is', session)
test('timers and dates are fake', () => { mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] }); return session() })
`

/** What no request may go through. */
const PROXY = 'http://127.0.0.1:1'
const PROXIED = { HTTP_PROXY: PROXY, http_proxy: PROXY, ALL_PROXY: PROXY, NODE_USE_ENV_PROXY: '1' }

t.test('the library works in every runner, whatever a test replaces, and the snippets run', async (t) => {
  const snippets = programsOf(PAGE).map((text, i) => [`snippet-${i}.${runnerOf(text)}.mjs`, javaScriptOf(text)])
  const folder = t.testdir({
    ...Object.fromEntries(snippets),
    'session.mjs': SESSION,
    'own.vitest.mjs': VITEST,
    'page.vitest.mjs': `// @vitest-environment happy-dom\n${VITEST}`,
    'own.jest.mjs': JEST,
    'own.node.mjs': NODE,
    'vitest.config.mjs': `export default { test: { include: ['*.vitest.mjs'], testTimeout: ${MS} } }`,
    'jest.config.mjs': `export default { testMatch: ['**/*.jest.mjs'], transform: {}, testTimeout: ${MS} }`,
    node_modules: { 'authentik-mock': t.fixture('symlink', ROOT) },
  })
  const program = (...path: string[]) => join(ROOT, 'node_modules', ...path)
  const inFolder = ['--root', folder]
  const runs: Record<string, [args: string[], environment?: Record<string, string>]> = {
    vitest: [[program('vitest', 'vitest.mjs'), 'run', ...inFolder]],
    jest: [
      [
        '--experimental-vm-modules',
        program('jest', 'bin', 'jest.js'),
        '--rootDir',
        folder,
        '--config',
        join(folder, 'jest.config.mjs'),
      ],
    ],
    'behind a proxy': [[join(folder, 'own.node.mjs')], PROXIED],
  }
  for (const file of readdirSync(folder))
    if (/\.(?:node|tap|none)\.mjs$/.test(file)) runs[file] = [[join(folder, file)]]
  t.ok(Object.keys(runs).length > 6)
  for (const [name, [args, environment]] of Object.entries(runs)) {
    const { code, stdout, stderr } = await run(args, environment, '').ended
    t.equal(code, 0, name, { printed: stdout + stderr })
  }
})

function runnerOf(program: string): string {
  const [, name = 'none'] = /from '(?:node:)?(vitest|tap|test|@jest\/globals)'/.exec(program) ?? []
  return { test: 'node', '@jest/globals': 'jest' }[name] ?? name
}
