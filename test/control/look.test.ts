import t from 'tap'
import { startMock } from '../../src/index.js'
import { send } from '../http.js'
import { ask, behaves, LIST } from './small-world.js'

behaves('a request tells what was sent and answered, without secrets', async (t, mock) => {
  const { origin, pathname } = new URL(mock.url)
  const prefix = pathname === '/' ? '' : pathname
  await ask(mock, `${LIST}2/?x=4`, {
    headers: { Cookie: 'authentik_session=hush', 'X-Note': 'plain', 'X-Api-Key': 'hush' },
  })
  await send(origin, {
    method: 'POST',
    path: `${prefix}/application/o/token/`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=refresh_token&refresh_token=hush&client_id=p',
  })
  await mock.faults.add({ connection: 'drop', times: 1 })
  await ask(mock, LIST).catch(() => {})
  await ask(mock, LIST, { method: 'HEAD' })
  const [first, second, dropped, head] = await Promise.all((await mock.requests()).map(({ id }) => mock.request(id)))
  t.match(first, {
    status: 200,
    head: /^GET (?:\/@w)?\/api\/v3\/oauth2\/refresh_tokens\/2\/\?x=4 HTTP\/1\.1\n/,
    answer: { head: /^HTTP\/1\.1 200 OK\n/, body: /^\{"pk":2,/, whole: true },
    findings: [
      { rule: 'unknown-parameter', severity: 'warning', says: String, found: 'x', hint: /authentik ignores it/ },
    ],
  })
  for (const line of ['Authorization: Bearer …', 'Cookie: …', 'X-Note: plain', 'X-Api-Key: …'])
    t.match(first?.head.split('\n'), new Set([line]), line)
  t.match(first?.answer?.head, /\nContent-Type: application\/json; charset=utf-8\n[\s\S]*\nX-authentik-Id: [\da-f]+\n/i)
  t.match(second, { body: /refresh_token=…/, answer: { head: /^HTTP\/1\.1 400 / } })
  t.match(dropped, { status: null, answer: null })
  t.match(head, { answer: { head: /^HTTP\/1\.1 200 OK\n/, body: '', whole: true } })
  t.notMatch(JSON.stringify([first, second]), new RegExp(`hush|${mock.token}`))
  for (const id of [99, -1, Number.NaN])
    await t.rejects(mock.request(id), { message: /^the journal has no request/ }, `request ${id}`)
})

behaves('no credential that was answered is told', async (t, mock) => {
  const { origin, pathname } = new URL(mock.url)
  const prefix = pathname === '/' ? '' : pathname
  const provider = await mock.providers.change(1, {
    application: { name: 'P', slug: 'p' },
    redirect_uris: [{ matching_mode: 'strict', url: 'http://app/cb' }],
  })
  const secrets: string[] = [String(provider.client_secret)]
  const { refresh_token: token = '' } = await mock.tokens.issue({ user: 'jane', provider: 'p' })
  const refreshed = await send(origin, {
    method: 'POST',
    path: `${prefix}/application/o/token/`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: String(
      new URLSearchParams({
        ...{ grant_type: 'refresh_token', refresh_token: token, client_id: 'p' },
        client_secret: String(provider.client_secret),
      }),
    ),
  })
  const { access_token: access, refresh_token: next } = JSON.parse(refreshed.body)
  secrets.push(token, access, next)
  await ask(mock, '/api/v3/providers/oauth2/1/')
  const { cookie } = (await mock.sessions.create({ user: 'jane' })) as unknown as { cookie: string }
  const query = 'response_type=code&client_id=p&redirect_uri=http%3A%2F%2Fapp%2Fcb&scope=openid&state=s'
  const headers = { Cookie: cookie.split(';')[0] ?? '' }
  const begun = await send(origin, { path: `${prefix}/application/o/authorize/?${query}`, headers })
  const code = /[?&]code=([^&]+)/.exec(String(begun.headers.location))?.[1]
  secrets.push(code ?? '')
  secrets.push(cookie.split(/[=;]/)[1] ?? '')
  const told = JSON.stringify(await Promise.all((await mock.requests()).map(({ id }) => mock.request(id))))
  t.match(told, /access_token[^,]*…/)
  for (const secret of secrets) {
    t.ok(secret.length > 10, secret)
    t.notOk(told.includes(secret), secret)
  }
})

t.test('what is long is cut', async (t) => {
  await using mock = await startMock({ generate: 250 })
  await ask(mock, `${LIST}?page_size=250`, {
    headers: Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`X-${i}`, 'x'.repeat(99)])),
  })
  await ask(mock, LIST, { headers: { 'X-Long': 'x'.repeat(90_000) } })
  const [first, second] = await Promise.all((await mock.requests()).map(({ id }) => mock.request(id)))
  t.match(first, { answer: { whole: false } })
  const { length = 0 } = first?.answer?.body ?? ''
  t.ok(length > 1000 && length <= 4096, `${length} characters`)
  for (const detail of [first, second]) t.ok((detail?.head.length ?? 0) < 4600)
})

