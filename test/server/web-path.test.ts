import t from 'tap'
import { startMock } from '../../src/index.js'
import { send } from '../http.js'

/** Everything of authentik below a path, as AUTHENTIK_WEB__PATH asks for it. */

const ADA = { Authorization: 'Bearer superuser-key' }
const LIST = 'api/v3/oauth2/refresh_tokens/'
const DISCOVERY = 'application/o/grafana/.well-known/openid-configuration'
const SETUP_URLS = 'api/v3/providers/oauth2/1/setup_urls/'

t.test('below a path all of authentik, elsewhere nothing of it', async (t) => {
  await using mock = await startMock({ webPath: '/auth/v1.2/' })
  const root = new URL(mock.url).origin
  t.equal(mock.url, `${root}/auth/v1.2`)
  const ask = (path: string, method = 'GET', headers: Record<string, string> = ADA) =>
    send(root, { path, method, headers })

  const inside: [string, number][] = [
    [`/auth/v1.2/${LIST}`, 200],
    [`/auth/v1.2/${LIST}?user=12`, 200],
    [`/%61uth%2Fv1%2e2/${LIST}`, 200],
    [`http://example.com/auth/v1.2/${LIST}`, 200],
    ['/auth/v1.2/-/health/ready/', 200],
    ['/auth/v1.2/-/health/live/', 200],
    [`/auth/v1.2/${DISCOVERY}`, 200],
    [`/@a/auth/v1.2/${LIST}`, 200],
    [`/auth/v1.2/@a/${LIST}`, 200],
    ['/_mock/', 200],
    ['/auth/v1.2/_mock/', 200],
    ['/@a/_mock/', 200],
    ['/auth/v1.2/@a/_mock/', 200],
  ]
  for (const [path, status] of inside) t.equal((await ask(path)).status, status, path)

  const outside = [
    `/${LIST}`,
    '/auth',
    '/auth/',
    '/auth/v1.2',
    '/auth/v1x2/-/health/live/',
    '/-/health/live/',
    '/-/health/ready/',
    '/AUTH/v1.2/',
    `/@a/${LIST}`,
    `/auth/v1.2/@a/auth/v1.2/${LIST}`.replace('/auth/v1.2/@a', '/@a/@b'),
  ]
  for (const path of outside) {
    for (const method of ['GET', 'HEAD', 'POST', 'PROPFIND', 'FOO']) {
      const { status, headers, body } = await ask(path, method)
      t.match(
        { status, headers, body: body.toString() },
        {
          status: 404,
          headers: {
            'content-type': 'text/plain; charset=utf-8',
            'x-content-type-options': 'nosniff',
            'content-length': '19',
          },
          body: method === 'HEAD' ? '' : '404 page not found\n',
        },
        `${method} ${path}`,
      )
      t.strictSame(
        [headers['vary'], headers['x-authentik-id'], headers['x-powered-by']],
        [undefined, undefined, undefined],
      )
    }
  }

  for (const [path, location] of [
    ['/', '/auth/v1.2/'],
    ['/auth/v1.2/', '/auth/v1.2/flows/-/default/authentication/?next=/auth/v1.2/'],
    ['/auth/v1.2/application/o/x/', '/auth/v1.2/application/o/x/.well-known/openid-configuration'],
  ] as const) {
    const { status, headers } = await ask(path)
    t.strictSame([status, headers['location']], [302, location], path)
  }
  for (const [path, cookiePath] of [
    ['/_mock/sessions', '/auth/v1.2/'],
    ['/@a/_mock/sessions', '/@a/auth/v1.2/'],
  ] as const) {
    const { body } = await send(root, {
      ...{ path, method: 'POST', headers: { 'Content-Type': 'application/json' } },
      body: JSON.stringify({ user: 'ada.lindqvist' }),
    })
    t.match(JSON.parse(body.toString()), { cookie: `; Path=${cookiePath}; ` }, 'the cookie is sent where authentik is')
  }
  const { headers, body } = await ask('/')
  t.match(headers, { 'content-type': 'text/html; charset=utf-8', vary: 'Accept-Encoding', 'x-authentik-id': undefined })
  t.equal(body.toString(), '<a href="/auth/v1.2/">Found</a>.\n\n')
  t.match((await ask('/', 'POST')).headers, {
    location: '/auth/v1.2/',
    'content-type': undefined,
    'content-length': '0',
  })

  for (const [path, location] of [
    [`/auth//v1.2/${LIST}?a=//`, `/auth/v1.2/${LIST}?a=//`],
    [`/auth/v1.2//${LIST}`, `/auth/v1.2/${LIST}`],
    ['/auth/v1.2/../x', '/auth/x'],
    [`//auth/v1.2/${LIST}`, `/auth/v1.2/${LIST}`],
    ['/x/./y', '/x/y'],
  ] as const) {
    const { status, headers } = await ask(path)
    t.strictSame([status, headers['location']], [301, location], path)
  }
})

