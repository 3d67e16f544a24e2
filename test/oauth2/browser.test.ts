import t from 'tap'
import { type Fixtures, startMock } from '../../src/index.js'

/** The browser's side: sign-in, consent and sign-out through pages, and what other sites cannot do. */

const REDIRECT = 'https://app.example.com/cb'
const ASK = `/application/o/authorize/?client_id=app&redirect_uri=${encodeURIComponent(REDIRECT)}&response_type=code`
const FIXTURES = {
  users: [
    { username: 'jane', name: '<b>Jane</b>' },
    { username: 'left', is_active: false },
  ],
  flows: [{ pk: '0a75746e-7465-4374-8000-0000000000f1', slug: 'asks', consent: 'explicit' as const }],
  providers: [
    {
      ...{ pk: 1, name: 'app', client_id: 'app', client_secret: 's', application: { slug: 'app', name: '"App"' } },
      authorization_flow: '0a75746e-7465-4374-8000-0000000000f1',
      redirect_uris: [{ matching_mode: 'strict' as const, url: REDIRECT }],
      scopes: ['openid', 'email'],
    },
  ],
}

/** A browser that keeps cookies and follows nothing by itself. */
function browserAt(url: string) {
  const cookies = new Map<string, string>()
  return async (path: string, form?: Record<string, string>, headers: Record<string, string> = {}) => {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
    const answer = await fetch(url + path, {
      redirect: 'manual',
      headers: { cookie, ...headers },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const text = await answer.text()
    const token = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(text)?.[1] ?? ''
    return {
      status: answer.status,
      location: answer.headers.get('location') ?? '',
      headers: answer.headers,
      text,
      token,
    }
  }
}

t.test('somebody signs in, agrees once, and signs out', async (t) => {
  await using mock = await startMock({ fixtures: FIXTURES })
  const visit = browserAt(mock.url)
  const begun = await visit(`${ASK}&state=s`)
  const page = await visit((await visit(begun.location)).location)
  t.match(page.text, '&lt;b&gt;Jane&lt;/b&gt;', 'foreign text is escaped')
  t.match(page.headers.get('content-security-policy'), "frame-ancestors 'none'")
  const flow = '/if/flow/default-authentication-flow/'
  const refused = await visit(`${flow}?next=/x`, { user: 'left', csrfmiddlewaretoken: page.token })
  t.match(refused, { status: 200, text: /role="alert">Invalid password/ })
  t.equal((await visit(flow, { user: 'jane' })).status, 403, 'no token, no sign-in')
  const form = { user: 'jane', csrfmiddlewaretoken: page.token }
  t.equal((await visit(flow, form, { origin: 'https://evil.example' })).status, 403, 'another site does not sign in')
  t.equal((await visit(`${flow}?next=//evil.example/`, form)).location, '/if/user/', 'no way to another site')
  const asked = await visit(`${ASK}&state=s`)
  t.match(asked.location, /^\/if\/flow\/asks\/\?client_id=app/)
  const question = await visit(asked.location)
  t.match(question.text, 'Sign in to &quot;App&quot;?')
  const agreed = await visit(asked.location, { csrfmiddlewaretoken: question.token })
  t.match(agreed.location, /^https:\/\/app\.example\.com\/cb\?code=[0-9a-f]{32}&state=s$/)
  t.match((await visit((await visit(ASK)).location)).location, /code=/, 'the consent is stored')
  const out = '/if/flow/default-invalidation-flow/'
  await visit(out, { csrfmiddlewaretoken: (await visit(out)).token })
  t.match((await visit(ASK)).location, /^\/flows\/-\/default\/authentication\//)
})

t.test('login_hint fills in the user, from the release on that reads it', async (t) => {
  for (const { release, hint, users } of [
    { release: '2025.12', hint: 'left', users: ['jane', 'left'] },
    { release: '2026.2', hint: 'left', users: ['left'] },
    { release: '2026.2', hint: '"><script>', users: [] },
  ]) {
    await using mock = await startMock({ fixtures: FIXTURES, release })
    const visit = browserAt(mock.url)
    const begun = await visit(`${ASK}&login_hint=${encodeURIComponent(hint)}`)
    const { text } = await visit((await visit(begun.location)).location)
    const shown = ['jane', 'left'].filter((name) => text.includes(`name="user" value="${name}"`))
    t.strictSame(shown, users, `${release} ${hint}`)
    t.notMatch(text, '<script>')
  }
})

t.test('a device is let in, or turned away, on the page for its code', async (t) => {
  await using mock = await startMock({ fixtures: FIXTURES, signedIn: 'jane' })
  const { header } = await mock.signIn('jane')
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
  for (const { consent, heading, wanted } of [
    { consent: 'agree', heading: 'Your device is signed in', wanted: { token_type: 'Bearer' } },
    { consent: 'refuse', heading: 'Your device was turned away', wanted: { error: 'access_denied' } },
  ]) {
    const visit = browserAt(mock.url)
    const { device_code, user_code } = JSON.parse(
      (await visit('/application/o/device/', { client_id: 'app', scope: 'openid' })).text,
    )
    const { location } = await visit(`/device?code=${user_code}`, undefined, { cookie: header })
    const page = await visit(location)
    t.match(page.text, `value="${consent}"`)
    const done = await visit(location, { consent, csrfmiddlewaretoken: page.token })
    t.match(done.text, heading)
    t.match(
      JSON.parse((await visit('/application/o/token/', { grant_type, client_id: 'app', device_code })).text),
      wanted,
    )
  }
})

t.test('a consent holds for as long as the flow says', async (t) => {
  await using mock = await startMock({ fixtures: FIXTURES })
  const control = async (method: string, path: string, body?: object) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${mock.url}/_mock/${path}`, {
      method,
      ...(body && { headers, body: JSON.stringify(body) }),
    })
    // biome-ignore lint/suspicious/noExplicitAny: whatever a control request answers
    return { status: answer.status, json: (await answer.json()) as any }
  }
  const expiryOf = async () => (await control('GET', 'consents')).json.rows[0]?.expires
  const flow = `flows/${FIXTURES.flows[0]?.pk}`
  const { header: cookie, session } = await mock.signIn('jane')
  await mock.sessions.change(session, { expires: 'days=90' })
  const visit = browserAt(mock.url)
  await visit('/if/user/', undefined, { cookie })
  const asks = async () => {
    const { location } = await visit(ASK, undefined, { cookie })
    const page = await visit(location)
    return { isAsked: page.status === 200, agree: () => visit(location, { csrfmiddlewaretoken: page.token }) }
  }
  const first = await asks()
  t.ok(first.isAsked)
  await first.agree()
  await mock.clock.advance('days=27')
  t.notOk((await asks()).isAsked)
  await mock.clock.advance('days=2')
  const later = await asks()
  t.ok(later.isAsked, 'after four weeks')
  t.match((await control('PATCH', flow, { consent_expire_in: null })).json, { consent_expire_in: null })
  await later.agree()
  t.equal(await expiryOf(), null)
  t.equal((await control('PATCH', flow, { consent_expire_in: 'soon' })).status, 400)
})

t.test('a consent keeps scopes by name, those that were known first', async (t) => {
  const scopes = ['openid', 'profile', 'email', 'offline_access']
  const providers = [{ ...FIXTURES.providers[0], scopes }]
  await using mock = await startMock({ fixtures: { ...FIXTURES, providers } })
  const { header: cookie } = await mock.signIn('jane')
  const visit = browserAt(mock.url)
  await visit('/if/user/', undefined, { cookie })
  const headers = { authorization: 'Bearer authentik-mock-token' }
  for (const [scope, wanted] of [
    ['profile openid', 'openid profile'],
    ['profile openid email', 'openid profile email'],
    ['offline_access email', 'email offline_access'],
    ['offline_access email profile openid', 'email offline_access openid profile'],
  ] as const) {
    const { location } = await visit(`${ASK}&scope=${scope}`, undefined, { cookie })
    const page = await visit(location)
    await visit(location, { csrfmiddlewaretoken: page.token })
    const consents = await (await fetch(`${mock.url}/api/v3/core/user_consent/`, { headers })).json()
    t.equal((consents as { results: { permissions: string }[] }).results[0]?.permissions, wanted, scope)
  }
})

t.test('a session by the control API, and the executor that is not served', async (t) => {
  await using mock = await startMock({ fixtures: FIXTURES })
  const begin = (user: string) =>
    fetch(`${mock.url}/_mock/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user }),
    })
  t.equal((await begin('left')).status, 409)
  const { cookie } = (await (await begin('jane')).json()) as { cookie: string }
  const headers = { cookie: cookie.split(';')[0] ?? '' }
  const me = await fetch(`${mock.url}/api/v3/core/users/me/`, { headers })
  t.match(await me.json(), { user: { username: 'jane' } })
  t.equal((await fetch(`${mock.url}/api/v3/flows/executor/asks/`)).status, 501)
})

