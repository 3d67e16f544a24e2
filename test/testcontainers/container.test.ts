import { join } from 'node:path'
import t from 'tap'
import { run } from '../process.js'
import { programsOf } from '../snippets.js'
import { openStoreServer, STORE_PROGRAM } from '../store/server.js'
import { openEngine } from './engine.js'

/** The class over the real Testcontainers, which speaks to a small engine that runs the built program. */

const ROOT = join(import.meta.dirname, '..', '..')
const folder = t.testdir({
  rows: { 'a.json': '{"users":[{"username":"jane"}]}', 'b.yaml': 'refresh_tokens: [{pk: 5, user: jane}]' },
  'more, of them.json': '{"refresh_tokens":[{"pk":6,"user":"jane"}]}',
})
const engine = await openEngine(folder)
t.teardown(() => engine[Symbol.asyncDispose]())
// Testcontainers looks for its engine once.
process.env['DOCKER_HOST'] = engine.host
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true'
const { startMock } = await import(join(ROOT, 'dist', 'index.js'))
const { AuthentikMockContainer, StartedAuthentikMockContainer } = await import(
  join(ROOT, 'dist', 'testcontainers', 'container.js')
)

t.test('a container serves what it was given, and its client drives it', async (t) => {
  const container = await new AuthentikMockContainer('registry.test/authentik-mock:1')
    .withRelease('2026.2')
    .withToken('test-key')
    .withControlToken('control-key')
    .withFixtures(join(folder, 'rows'), { refresh_tokens: [{ pk: 7, user: 'jane' }] })
    .withFixtures(join(folder, 'more, of them.json'))
    .withEnvironment({ AUTHENTIK_MOCK_JOURNAL: '10' })
    .start()
  t.ok(container instanceof StartedAuthentikMockContainer)
  t.equal(engine.created.Image, 'registry.test/authentik-mock:1')
  t.strictSame(Object.keys(engine.created.ExposedPorts), ['9000/tcp'])
  t.ok(engine.created.Env.includes('AUTHENTIK_MOCK_FIXTURES=/fixtures/0,/fixtures/1,/fixtures/2'))

  t.match(container.getUrl(), /^http:\/\/\S+:\d+$/)
  t.equal(container.getToken(), 'test-key')
  const headers = { authorization: `Bearer ${container.getToken()}` }
  const answer = await fetch(`${container.getUrl()}/api/v3/oauth2/refresh_tokens/`, { headers })
  const { results } = (await answer.json()) as { results: { pk: number; user: { username: string } }[] }
  t.strictSame(
    results.map(({ pk, user }) => [pk, user.username]).sort(),
    [5, 6, 7].map((pk) => [pk, 'jane']),
  )

  const mock = await container.getMock()
  t.match(await mock.info(), { release: { name: /^2026\.2/ } })
  t.equal(await mock.countRequests({ path: '/api/**', status: 200 }), 1)
  await mock.close()

  await container.stop()
  await t.rejects(container.getMock(), { message: /^no authentik-mock answers at http:/ })
})

t.test(
  'a container is one with others of its store',
  { skip: STORE_PROGRAM === undefined && 'no store is there' },
  async (t) => {
    await using store = await openStoreServer(STORE_PROGRAM as string)
    const container = await new AuthentikMockContainer('registry.test/authentik-mock:1').withStore(store.url).start()
    await using other = await startMock({ store: store.url })
    const mock = await container.getMock()
    const { pk } = await mock.refreshTokens.create({ user: 10, provider: 1 })
    t.equal((await other.refreshTokens.get(pk)).pk, pk)
    await container.stop()
  },
)

t.test('anybody may read what is copied in', async (t) => {
  const lines = (await engine.modes()).trim().split('\n')
  t.ok(lines.length >= 4)
  for (const line of lines) t.match(line, /^(?:d..x..x..x|-r..r..r..)/)
})

t.test('without more, it is the small company of the image', async (t) => {
  const container = await new AuthentikMockContainer('authentik-mock').start()
  t.equal(container.getToken(), 'authentik-mock-token')
  t.notMatch(engine.created.Env.join(), /FIXTURES|RELEASE|CONTROL/)
  const mock = await container.getMock()
  t.ok((await mock.fixtures.read()).refresh_tokens?.length)
  await container.stop()
})

t.test('the snippet of the page runs as it is', async (t) => {
  const [program = ''] = programsOf('docs/deployment.md')
  const page = t.testdir({
    'page.mjs': program,
    fixtures: { 'rows.json': '{"refresh_tokens":[{"pk":1}]}' },
    node_modules: { 'authentik-mock': t.fixture('symlink', ROOT) },
  })
  const { DOCKER_HOST = '', TESTCONTAINERS_RYUK_DISABLED = '' } = process.env
  const environment = { DOCKER_HOST, TESTCONTAINERS_RYUK_DISABLED, PAGE: page }
  const start = `process.chdir(process.env.PAGE); await import(process.env.PAGE + '/page.mjs')`
  t.match(await run(['--input-type=module', '-e', start], environment, '').ended, { code: 0, stdout: '', stderr: '' })
})

t.test('fixtures that are not there are told before anything starts', async (t) => {
  const none = join(folder, 'none')
  t.throws(() => new AuthentikMockContainer('authentik-mock').withFixtures(none), {
    message: `withFixtures: found nothing at ${none}; allowed: a JSON or YAML file, or a folder of them`,
  })
})
