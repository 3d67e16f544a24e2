import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { RULES } from '../../src/control/findings/rules.js'
import { junitText } from '../../src/format/junit.js'
import { markdownTable } from '../../src/format/markdown.js'
import { type FaultSeed, startMock } from '../../src/index.js'
import { send } from '../http.js'
import { PROGRAM, run, runHere, serve } from '../process.js'

const LIST = '/api/v3/oauth2/refresh_tokens/'
const as = (key: string) => ({ Authorization: `Bearer ${key}` })

t.test('each request is held against the contract, and answered as ever', async (t) => {
  await using mock = await startMock()
  const cases: [request: string, found: string[], status: number, release?: string][] = [
    [`GET ${LIST}`, [], 200],
    [`HEAD ${LIST}`, [], 200],
    [`OPTIONS ${LIST}`, [], 200],
    [`GET ${LIST}?user=12&provider=1&ordering=-expires,pk&page=1&page_size=5&search=x`, [], 200],
    [`GET ${LIST}?include_groups=false`, [], 200],
    [`GET ${LIST}1/`, [], 200],
    [`GET ${LIST}424242/`, [], 404],
    [`GET ${LIST}1/used_by/`, [], 200],
    ['GET /-/health/live/', [], 200],
    ['GET /api/v3/', [], 200],
    ['GET /api/v3/schema/', [], 200],
    [`GET ${LIST}?limit=5`, ['unknown-parameter limit'], 200],
    [`GET ${LIST}?user__username=x`, ['unknown-parameter user__username'], 200],
    [`GET ${LIST}?constructor=x`, ['unknown-parameter constructor'], 200],
    [`GET ${LIST}?__proto__=x`, ['unknown-parameter __proto__'], 200],
    [`GET ${LIST}?toString=x`, ['unknown-parameter toString'], 200],
    [`GET ${LIST}1/?user=12`, ['unknown-parameter user'], 404],
    [`GET ${LIST}?include_roles=false`, ['unknown-parameter include_roles'], 200],
    [`GET ${LIST}?include_roles=false`, [], 200, '2025.12'],
    [`GET ${LIST}?user=12&user=13`, ['repeated-parameter user'], 200],
    [`GET ${LIST}?page=last`, ['forbidden-value page=last'], 200],
    [`GET ${LIST}?page_size=abc`, ['forbidden-value page_size=abc'], 200],
    [`GET ${LIST}?page_size=0`, ['forbidden-value page_size=0'], 200],
    [`GET ${LIST}?user=`, ['forbidden-value user='], 200],
    [`GET ${LIST}?user=012`, ['forbidden-value user=012'], 200],
    [`GET ${LIST}?user=abc`, [], 400],
    [`GET ${LIST}?page=0`, [], 404],
    [`GET ${LIST}?page_size=101`, ['large-page page_size=101'], 200],
    [`GET ${LIST}?page_size=100`, [], 200],
    [`GET ${LIST}?ordering=created,-pk,id`, ['unknown-ordering ordering=created', 'unknown-ordering ordering=id'], 200],
    [`GET ${LIST}?id=1`, ['id-for-pk ?id='], 200],
    [`GET ${LIST}undefined/`, ['id-for-pk undefined'], 404],
    [`GET ${LIST}007/`, ['forbidden-value 007'], 200],
    [`GET ${LIST}%D9%A1/`, ['forbidden-value ١'], 200],
    [`GET ${LIST}1`, [`missing-slash ${LIST}1`], 404],
    ['GET /api/v3/oauth2/refresh_tokens', ['missing-slash /api/v3/oauth2/refresh_tokens'], 404],
    ['POST /application/o/token', ['missing-slash /application/o/token'], 405],
    ['GET /application/o/grafana/jwks', ['missing-slash /application/o/grafana/jwks'], 404],
    ['GET /application/o/token/%3F', [], 404],
    ['GET /api/v3/events/events/', ['unserved-path /api/v3/events/events/'], 404],
    [`DELETE ${LIST}`, ['delete-collection DELETE list'], 405],
    [`POST ${LIST}`, ['no-such-operation POST list'], 405],
    [`PATCH ${LIST}1/`, ['no-such-operation PATCH detail'], 405],
    [`DELETE ${LIST}1/used_by/`, ['no-such-operation DELETE used_by'], 405],
    ['GET /api/v3/core/users/?username=jane.doe&type=internal&type=external&ordering=-last_login', [], 200],
    ['GET /api/v3/core/users/?ordering=expires', ['unknown-ordering ordering=expires'], 200],
    ['GET /api/v3/core/users/jane/', ['id-for-pk jane'], 404],
    [
      'GET /api/v3/core/user_consent/c0115e11-0000-4000-8000-000000000000/',
      ['id-for-pk c0115e11-0000-4000-8000-000000000000'],
      404,
    ],
    ['GET /api/v3/core/user_consent/99/', [], 404],
    ['PUT /api/v3/core/users/12/', ['unserved-path PUT /api/v3/core/users/12/'], 501],
    ['POST /api/v3/core/users/12/', ['no-such-operation POST user_detail'], 405],
    [`GET ${LIST}?token=hush`, ['token-in-query token'], 200],
    [`GET ${LIST}?x=superuser-key`, ['token-in-query x'], 200],
  ]
  for (const [request, found, status, release = '2025.2'] of cases) {
    await mock.serveAs(release)
    await mock.clearRequests()
    await mock.clearReport()
    const [method = '', path = ''] = request.split(' ')
    const answer = await send(mock.url, { method, path, headers: as('superuser-key') })
    t.equal(answer.status, status, request)
    const [entry] = await mock.requests()
    t.strictSame(entry?.findings.map(({ rule, found }) => `${rule} ${found}`).sort(), found.toSorted(), request)
    const { findings } = await mock.report()
    t.strictSame(findings.map(({ rule, found }) => `${rule} ${found}`).sort(), found.toSorted(), `${request}: report`)
  }
})

