import { type Mock, MockError } from '../../src/index.js'
import { send } from '../http.js'
import { LIVING, post, refresh } from './living.js'
import { behaves } from './small-world.js'

/** What a test gets of living tokens without the dance before them. */

const OPTIONS = { fixtures: LIVING }

behaves(
  'secrets are told to who asks for them, and work',
  async (t, mock) => {
    t.strictSame(await mock.refreshTokens.secret(2), { token: 'janes-refresh-token' })
    const { token } = await mock.refreshTokens.secret(1)
    t.match(token, /^[A-Za-z0-9]{128}$/, 'one that nobody gave')
    t.strictSame(await mock.refreshTokens.secret(1), { token }, 'the same again')
    const { status, json } = await refresh(mock, token)
    t.equal(status, 200)
    t.strictSame(await mock.refreshTokens.secret(4), { token: json.refresh_token }, 'and that of the next')

    const code = await mock.authorizationCodes.create({ user: 'jane', code: 'a-code' })
    t.strictSame(await mock.authorizationCodes.secret(code.pk), { code: 'a-code' })
    const device = await mock.deviceCodes.create({})
    t.match(await mock.deviceCodes.secret(device.pk), { device_code: /^[!-~]{128}$/, user_code: /^\d{9}$/ })
    const session = await mock.sessions.create({ user: 'jane' })
    t.match(await mock.sessions.secret(session.pk), { key: /^[0-9a-z]{32}$/ })
    const access = await mock.accessTokens.create({ user: 'jane', token: 'an-access-token' })
    t.strictSame(await mock.accessTokens.secret(access.pk), { token: 'an-access-token' })
    await t.rejects(mock.refreshTokens.secret(99), { status: 404, message: 'there is no refresh token 99' })
  },
  OPTIONS,
)

behaves(
  'tokens are issued as the token endpoint would, and live',
  async (t, mock) => {
    const issued = await mock.tokens.issue({ provider: 'Grafana', user: 'jane', nonce: 'n' })
    t.match(issued, {
      token_type: 'Bearer',
      scope: 'openid email offline_access',
      refresh_token: /^[A-Za-z0-9]{128}$/,
      pks: { access_token: 1, refresh_token: 4 },
    })
    const claims = JSON.parse(Buffer.from(String(issued.id_token.split('.')[1]), 'base64url').toString())
    t.match(claims, { iss: `${mock.url}/application/o/grafana/`, aud: 'grafana', nonce: 'n' }, 'as from where it is')
    t.equal((await refresh(mock, String(issued.refresh_token))).status, 200)
    t.equal((await refresh(mock, String(issued.refresh_token))).status, 400, 'once')
    t.match((await post(mock, 'introspect', { token: issued.access_token })).json, { active: true })

    const without = await mock.tokens.issue({ user: 11, provider: 'grafana', scope: ['openid'] })
    t.match(without, { scope: 'openid', refresh_token: undefined, pks: { refresh_token: null } })
    const session = await mock.sessions.create({ user: 'jane' })
    const bound = await mock.tokens.issue({ user: 'jane', session: session.pk })
    await mock.sessions.delete(session.pk)
    await t.rejects(mock.accessTokens.get(bound.pks.access_token), MockError, 'it goes with its session')
    t.ok(await mock.refreshTokens.get(bound.pks.refresh_token as number))
  },
  OPTIONS,
)

behaves(
  'a code is issued, and exchanged once',
  async (t, mock) => {
    const verifier = 'a-verifier-that-is-long-enough-for-everybody-here'
    const { code } = await mock.codes.issue({ user: 'jane', code_challenge: verifier })
    const exchange = (more: object) =>
      post(mock, 'token', {
        ...{ grant_type: 'authorization_code', code, redirect_uri: 'https://grafana.test/callback' },
        ...more,
      })
    t.match(await exchange({}), { status: 400, json: { error: 'invalid_grant' } }, 'PKCE is on')
    t.match(await exchange({ code_verifier: verifier }), { status: 200, json: { refresh_token: String } })
    t.match(await exchange({ code_verifier: verifier }), { status: 400, json: { error: 'invalid_grant' } })
  },
  OPTIONS,
)

behaves(
  'a device is let in, or turned away',
  async (t, mock) => {
    const ask = (device_code: string) =>
      post(mock, 'token', { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code })
    const begin = async () => {
      const { pk } = await mock.deviceCodes.create({ scope: ['openid', 'offline_access'] })
      return mock.deviceCodes.secret(pk)
    }
    const first = await begin()
    t.match((await ask(first.device_code)).json, { error: 'authorization_pending' })
    t.match(await mock.device.deny(first.user_code), { user: null, denied: true })
    t.match((await ask(first.device_code)).json, { error: 'access_denied' })
    t.match(await mock.device.approve(first.user_code, 'jane'), { user: 11, denied: false }, 'the last word counts')
    t.match((await ask(first.device_code)).json, { refresh_token: String })
    await t.rejects(mock.device.deny(first.user_code), MockError, 'it is spent')
  },
  OPTIONS,
)