behaves('a look is no page that authentik remembers', async (t, mock) => {
  const path = '/api/v3/core/applications/'
  for (const slug of ['one', 'two']) await mock.providers.create({ name: slug, application: { slug, name: slug } })
  const slugs = (text: string) => JSON.parse(text).results.map(({ slug }: { slug: string }) => slug)
  t.strictSame(slugs((await mock.look(`${path}?page_size=1`)).body), ['one'])
  t.strictSame(slugs((await ask(mock, path)).body), ['one', 'two'])
  t.strictSame(slugs((await mock.look(`${path}?page_size=1`)).body), ['one', 'two'], 'what somebody asked for is one')
})

behaves('one looks through the eyes of a caller, and leaves no trace', async (t, mock) => {
  await mock.faults.add({ preset: 'server-error' })
  for (const [path, as, status, wanted] of [
    [LIST, undefined, 200, [2, 1, 3]],
    [`${LIST}?user=10`, undefined, 200, [1]],
    [`${LIST}?ordering=-pk&page_size=2`, 'jane', 200, [3, 2]],
    [LIST, '', 403, /not provided/],
    [`${LIST}1/`, 'jane', 404, /No RefreshToken matches|Not found/],
    ['/api/v3/core/users/', 'jane', 403, /permission/],
  ] as const) {
    const seen = await mock.look(path, as)
    t.equal(seen.status, status, `${path} as ${as}`)
    if (wanted instanceof RegExp) t.match(seen.body, wanted)
    else
      t.strictSame(
        JSON.parse(seen.body).results.map(({ pk }: { pk: number }) => pk),
        wanted,
      )
  }
  t.equal((await mock.look(`${LIST}1/`, 'jane')).reason, 'row 1 belongs to user 10')
  await mock.clock.advance('hours=2')
  t.match(await mock.look(LIST, 'short'), { status: 403, reason: /^API token "short" expired at / })
  t.equal((await mock.info()).counts['tokens'], 3, 'nothing is deleted')
  t.strictSame(await mock.requests(), [], 'nothing is noted')
  t.match(await mock.faults.list(), [{ seen: 0 }])
  for (const path of [
    '/application/o/token/',
    '/api/v3/nope/',
    '/api/v3/flows/executor/x/',
    'x',
    '',
    '//api/v3/',
    '/@w/api/v3/',
  ])
    await t.rejects(mock.look(path), { status: 400, message: /below \/api\/v3\// }, path)
  await t.rejects(mock.look(LIST, 'nobody'), { status: 404, message: 'there is no API token nobody' })
})

t.test('an answer that is too large is refused', async (t) => {
  await using mock = await startMock({ generate: 20_000 })
  await t.rejects(mock.look(`${LIST}?page_size=20000`), { status: 422, message: /smaller page_size/ })
  t.equal((await mock.look(`${LIST}?page_size=1500`)).status, 200)
})

behaves('each caller, and what it sees', async (t, mock) => {
  await mock.clock.advance('hours=2')
  await mock.users.change('jane', { permissions: ['view_user'] })
  const callers = await mock.callers()
  t.match(
    callers.find(({ name }) => name === '--token'),
    { superuser: true, refused: null, sees: { refresh_tokens: 3 } },
  )
  t.match(
    callers.find(({ name }) => name === 'jane'),
    {
      user: { pk: 11, username: 'jane', name: 'Jane' },
      superuser: false,
      permissions: ['view_user'],
      intent: 'api',
      refused: null,
      sees: { refresh_tokens: 2, users: 3, groups: null },
    },
  )
  t.match(
    callers.find(({ name }) => name === 'short'),
    { refused: /expired at/, sees: { refresh_tokens: null } },
  )
})

behaves('the lists of the API, presets and releases', async (t, mock) => {
  const lists = await mock.resources()
  t.match(
    lists.find(({ section }) => section === 'refresh_tokens'),
    {
      path: LIST,
      filters: ['provider', 'search', 'user'],
      ordering: ['pk', 'provider', 'user', 'expires', 'revoked'],
      lookup: 'pk',
    },
  )
  for (const { path, ordering } of lists)
    t.equal((await mock.look(`${path}?ordering=-${ordering[0] ?? 'pk'}`)).status, 200, path)

  const presets = await mock.presets()
  for (const { name, answer, path } of presets) {
    if (answer === null || path !== null) continue
    const { id } = await mock.faults.add({ preset: name })
    const { status, body } = await ask(mock, LIST, { headers: { Accept: '*/*' } })
    t.strictSame([status, body], [answer.status, answer.body], name)
    await mock.faults.remove(id)
  }
  t.match(
    presets.find(({ name }) => name === 'lost-rotation'),
    { after: true, connection: 'drop', grant: 'refresh_token', answer: null },
  )

  const releases = await mock.releases()
  t.match(releases.at(-1), { evidence: 'derived' })
  t.match(await mock.changesTo('2025.8'), {
    from: '2025.2.4',
    to: /^2025\.8\./,
    changes: [{ what: 'body', text: /^\+ provider/ }],
  })
  t.strictSame((await mock.changesTo('2025.2.4')).changes, [])
  await t.rejects(mock.changesTo('2025.33'), { status: 400, message: /^to: found "2025.33"; allowed: latest/ })
})