t.test('what the mock did itself is not the fault of the client', async (t) => {
  const none: FaultSeed = {}
  const cases: [name: string, fault: FaultSeed, request: string, wanted: object, rules: string[]][] = [
    ['a preset', { preset: 'starting' }, `GET ${LIST}`, { route: 'list', as: 'superuser', fault: '1' }, []],
    ['a status', { status: 503 }, `GET ${LIST}1/`, { route: 'detail', as: 'superuser', status: 503 }, []],
    ['no answer', { connection: 'drop' }, `DELETE ${LIST}1/`, { route: 'detail', as: 'superuser', status: null }, []],
    ['half of one', { connection: 'cut' }, `GET ${LIST}`, { route: 'list', as: 'superuser' }, []],
    ['a header', none, `GET ${LIST} status=502`, { route: 'list', as: 'superuser', fault: 'request' }, []],
    ['after the work', { after: true, status: 500 }, `GET ${LIST}`, { route: 'list', as: 'superuser' }, []],
    ['an OAuth2 endpoint', { status: 500 }, 'GET /application/o/userinfo/', { route: 'userinfo', as: null }, []],
    ['a wanted path', { status: 200 }, 'GET /api/v3/outposts/instances/', { as: 'superuser', unserved: false }, []],
    ['a delay', { delay: 1 }, 'GET /api/v3/outposts/instances/', { route: null, unserved: true }, ['unserved-path']],
    ['its own mistake', { status: 503 }, `GET ${LIST}1`, { route: null }, ['missing-slash']],
    ['a value', { status: 200 }, `GET ${LIST}?page=last`, { route: 'list' }, []],
    ['an id', { status: 200 }, `GET ${LIST}abc/`, { route: 'detail' }, ['id-for-pk']],
    ['another id', { status: 404 }, `GET ${LIST}007/`, { route: 'detail' }, ['forbidden-value']],
    ['a parameter', { status: 503 }, `GET ${LIST}?limit=1`, { route: 'list' }, ['unknown-parameter']],
    ['an unclean path', none, 'GET /api/v3//core/users/', { status: 301, unserved: false }, []],
  ]
  for (const [name, fault, request, wanted, rules] of cases) {
    await using mock = await startMock({ logLevel: 'silent' })
    if (fault !== none) await mock.faults.add(fault)
    const [method = '', path = '', prefer] = request.split(' ')
    const headers = { ...as('superuser-key'), ...(prefer && { 'X-Mock-Prefer': prefer }) }
    await send(mock.url, { method, path, headers: headers as Record<string, string> }).catch(() => {})
    const [entry] = await mock.requests()
    t.match(entry, wanted, name)
    const { findings, operations } = await mock.report()
    t.strictSame(
      findings.map(({ rule }) => rule),
      rules,
      name,
    )
    const isCalled = operations.some(({ statuses }) => Object.keys(statuses).length > 0)
    t.equal(isCalled, ['list', 'detail'].includes(entry?.route ?? ''), `${name}: an operation was called`)
  }
})