t.test('the address that leads back is taken apart and put together as Python does', async (t) => {
  const [provider] = FIXTURES.providers
  const listed: [uri: string, query: string, fragment: string][] = [
    ['https://a/cb', 'https://a/cb?code=', 'https://a/cb#code='],
    ['https://a/cb?b=%C3%BC&empty=&b=2', 'https://a/cb?b=%C3%BC&b=2&code=', 'https://a/cb?b=%C3%BC&empty=&b=2#code='],
    ['https://a/#/cb', 'https://a/?code=', 'https://a/#/cbcode='],
    ['https://a/cb?#', 'https://a/cb?code=', 'https://a/cb#code='],
    ['HTTPS://A/cb', 'https://A/cb?code=', 'https://A/cb#code='],
    ['app.photos:///callback', 'app.photos:/callback?code=', 'app.photos:/callback#code='],
    ['app.photos://', 'app.photos:?code=', 'app.photos:#code='],
    ['app.photos:/callback', 'app.photos:/callback?code=', 'app.photos:/callback#code='],
    ['app.photos:////a//b', 'app.photos:////a//b?code=', 'app.photos:////a//b#code='],
    ['http:///cb', 'http:///cb?code=', 'http:///cb#code='],
    ['urn:ietf:wg:oauth:2.0:oob', 'urn:ietf:wg:oauth:2.0:oob?code=', 'urn:ietf:wg:oauth:2.0:oob#code='],
  ]
  for (const [uri, query, fragment] of listed) {
    const redirect_uris = [{ matching_mode: 'strict' as const, url: uri }]
    const providers = [{ ...provider, authorization_flow: null, redirect_uris }]
    await using mock = await startMock({ fixtures: { ...FIXTURES, providers }, signedIn: 'jane' })
    for (const [mode, wanted] of Object.entries({ query, fragment })) {
      const visit = browserAt(mock.url)
      const ask = new URLSearchParams({ client_id: 'app', redirect_uri: uri, response_type: 'code', scope: 'openid' })
      const { location } = await visit(`/application/o/authorize/?${ask}&response_mode=${mode}&state=s`)
      const [before] = location.split(/(?<=code=)[0-9a-f]{32}&/)
      const end = uri.endsWith('#/cb') && mode === 'query' ? '&state=s#/cb' : '&state=s'
      t.equal(before, wanted, `${uri} ${mode}`)
      t.ok(location.endsWith(end), `${uri} ${mode}`)
    }
  }
})

