import t from 'tap'
import {
  connectMock,
  FixtureError,
  type Mock,
  type MockOptions,
  startMock,
  UsageError,
  worldFor,
} from '../src/index.js'
import { KINDS } from '../src/world/kinds/registry.js'
import { send } from './http.js'

const LIST = '/api/v3/oauth2/refresh_tokens/'

t.test('instances share nothing', async (t) => {
  const mocks = await Promise.all([1, 2, 3].map((seed) => startMock({ generate: 5, seed })))
  const read = async ({ url, token }: (typeof mocks)[number], method = 'GET') =>
    send(url, { method, path: `${LIST}1/`, headers: { Authorization: `Bearer ${token}` } })
  const bodies = await Promise.all(mocks.map(async (mock) => (await read(mock)).body))
  t.equal(new Set(bodies).size, 3)
  const [first, second] = mocks
  if (first === undefined || second === undefined) throw new Error('three were started')
  t.equal((await read(first, 'DELETE')).status, 204)
  t.strictSame([(await read(first)).status, (await read(second)).status], [404, 200])
  await Promise.all(mocks.map((mock) => mock.close()))
  await t.rejects(read(second), 'closed')
})

t.test('options are checked as the flags are', async (t) => {
  const mistakes: [unknown, string][] = [
    [null, 'startMock: found null; allowed: an object of options, or nothing'],
    ['2025.2', 'startMock: found "2025.2"; allowed: an object of options, or nothing'],
    [{ relase: '2025.2' }, 'unknown option relase; did you mean release? See authentik-mock --help'],
    [{ generate: -1 }, 'generate: found "-1"; allowed: an integer from 0 to 1000000'],
    [{ baseUrl: 'x' }, 'baseUrl: found "x"; allowed: an http or https URL'],
    ...Object.entries({ watch: true, report: 'report.xml', failOn: 'error', logFormat: 'json' }).map(
      ([name, value]): [unknown, string] => [
        { [name]: value },
        `${name}: an option of the command line alone, not of startMock`,
      ],
    ),
  ]
  for (const [options, message] of mistakes)
    await t.rejects(startMock(options as MockOptions), new UsageError(message), message)
  await t.rejects(startMock({ fixtures: '/no/such/file.json' }), FixtureError)
  await t.rejects(startMock({ fixtures: [{}, { users: [{ pk: 0 }] }] }), {
    message: 'fixtures[1]: users[0].pk: found 0; allowed: an integer from 1 to 2147483647',
  })
})

t.test('what is no address, name, user, moment or test is said to be none', async (t) => {
  await using mock = await startMock({ logLevel: 'silent' })
  for (const [url, found] of [
    [undefined, 'nothing'],
    ['', '""'],
    ['localhost:9000', '"localhost:9000"'],
    ['http://', '"http://"'],
    [mock, '{"url":'],
  ] as [string, string][])
    await t.rejects(connectMock(url), { name: 'TypeError', message: `connectMock: found ${found}` }, found)
  for (const below of ['', '/', '/_mock', '/_mock/'])
    t.equal((await connectMock(mock.url + below)).url, mock.url, `as a browser has it: ${below}`)
  for (const name of [null, 7, '', 'a b', '../x'])
    t.throws(() => mock.world(name as string), { name: 'TypeError', message: /^world: found .*; allowed: 1 to 64/ })
  await t.rejects(mock.signIn(undefined as never), { message: /^signIn: found nothing; allowed: a primary key or/ })
  await t.rejects(mock.clock.set(undefined as never), {
    message: 'found {}; allowed: what to change of the clock: now, frozen',
  })
  for (const test of [undefined, null, mock, {}])
    t.throws(() => worldFor(test as never, mock), { name: 'TypeError', message: /^worldFor: found no test/ })
  t.strictSame(await mock.worlds(), [])
})

t.test('an address that cannot be served says why', async (t) => {
  await using other = await startMock({ logLevel: 'silent' })
  const { port } = new URL(other.url)
  await t.rejects(startMock({ port: Number(port) }), {
    name: 'ListenError',
    code: 'EADDRINUSE',
    message: `cannot serve ${other.url}: the port is in use; port 0 takes any free one`,
  })
})

t.test('undefined is as good as left out', async (t) => {
  await using mock = await startMock({
    release: undefined,
    report: undefined,
    fixtures: { refresh_tokens: [{ user: undefined }] },
  } as unknown as MockOptions)
  t.equal((await send(mock.url, { path: LIST, headers: { Authorization: `Bearer ${mock.token}` } })).status, 200)
})

t.test('closing is idempotent, in any order', async (t) => {
  type Step = (mock: Mock, world: Mock) => unknown
  const dispose = (mock: Mock) => mock[Symbol.asyncDispose]()
  const orders: [string, ...Step[]][] = [
    ['the world, then the mock', (_, world) => world.close(), (mock) => mock.close()],
    ['the mock, then the world', (mock) => mock.close(), (_, world) => world.close()],
    [
      'each twice',
      (mock) => mock.close(),
      (mock) => mock.close(),
      (_, world) => world.close(),
      (_, world) => world.close(),
    ],
    [
      'the world twice, then the mock',
      (_, world) => world.close(),
      (_, world) => world.close(),
      (mock) => mock.close(),
    ],
    ['both at once', (mock, world) => Promise.all([mock.close(), world.close(), mock.close(), world.close()])],
    ['disposed after it was closed', (mock) => mock.close(), (_, world) => dispose(world), dispose],
  ]
  for (const [name, ...steps] of orders)
    await t.test(name, async () => {
      const mock = await startMock()
      const world = mock.world()
      await world.info()
      for (const step of steps) await step(mock, world)
    })
})

t.test('a call after the end says what is closed', async (t) => {
  const mock = await startMock()
  const [closed, open] = [mock.world(), mock.world('open')]
  await closed.close()
  const calls: ((world: Mock) => unknown)[] = [
    (world) => world.info(),
    (world) => world.clock.advance('days=1'),
    (world) => world.waitForRequests(),
    (world) => world.refreshTokens.create(),
    async (world) => world.world(),
  ]
  for (const call of calls) await t.rejects(async () => call(closed), { message: 'this world is closed' })
  t.equal((await open.info()).world, 'open')

  const connected = await connectMock(mock.url)
  const theirs = connected.world('theirs')
  await theirs.info()
  await connected.close()
  await t.rejects(connected.info(), { message: 'this mock is closed' })
  t.strictSame((await mock.worlds()).map(({ name }) => name).sort(), ['open', 'theirs'], 'it goes on elsewhere')
  await theirs.close()
  t.strictSame((await mock.worlds()).map(({ name }) => name).sort(), ['open'], 'and its worlds still end')

  await mock.close()
  for (const call of calls)
    for (const world of [mock, open, closed])
      await t.rejects(async () => call(world), { message: 'this mock is closed' })
})

t.test('the client has the rows of every kind', async (t) => {
  await using mock = await startMock({ logLevel: 'silent' })
  const application = await mock.applications.create({ slug: 'wiki', name: 'Wiki' })
  t.match(await mock.applications.change('wiki', { name: 'The wiki' }), { pk: application.pk, name: 'The wiki' })
  const code = await mock.authorizationCodes.create({})
  t.type(code.pk, 'number')
  for (const section of Object.keys(KINDS)) {
    const name = section.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
    t.type((mock as unknown as Record<string, { create: unknown }>)[name]?.create, 'function', name)
  }
})