t.test('who would have been refused is not the caller of a fault, and nothing comes of it', async (t) => {
  await using mock = await startMock()
  await mock.faults.add({ status: 503 })
  for (const key of ['expired-key', 'inactive-key', 'app-password-key', 'nobody', 'user-key'])
    await send(mock.url, { path: LIST, headers: as(key) })
  t.strictSame(
    (await mock.requests()).map((entry) => entry.as),
    [null, null, null, null, 'user'],
  )
  t.equal((await mock.tokens.get('expired')).name, 'expired', 'the expired token is still there')
})

t.test('a client that asks again after a fault, or gives up, is not to blame', async (t) => {
  const cases: [name: string, fault: FaultSeed, paths: string[], rules: string[]][] = [
    ['retries', { status: 503 }, Array(8).fill(''), []],
    ['retries of half an answer', { connection: 'cut' }, Array(8).fill(''), []],
    ['too slow', { delay: 1 }, Array(8).fill('1/'), []],
    ['once, then polling', { status: 503, times: 1 }, Array(6).fill('1/'), ['repeated-request']],
    ['the second page fails', { status: 503, skip: 1 }, ['?page_size=5', '?page_size=5&page=2'], []],
    ['the first page fails', { after: true, status: 503 }, ['?page_size=5'], []],
    ['the first page again', { status: 503, skip: 1 }, ['?page_size=5', '?page_size=5'], ['unread-pages']],
  ]
  for (const [name, fault, paths, rules] of cases) {
    await using mock = await startMock()
    await mock.faults.add(fault)
    for (const path of paths) await send(mock.url, { path: LIST + path, headers: as('superuser-key') }).catch(() => {})
    t.strictSame(
      (await mock.report()).findings.map(({ rule }) => rule),
      rules,
      name,
    )
  }
})

t.test('an answer for a path that is not served says so, where authentik would answer otherwise', async (t) => {
  await using mock = await startMock({ logLevel: 'silent' })
  const cases: [path: string, isMarked: boolean, isUnserved?: boolean][] = [
    ['/api/v3/outposts/instances/', true],
    ['/api/v3/outposts/instances/12/', true],
    ['/api/v3/policies/all/?page=1', true],
    ['/api/v3/crypto/certificatekeypairs/', true],
    ['/media/logo.png', true],
    ['/application/saml/grafana/', true],
    ['/api/v3/nope/', false],
    ['/api/v3/core/', false],
    ['/api/v3/core/nope/', false],
    ['/api/v3/outposts/instances', false],
    ['/api/v3/constructor/name/', false],
    ['/api/v3/oauth2/', false],
    ['/api/v3', false],
    ['/API/V3/OUTPOSTS/INSTANCES/', false],
    [`${LIST}1`, false],
    [`${LIST}1/`, false, false],
    ['/-/health/live/', false, false],
  ]
  for (const method of ['GET', 'DELETE', 'OPTIONS'])
    for (const [path, isMarked, isUnserved = true] of cases) {
      await mock.clearRequests()
      const { headers } = await send(mock.url, { method, path, headers: as('superuser-key') })
      t.equal(headers['x-mock-unserved'], isMarked ? 'true' : undefined, `${method} ${path}`)
      t.equal((await mock.requests())[0]?.unserved, isUnserved, `${method} ${path}: journal`)
    }
})