t.test('the way to another flow ends the one under way', async (t) => {
  await using mock = await startMock({ fixtures: FIXTURES, signedIn: 'jane', release: '2026.2.2' })
  const visit = browserAt(mock.url)
  const setsCookie = async (path: string) => (await visit(path)).headers.getSetCookie().length > 0
  await visit(ASK)
  await visit('/if/user/')
  const [toSignIn, toSignOut] = ['/flows/-/default/authentication/', '/flows/-/default/invalidation/']
  t.equal(await setsCookie(toSignOut), true, 'consent was due')
  t.equal(await setsCookie(toSignOut), false)
  t.equal(await setsCookie(toSignIn), false)
  const endSession = '/application/o/app/end-session/'
  const ended = await visit(endSession)
  t.match(await visit(ended.location), { status: 200, text: /You are signed out of &quot;App&quot;/ })
  t.match(await visit(ended.location), { text: /You are signed out of &quot;App&quot;/ }, 'the flow is not over')
  const during = await visit(endSession)
  t.match(during, { status: 200, text: '<html><body>Logout successful</body></html>' })
  t.equal(during.headers.get('content-type'), 'text/html')
  t.equal(await setsCookie(toSignOut), true)
  t.match(await visit(endSession), { status: 302, location: ended.location }, 'no flow is under way any more')
})

t.test('a null character that a row would have to keep is more than authentik gets over', async (t) => {
  const asked: [name: string, query: string, status: number][] = [
    ['a nonce beside a code', 'response_type=code&nonce=a%00b', 500],
    ['a challenge', 'response_type=code&code_challenge=a%00b', 500],
    ['the first redirect URI of a provider', 'response_type=code&client_id=new&redirect_uri=a%00b', 500],
    ['a nonce of an id_token alone, where JSON escapes it', 'response_type=id_token&nonce=a%00b', 302],
  ]
  const providers = [
    { ...FIXTURES.providers[0], authorization_flow: null },
    { name: 'new', client_id: 'new' },
  ]
  await using mock = await startMock({ fixtures: { ...FIXTURES, providers } as Fixtures, signedIn: 'jane' })
  for (const [name, query, status] of asked) {
    const path = query.includes('client_id') ? '/application/o/authorize/?' : `${ASK.replace('response_type=code', '')}`
    const answer = await fetch(`${mock.url}${path}${query}`, { redirect: 'manual' })
    t.equal(answer.status, status, name)
  }
  t.strictSame((await mock.fixtures.read()).authorization_codes, [])
  await mock.fixtures.replace(await mock.fixtures.read())
})

t.test('a page that leads nowhere says why: to its visitor, or in the log', async (t) => {
  await using mock = await startMock({ fixtures: FIXTURES })
  const visit = browserAt(mock.url)
  for (const slug of ['nothing', 'default-provider-authorization-implicit-consent']) {
    t.match(await visit(`/if/flow/${slug}/`), { status: 404, text: /There is nothing at this address/ })
    t.match(await mock.requests({ limit: 1 }), [
      { reason: `no flow ${slug} is under way in this browser, and there is none to begin here` },
    ])
  }
  const page = '/if/flow/default-authentication-flow/'
  t.match(await visit(page, { user: 'jane' }), { status: 403, text: /allow cookies, and load that page again/ })
  t.match(await mock.requests({ limit: 1 }), [{ reason: 'CSRF cookie not set.' }])
})