t.test('outside of the path no stub answers and no fault strikes, and the journal says why', async (t) => {
  await using mock = await startMock({ webPath: '/auth/' })
  const root = new URL(mock.url).origin
  await mock.stubs.add({ path: '/m', text: 'mine' })
  await mock.faults.add({ path: '/api/**', status: 503, times: 1 })
  const ask = async (path: string) => (await send(root, { path, headers: ADA })).status
  t.strictSame([await ask('/m'), await ask(`/${LIST}`)], [404, 404])
  t.match(await mock.requests(), [
    { status: 404, reason: 'authentik is served below /auth/, and this path is outside of it' },
    { status: 404, reason: 'authentik is served below /auth/, and this path is outside of it' },
  ])
  t.strictSame([await ask('/auth/m'), await ask(`/auth/${LIST}`)], [200, 503], 'the fault was still there')
})

t.test('documents, tokens and cookies name the path', async (t) => {
  await using mock = await startMock({ webPath: '/auth/' })
  const root = new URL(mock.url).origin
  const document = JSON.parse(
    (await send(mock.url.replace('/auth', ''), { path: `/auth/${DISCOVERY}` })).body.toString(),
  )
  t.equal(document.issuer, `${root}/auth/application/o/grafana/`)
  t.equal(document.token_endpoint, `${root}/auth/application/o/token/`)
  t.equal(document.jwks_uri, `${root}/auth/application/o/grafana/jwks/`)

  const row = await send(root, { path: `/auth/${LIST}1/`, headers: { ...ADA, Cookie: 'authentik_session=x' } })
  t.equal(
    row.headers['set-cookie'],
    'authentik_session=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/auth/; SameSite=Lax',
  )
  t.match(JSON.parse(JSON.parse(row.body.toString()).id_token), {
    iss: /^http:\/\/localhost:9000\/auth\/application\/o\//,
  })

  const world = mock.world('w')
  t.equal(world.url, `${root}/auth/@w`)
  t.equal((await send(root, { path: `/auth/@w/${LIST}1/`, headers: ADA })).status, 200)
  t.match(await world.requests(), [{ path: `/${LIST}1/`, route: /./ }], 'faults and the journal know paths without it')
})

t.test('behind a proxy that says it was asked by https', async (t) => {
  await using mock = await startMock()
  for (const [forwarded, scheme] of [
    ['https', 'https'],
    ['https, http', 'https'],
    [' https ,http', 'https'],
    ['http, https', 'http'],
    ['HTTPS', 'http'],
    ['wss', 'http'],
  ] as const) {
    const headers = { 'X-Forwarded-Proto': forwarded, Host: 'sso.example.com', Cookie: 'authentik_session=x' }
    const { body } = await send(mock.url, { path: `/${DISCOVERY}`, headers })
    t.equal(JSON.parse(body.toString()).issuer, `${scheme}://sso.example.com/application/o/grafana/`, forwarded)
    const cookie = (await send(mock.url, { path: `/${LIST}`, headers })).headers['set-cookie']
    t.match(String(cookie), scheme === 'https' ? /Path=\/; SameSite=None; Secure$/ : /Path=\/; SameSite=Lax$/)

    const own = { 'X-Forwarded-Proto': forwarded, Host: 'authentik' }
    const issuer = `${scheme}://authentik/application/o/grafana/`
    const wanted = JSON.stringify({ provider: 'grafana', user: 'jane.doe' })
    const path = '/_mock/tokens/issue'
    const control = { ...own, 'Content-Type': 'application/json' }
    const issued = await send(mock.url, { method: 'POST', path, headers: control, body: wanted })
    const { id_token } = JSON.parse(issued.body.toString())
    const claims = JSON.parse(Buffer.from(id_token.split('.')[1], 'base64url').toString())
    t.equal(claims.iss, issuer, `a token of the control API: ${forwarded}`)
    const looked = await send(mock.url, { path: `/_mock/look?path=/${SETUP_URLS}`, headers: own })
    const shown = JSON.parse(looked.body.toString())
    t.equal(JSON.parse(shown.body).issuer, issuer, `a look at the API: ${forwarded}`)
  }
})

t.test('a web path is one with a slash at both ends', async (t) => {
  for (const webPath of [
    'auth',
    '/auth',
    'auth/',
    '//',
    '/a//b/',
    '/../',
    '/a/./',
    '/@a/',
    '/_mock/',
    '/a b/',
    'http://a/',
    '',
  ])
    await t.rejects(startMock({ webPath }), {
      name: 'UsageError',
      message: `webPath: found ${JSON.stringify(webPath)}; allowed: a path such as /auth/, with a slash at both ends`,
    })
})