t.test('a mock of the library says once on standard error what it does not serve', async (t) => {
  const program = (logLevel: string) => `
    const { startMock } = await import(${JSON.stringify(pathToFileURL(join(PROGRAM, '..', 'index.js')))})
    const mock = await startMock({${logLevel}})
    for (const path of ['users/', 'users/', 'groups/']) await fetch(mock.url + '/api/v3/outposts/' + path + '?token=hush')
    await mock.close()`
  const says = (path: string) =>
    `authentik-mock: /api/v3/outposts/${path} is not served by this mock: answered as authentik answers an unknown path\n`
  const cases: [options: string, stdout: RegExp, stderr: string][] = [
    ['', /^$/, says('users/') + says('groups/')],
    ['logLevel: undefined', /^$/, says('users/') + says('groups/')],
    ["logLevel: 'silent'", /^$/, ''],
    ["logLevel: 'warn'", /"msg":"\/api\/v3\/outposts\/users\/ is not served.*\n.*groups.*\n$/, ''],
  ]
  for (const [options, stdout, stderr] of cases)
    t.match(
      await run(['--input-type=module', '-e', program(options)], {}, '').ended,
      { code: 0, stdout, stderr },
      `{${options}}`,
    )
})

t.test('what shows only over several requests', async (t) => {
  const cases: [name: string, paths: string[], rules: string[]][] = [
    ['only the first page', ['?page_size=5'], ['unread-pages']],
    ['the first page, asked for by number', ['?page_size=5&page=1'], ['unread-pages']],
    ['all pages', ['?page_size=5', '?page_size=5&page=2', '?page_size=5&page=3'], []],
    ['all pages, written the other way round', ['?page=1&page_size=5', '?page=2&page_size=5'], []],
    ['the second page of another list', ['?page_size=5&user=12', '?page_size=5&page=2'], []],
    ['one page that is all', ['?page_size=50'], []],
    ['the same five times', Array(5).fill('?page_size=50'), ['repeated-request']],
    ['the same four times', Array(4).fill('?page_size=50'), []],
    ['others between', [...Array(3).fill(''), '1/', ...Array(3).fill('')], []],
  ]
  for (const [name, paths, rules] of cases) {
    await using mock = await startMock()
    for (const path of paths) await send(mock.url, { path: LIST + path, headers: as('superuser-key') })
    const { findings } = await mock.report()
    t.strictSame(
      findings.map(({ rule }) => rule),
      rules,
      name,
    )
  }
})

t.test('polling for a change is no fault once there is one', async (t) => {
  await using mock = await startMock()
  for (let i = 0; i < 8; i++) {
    await send(mock.url, { path: `${LIST}1/`, headers: as('superuser-key') })
    if (i === 3) await mock.refreshTokens.change(1, { revoked: true })
  }
  t.strictSame((await mock.report()).findings, [])
})

t.test('a report spans the worlds, and outlives resets', async (t) => {
  await using mock = await startMock()
  const world = mock.world('one')
  await send(world.url, { method: 'DELETE', path: `/@one${LIST}`, headers: as('superuser-key') })
  await send(mock.url, { path: `${LIST}1/`, headers: as('superuser-key') })
  await send(mock.url, { path: `${LIST}1/` })
  await world.reset()
  await world.close()
  await mock.reset()
  const report = await mock.report()
  t.match(report, { requests: 3, worst: 'error', dropped: 0 })
  t.strictSame(Object.fromEntries(report.operations.map(({ operation, statuses }) => [operation, statuses])), {
    oauth2_refresh_tokens_list: {},
    oauth2_refresh_tokens_retrieve: { 200: 1, 404: 1 },
    oauth2_refresh_tokens_destroy: {},
    oauth2_refresh_tokens_used_by_list: {},
  })
  t.match(report.findings, [
    { rule: 'delete-collection', severity: 'error', count: 1, request: `DELETE /@one${LIST}`, hint: /one by one/ },
  ])
  await mock.clearReport()
  t.match(await mock.report(), { requests: 0, findings: [], worst: null })
})

t.test('no secret enters a report, and it stays small', async (t) => {
  await using mock = await startMock()
  await send(mock.url, { path: `${LIST}?x=superuser-key&page_size=500`, headers: as('superuser-key') })
  for (let i = 0; i < 1100; i++)
    await send(mock.url, { path: `${LIST}?p${i}=${'x'.repeat(100)}`, headers: as('superuser-key') })
  const report = await mock.report()
  t.notMatch(JSON.stringify(report), /superuser-key/)
  t.equal(report.findings.length, 1000)
  t.equal(report.dropped, 102)
})

t.test('the forms of a report', async (t) => {
  await using mock = await startMock()
  await send(mock.url, { path: `${LIST}?a|b%22=%3C1%3E`, headers: as('superuser-key') })
  const get = (query: string) => send(mock.url, { path: `/_mock/report${query}` })
  const [json, junit, markdown, wrong] = await Promise.all(
    ['', '?format=junit', '?format=markdown', '?format=pdf'].map(get),
  )
  t.equal(JSON.parse(json?.body ?? '').findings[0].found, 'a|b"')
  t.match(junit?.headers, { 'content-type': 'application/xml' })
  t.match(
    junit?.body,
    `<testsuites name="authentik-mock: the client" tests="${4 + Object.keys(RULES).length}" failures="1" errors="0" skipped="3">`,
  )
  t.match(junit?.body, 'warning: a|b&quot; in GET /api/v3/oauth2/refresh_tokens/?a|b%22=%3C1%3E, 1 time: ')
  t.match(markdown?.headers, { 'content-type': 'text/markdown; charset=utf-8' })
  t.match(markdown?.body, 'a query parameter that this release does not document: `a\\|b"`')
  t.match(wrong, { status: 400, body: /format: found \\"pdf\\"; allowed: json, junit, markdown/ })
})

t.test('what XML and Markdown do not take', async (t) => {
  const text = junitText('a & b', [
    { name: '<s>', cases: [{ name: 'x\u0001\ud800"', failure: ['one line', '\u001b[31m<&>'] }] },
  ])
  t.match(text, '<testsuites name="a &amp; b" tests="1" failures="1" errors="0" skipped="0">')
  t.match(text, 'name="x\ufffd\ufffd&quot;"')
  t.match(text, '<failure message="one line">one line&#10;\ufffd[31m&lt;&amp;&gt;</failure>')
  t.equal(markdownTable(['a|b'], [['1\n2']]), '| a\\|b |\n| --- |\n| 1 2 |')
})

const ONE_WARNING =
  /^authentik-mock: --fail-on warning: found 1 finding: a page_size above .*: page_size=500 in GET \/api\/.*\n$/
const ONE_ERROR = /^authentik-mock: --fail-on error: found 1 finding: a path without the slash at its end: \/api\/.*\n$/

t.test('authentik-mock serve --report --fail-on', async (t) => {
  const folder = t.testdir({})
  const bad = `${LIST}?page_size=500`
  const worse = `${LIST}1`
  const cases: [file: string, failOn: string[], path: string, code: number, text: RegExp, stderr?: RegExp][] = [
    ['a.json', [], worse, 0, /"rule": "missing-slash"/],
    ['b.xml', ['--fail-on', 'error'], bad, 0, /large-page/],
    ['c.md', ['--fail-on', 'warning'], bad, 4, /^# What the client did\n\n1 request, 1 finding\./, ONE_WARNING],
    ['d.json', ['--fail-on', 'error'], worse, 4, /"worst": "error"/, ONE_ERROR],
    ['e.json', ['--fail-on', 'warning'], LIST, 0, /"findings": \[\]/],
    ['f.json', ['--fail-on', 'warning'], `${LIST} status=503`, 0, /"findings": \[\]/],
  ]
  for (const [name, failOn, path, code, text, stderr = /^$/] of cases) {
    const file = join(folder, name)
    await using server = await serve(['--report', file, '--log-level', 'silent', ...failOn])
    const [target = '', prefer] = path.split(' ')
    const headers = { ...as('superuser-key'), ...(prefer && { 'X-Mock-Prefer': prefer }) }
    await send(server.url, { path: target, headers: headers as Record<string, string> })
    server.process.kill('SIGTERM')
    t.match(await server.ended, { code, stderr }, name)
    t.match(readFileSync(file, 'utf8'), text, name)
  }
  mkdirSync(join(folder, 'sub.json'))
  const mistakes: [args: string[], stderr: RegExp][] = [
    [
      ['--report', join(folder, 'r.txt')],
      /--report: found ".*r\.txt"; allowed: a name that ends in \.json, \.xml or \.md\n$/,
    ],
    [
      ['--report', join(folder, 'no', 'r.json')],
      /--report: found .*; allowed: a file in a folder that can be written to\n$/,
    ],
    [['--report', join(folder, 'sub.json')], /--report: found a folder/],
    [['--fail-on', 'info'], /--fail-on: found "?info"?; allowed: warning, error\n$/],
  ]
  for (const [args, stderr] of mistakes)
    t.match(await runHere(['--port', '0', ...args]), { code: 2, stdout: '', stderr }, args.join(' '))
})