behaves(
  'a clean-up deletes what has expired, and nothing else',
  async (t, mock) => {
    await mock.tokens.issue({ user: 'jane' })
    await mock.codes.issue({ user: 'jane' })
    t.strictSame(await mock.cleanUp(), { deleted: {} })
    await mock.clock.advance('days=2')
    t.strictSame(await mock.cleanUp(), {
      deleted: { refresh_tokens: 1, access_tokens: 1, authorization_codes: 1 },
    })
    const { refresh_tokens } = (await mock.info()).counts
    t.equal(refresh_tokens, 3, 'that without an end stays, and those of thirty days')
  },
  OPTIONS,
)

behaves(
  'what cannot be issued is refused with what is allowed',
  async (t, mock) => {
    await mock.providers.create({ pk: 2, name: 'Other', scopes: ['openid'] })
    const mistakes: [() => Promise<unknown>, string][] = [
      [
        () => mock.tokens.issue({ user: 'jane' }),
        'provider: found nothing; allowed: the primary key, name or client id of a provider',
      ],
      [
        () => mock.tokens.issue({ user: 'neo', provider: 1 }),
        'user: found "neo", but there is no such user; allowed: the primary key or username of a user',
      ],
      [() => mock.codes.issue({ user: 'gone', provider: 1 }), 'user: found "gone"; allowed: a user who is active'],
      [
        () => mock.tokens.issue({ user: 'jane', provider: 2, scope: ['openid', 'email'] }),
        'scope[1]: found "email"; allowed: openid: the scopes of provider Other',
      ],
      [
        () => mock.tokens.issue({ user: 'jane', provider: 2, session: 'x' }),
        'session: found "x"; allowed: the primary key of a session of user jane',
      ],
      [
        () => mock.tokens.issue({} as { user: string }),
        'user: found nothing; allowed: a user: a primary key or a username',
      ],
      [() => mock.device.approve('123456789', 'jane'), 'no device shows the code 123456789'],
    ]
    for (const [act, message] of mistakes) await t.rejects(act(), { message }, message)
    const validities = ['access_token_validity', 'refresh_token_validity', 'access_code_validity'] as const
    for (const [i, field] of validities.entries()) {
      const pk = 3 + i
      const scopes = ['openid', 'offline_access']
      await mock.providers.create({ pk, name: field, scopes, [field]: '-days=9999999' })
      const asked = { user: 'jane', provider: pk }
      const issue = (): Promise<unknown> =>
        field === 'access_code_validity' ? mock.codes.issue(asked) : mock.tokens.issue(asked)
      const before = await mock.fixtures.read()
      await t.rejects(issue(), {
        status: 422,
        message: 'a validity of -days=9999999, which leads out of the years 1 to 9999',
      })
      t.strictSame(await mock.fixtures.read(), before, `${field}: nothing changed`)
    }
    t.equal((await mock.info()).counts['access_tokens'], 0)
  },
  OPTIONS,
)

behaves(
  'each token tells what it came of, what came of it, and what ended it',
  async (t, mock) => {
    const { code, pk: codePk } = await mock.codes.issue({ user: 'jane' })
    const exchanged = await post(mock, 'token', {
      ...{ grant_type: 'authorization_code', code, redirect_uri: 'https://grafana.test/callback' },
    })
    const fromCode = { section: 'authorization_codes', pk: codePk }
    const [first, second] = [4, 5].map((pk) => ({ section: 'refresh_tokens', pk }))
    t.match(await mock.authorizationCodes.history(codePk), {
      exists: false,
      events: [
        { what: 'issued', by: 'POST /_mock/authorization_codes/issue' },
        { what: 'used', grant: 'authorization_code', made: [{ section: 'access_tokens' }, first] },
      ],
    })
    const { refresh_token } = (await refresh(mock, exchanged.json.refresh_token)).json
    t.match(await mock.refreshTokens.history(4), {
      exists: true,
      events: [
        { what: 'issued', client: 'grafana', request: /^[0-9a-f]{32}$/, from: fromCode },
        { what: 'rotated', client: 'grafana', made: [{ section: 'access_tokens' }, second] },
      ],
    })
    await post(mock, 'revoke', { token: refresh_token })
    t.match(await mock.refreshTokens.history(5), {
      exists: false,
      events: [
        { what: 'issued', grant: 'refresh_token', from: first },
        { what: 'deleted', client: 'grafana', by: 'POST /application/o/revoke/' },
      ],
    })
    await mock.users.delete('ada')
    t.match(await mock.refreshTokens.history(1), {
      exists: false,
      events: [{ what: 'deleted', by: 'DELETE /_mock/users/ada', along: { section: 'users', pk: 10 } }],
    })
    t.strictSame(await mock.refreshTokens.history(3), {
      ...{ section: 'refresh_tokens', pk: 3, exists: true, events: [] },
    })
    await t.rejects(mock.refreshTokens.history(99), { message: /there is no refresh token 99/ })
    await mock.reset()
    t.strictSame((await mock.refreshTokens.history(1)).events, [], 'a reset takes it back')
  },
  OPTIONS,
)

behaves(
  'the journal names what a request made and ended, and says why it was refused',
  async (t, mock) => {
    await mock.clock.freeze()
    const { now } = await mock.clock.get()
    const { refresh_token = '' } = await mock.tokens.issue({ user: 'jane' })
    const next = (await refresh(mock, refresh_token)).json.refresh_token
    await refresh(mock, refresh_token)
    await post(mock, 'revoke', { token: next })
    await refresh(mock, next)
    await refresh(mock, 'never-seen')
    const { token } = await mock.refreshTokens.secret(1)
    const { status } = await send(new URL(mock.url).origin, {
      method: 'DELETE',
      path: `${new URL(mock.url).pathname.replace(/\/$/, '')}/api/v3/oauth2/refresh_tokens/1/`,
      headers: { Authorization: `Bearer ${mock.token}` },
    })
    t.equal(status, 204)
    await refresh(mock, token)
    await mock.refreshTokens.delete(2)
    await refresh(mock, 'janes-refresh-token')
    await mock.refreshTokens.change(3, { revoked: true })
    await refresh(mock, (await mock.refreshTokens.secret(3)).token)
    t.match(
      (await mock.requests()).map(({ made, ended, reason }) => ({ made, ended, reason })),
      [
        { made: ['access_tokens 2', 'refresh_tokens 5'], ended: ['refresh_tokens 4'], reason: null },
        { made: [], ended: [], reason: `refresh token 4 was rotated into refresh token 5 at ${now} by client grafana` },
        { made: [], ended: ['refresh_tokens 5'], reason: null },
        { reason: `refresh token 5 was deleted at ${now} by client grafana` },
        { reason: 'the refresh token is unknown' },
        { ended: ['refresh_tokens 1'] },
        { reason: `refresh token 1 was deleted at ${now} by DELETE /api/v3/oauth2/refresh_tokens/1/` },
        { reason: `refresh token 2 was deleted at ${now} by DELETE /_mock/refresh_tokens/2` },
        { reason: `refresh token 3 was revoked at ${now} by PATCH /_mock/refresh_tokens/3` },
      ],
    )
  },
  OPTIONS,
)

const AUTHORIZE =
  '/application/o/authorize/?client_id=grafana&response_type=code&scope=openid&redirect_uri=https%3A%2F%2Fgrafana.test%2Fcallback'

/** Asks for authorization, as a browser with these cookies. */
function authorize(world: Mock, cookie?: string) {
  const { origin, pathname } = new URL(world.url)
  const path = `${pathname.replace(/\/$/, '')}${AUTHORIZE}`
  return send(origin, { path, headers: cookie === undefined ? {} : { Cookie: cookie } })
}

behaves(
  'a user is signed in without a browser',
  async (t, mock) => {
    t.match(
      (await authorize(mock)).headers,
      { location: /\/flows\/-\/default\/authentication\// },
      'nobody is, at first',
    )
    const { header, cookie, session } = await mock.signIn('jane')
    t.match(cookie, { name: 'authentik_session', url: `${mock.url}/` })
    t.equal((await mock.sessions.get(session)).user, 11)
    const { location = '' } = (await authorize(mock, header)).headers as Record<string, string>
    const code = new URL(location).searchParams.get('code') ?? ''
    const form = { grant_type: 'authorization_code', code, redirect_uri: 'https://grafana.test/callback' }
    const { json } = await post(mock, 'token', form)
    t.match(JSON.parse(Buffer.from(json.id_token.split('.')[1], 'base64url').toString()), { sid: String, amr: ['pwd'] })
    await t.rejects(mock.signIn('gone'), MockError)
  },
  OPTIONS,
)

behaves(
  '--signed-in: whoever comes without a cookie is that user at authorize, and nowhere else',
  async (t, mock) => {
    const first = await authorize(mock)
    t.match(first.headers, { location: /^https:\/\/grafana\.test\/callback\?code=/ })
    const [cookie = ''] = [first.headers['set-cookie']].flat().map((text) => String(text).split(';')[0])
    t.match(cookie, /^authentik_session=./, 'a session begins')
    await authorize(mock)
    t.equal((await mock.info()).counts['sessions'], 1, 'one for all who come so')
    t.equal((await mock.authorizationCodes.get(1)).user, 11)
    const { origin, pathname } = new URL(mock.url)
    const me = await send(origin, { path: `${pathname.replace(/\/$/, '')}/api/v3/core/users/me/` })
    t.equal(me.status, 403, 'the API asks for more')
    await mock.users.change('jane', { is_active: false })
    t.match((await authorize(mock)).headers, { location: /\/flows\/-\/default\/authentication\// })
  },
  { ...OPTIONS, signedIn: 'jane' },
)
