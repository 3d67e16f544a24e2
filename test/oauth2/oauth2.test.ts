import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compactDecrypt, createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import t from 'tap'
import { findRelease, type Release } from '../../src/authentik/releases.js'
import { endedByDeactivation, endedBySession } from '../../src/oauth2/lifecycle.js'
import { findBySecret, secretOf } from '../../src/world/by-secret.js'
import { formatInstant, microsOf } from '../../src/world/instant.js'
import type { AccessToken } from '../../src/world/kinds/access-tokens.js'
import type { AuthorizationCode } from '../../src/world/kinds/authorization-codes.js'
import { exportRows } from '../../src/world/load/export.js'
import { FixtureError } from '../../src/world/load/mistakes.js'
import { type Called, NOW, type OpenWorld, openWorld, type Sent, setClock, type WorldSettings } from './endpoints.js'

const WORLD = JSON.parse(readFileSync(join(import.meta.dirname, '../conformance/oauth2/2025.2.4/world.json'), 'utf8'))
const GRAFANA = WORLD.providers.find(({ name }: { name: string }) => name === 'Provider for Grafana')
const TOKEN = '/application/o/token/'
/** After the world began. */
const later = (seconds: number) => microsOf(NOW) + seconds * 1e6

const recordedWorld = (settings: WorldSettings = {}) => openWorld({ fixtures: WORLD, ...settings })

/** A small world: one confidential client without a key, one user, one refresh token. */
function smallWorld(provider: object = {}, settings: WorldSettings = {}, more: object = {}) {
  const fixtures = {
    users: [{ username: 'jane', name: 'Jane' }],
    providers: [
      {
        ...{ pk: 1, name: 'app', client_id: 'app', client_secret: 's', application: { slug: 'app', name: 'App' } },
        ...{ redirect_uris: [{ matching_mode: 'strict', url: 'https://app.example.com/cb' }] },
        scopes: ['openid', 'email', 'profile', 'offline_access'],
        ...provider,
      },
    ],
    refresh_tokens: [{ token: 'first', provider: 1, user: 'jane', scope: ['openid', 'email', 'offline_access'] }],
    ...more,
  }
  return openWorld({ fixtures, ...settings })
}

function refresh({ call }: OpenWorld, token: string, more: Record<string, string> = {}): Promise<Called> {
  const form = { grant_type: 'refresh_token', client_id: 'app', client_secret: 's', refresh_token: token, ...more }
  return call('POST', TOKEN, { form })
}

function exchange({ call }: OpenWorld, code: string, more: Record<string, string> = {}): Promise<Called> {
  const redirect_uri = 'https://app.example.com/cb'
  const form = { grant_type: 'authorization_code', client_id: 'app', client_secret: 's', redirect_uri, code, ...more }
  return call('POST', TOKEN, { form })
}

const asAdmin = { headers: { authorization: 'Bearer superuser' } }
const keysOf = ({ json }: Called) => Object.keys(json)

t.test('the recorded world is a fixture without mistakes and without warnings', async (t) => {
  const { database, warnings } = await recordedWorld()
  t.strictSame(warnings, [])
  t.strictSame(database.applications.find('slug', 'closed')?.allowed_groups, [WORLD.groups[0].pk])
  t.equal(database.flows.find('slug', 'default-provider-authorization-explicit-consent')?.consent, 'explicit')
  t.equal(database.keys.find('name', 'lab ec')?.kid, '492cdf34f0aeb84fd2fd90c48d78ffc9')
})

t.test('mistakes in what belongs to OAuth2', async (t) => {
  const [rsa] = WORLD.keys
  const mistakes: [fixtures: object, message: string | RegExp][] = [
    [
      { keys: [{ private_key: 'x' }] },
      'keys[0].private_key: found another text; allowed: a private key in PEM form, RSA or P-256, P-384, P-521, not encrypted',
    ],
    [
      { keys: [{ private_key: rsa.certificate }] },
      /^keys\[0\]\.private_key: found another text; allowed: a private key in PEM form/,
    ],
    [
      { keys: [{ certificate: rsa.private_key }] },
      /^keys\[0\]\.certificate: found another text; allowed: an X.509 certificate in PEM form/,
    ],
    [{ keys: [{ kind: 'rsa' }] }, 'keys[0].kind: found an unknown field; did you mean kid?'],
    [{ flows: [{ consent: 'maybe' }] }, 'flows[0].consent: found "maybe"; allowed: "implicit", "explicit"'],
    [
      { applications: [{ slug: 'a', allowed_groups: ['nobody'] }] },
      'applications[0].allowed_groups[0]: found "nobody", but there is no such group; allowed: the primary key or name of a group',
    ],
    [
      { authorization_codes: [{ code_challenge_method: 's256' }] },
      'authorization_codes[0].code_challenge_method: found "s256"; allowed: "plain", "S256", or null',
    ],
    [
      { authorization_codes: [{ code: 'a b' }] },
      'authorization_codes[0].code: found another text; allowed: a text of visible ASCII characters without spaces',
    ],
    [
      { refresh_tokens: [{ token: 'a' }, { token: 'a' }] },
      'refresh_tokens[1].token: found the token of refresh token 1; allowed: one that no other refresh token has',
    ],
    [
      { access_tokens: [{ session: '0a75746e-7465-4374-8000-000000000009' }] },
      /^access_tokens\[0\]\.session: found "0a75746e.*", but there is no such session; allowed: the primary key of a session/,
    ],
    [{ device_codes: [{ user_code: '12' }] }, 'device_codes[0].user_code: found "12"; allowed: a text of 9 digits'],
  ]
  for (const [fixtures, message] of mistakes) {
    const error = await openWorld({ fixtures }).then(
      () => undefined,
      (error) => error,
    )
    const text = error instanceof FixtureError ? error.message.replace(/^fixtures: /, '') : String(error)
    if (typeof message === 'string') t.equal(text, message)
    else t.match(text, message)
  }
})

t.test('secrets of rows that have none are of their keys, and lead back to them', async (t) => {
  const [one, again, other] = await Promise.all([1, 1, 2].map((seed) => openWorld({ generate: 1_000_000, seed })))
  const forms: [section: string, field: string, form: RegExp][] = [
    ['refresh_tokens', 'token', /^[A-Za-z0-9]{128}$/],
    ['access_tokens', 'token', /^[A-Za-z0-9]{128}$/],
    ['authorization_codes', 'code', /^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/],
    ['device_codes', 'device_code', /^[!-~]{128}$/],
    ['device_codes', 'user_code', /^\d{9}$/],
  ]
  for (const [section, field, form] of forms) {
    const seen = new Set<string | undefined>()
    for (const pk of [1, 2, 3, 734_211, 1_000_000, 2_147_483_647]) {
      const secret = secretOf(one!.database, section, field, { pk })
      t.match(secret, form)
      t.equal(secretOf(again!.database, section, field, { pk }), secret)
      t.not(secretOf(other!.database, section, field, { pk }), secret)
      seen.add(secret)
    }
    t.equal(seen.size, 6)
  }
  const { database } = one!
  for (const pk of [1, 734_211, 1_000_000]) {
    const secret = secretOf(database, 'refresh_tokens', 'token', { pk }) as string
    t.match(findBySecret(database, 'refresh_tokens', 'token', secret), { pk })
    t.equal(findBySecret(database, 'refresh_tokens', 'token', `${secret.slice(0, -1)}-`), undefined)
    t.equal(findBySecret(other!.database, 'refresh_tokens', 'token', secret), undefined)
  }
  database.apply([{ type: 'delete', section: 'refresh_tokens', key: 1 }])
  const deleted = secretOf(database, 'refresh_tokens', 'token', { pk: 1 }) as string
  t.equal(findBySecret(database, 'refresh_tokens', 'token', deleted), undefined)
})

t.test('a given token stands in the place of the one of the key', async (t) => {
  const { database } = await smallWorld()
  const [row] = [...database.refresh_tokens.keys()].map((pk) => database.refresh_tokens.get(pk))
  t.equal(secretOf(database, 'refresh_tokens', 'token', row), 'first')
  const derived = secretOf(database, 'refresh_tokens', 'token', { pk: row?.pk }) as string
  t.equal(findBySecret(database, 'refresh_tokens', 'token', derived), undefined)
})

t.test('an export leaves secrets out unless it is asked for them', async (t) => {
  const world = await smallWorld({}, {}, { sessions: [{ user: 'jane' }], authorization_codes: [{ provider: 1 }] })
  const plain = exportRows(world.database, String)
  t.notOk('token' in (plain.refresh_tokens?.[0] ?? {}) || 'code' in (plain.authorization_codes?.[0] ?? {}))
  t.notOk('key' in (plain.sessions?.[0] ?? {}))
  const whole = exportRows(world.database, String, true)
  t.equal(whole.refresh_tokens?.[0]?.token, 'first')
  t.match(whole.authorization_codes?.[0]?.code, /^[0-9a-f]{32}$/)
  const again = await openWorld({ fixtures: JSON.parse(JSON.stringify(whole)) })
  t.equal((await refresh(again, 'first')).status, 200)
})

t.test('two runs of the same requests draw the same tokens, and no two requests the same', async (t) => {
  const runs = await Promise.all(
    [1, 1, 2].map(async (seed) => {
      const world = await smallWorld({}, { seed })
      const first = await refresh(world, 'first')
      const second = await refresh(world, first.json.refresh_token)
      return [first, second].flatMap(({ json }) => [json.access_token, json.refresh_token])
    }),
  )
  t.strictSame(runs[0], runs[1])
  t.equal(new Set(runs.flat()).size, 8)
})

t.test('a client says who it is by header or body', async (t) => {
  const { call } = await smallWorld({ client_id: 'a:b%20c', client_secret: 's p' })
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  const app = await smallWorld()
  const cases: [world: OpenWorld, authorization: string | undefined, form: object, error: string | undefined][] = [
    [app, basic('app:s'), {}, undefined],
    [app, basic('app:s'), { client_id: 'nobody', client_secret: 'x' }, undefined],
    [app, basic('app:s').replace('=', ''), {}, 'invalid_client'],
    [app, basic('app:s').replace('Y', '!Y_'), {}, undefined],
    [app, basic('app:s').replace('Basic', 'basic'), {}, 'invalid_client'],
    [app, 'Basic', { client_id: 'app', client_secret: 's' }, undefined],
    [app, 'Basic /w==', { client_id: 'app', client_secret: 's' }, 'invalid_client'],
    [app, 'Bearer x', { client_id: 'app', client_secret: 's' }, undefined],
    [app, undefined, {}, 'invalid_client'],
    [app, undefined, { client_id: 'app' }, 'invalid_grant'],
    [app, undefined, { client_id: 'app\0' }, 'crash'],
  ]
  for (const [world, authorization, form, error] of cases) {
    const headers = authorization === undefined ? {} : { authorization }
    const answer = await world.call('POST', TOKEN, { headers, form: { grant_type: 'client_credentials', ...form } })
    if (error === 'crash') t.match(answer, { status: 405, text: '', headers: { allow: 'GET, HEAD, OPTIONS' } })
    else
      t.match(
        [answer.status, answer.json.error],
        error === undefined ? [200] : [400, error],
        authorization ?? JSON.stringify(form),
      )
  }
  for (const [form, reason] of [
    [{}, 'no client id was sent, in a form or by Basic'],
    [{ client_id: 'nobody' }, 'there is no client "nobody"'],
  ] as [object, string][])
    t.match(await app.call('POST', TOKEN, { form: { grant_type: 'refresh_token', ...form } }), { reason })
  // A colon ends the id, and nothing is percent-decoded.
  t.match(await call('POST', TOKEN, { headers: { authorization: basic('a:b%20c:s p') }, form: '' }), { status: 400 })
})

t.test('from 2026.2 on what stands in a Basic header is percent-decoded', async (t) => {
  const authorization = `Basic ${Buffer.from('a%3Ab:s%20p+%C3%A9%zz').toString('base64')}`
  for (const [release, status] of [
    ['2025.12.4', 400],
    ['2026.2.2', 200],
  ] as const) {
    const { call } = await smallWorld({ client_id: 'a:b', client_secret: 's p+é%zz' }, { release })
    t.match(
      await call('POST', TOKEN, { headers: { authorization }, form: { grant_type: 'password' } }),
      { status },
      release,
    )
  }
})

t.test('what a form escapes is decoded as Python does, beside letters that it does not escape', async (t) => {
  for (const [written, secret] of [
    ['é 100%', 'é 100%'],
    ['日本%zz', '日本%zz'],
    ['ü%ff%41', 'ü\ufffdA'],
    ['%E6%97%', '\ufffd%'],
    ['%E6%97%A5%', '日%'],
    ['%c3%A9+%2B', 'é +'],
  ] as const) {
    const { call } = await smallWorld({ client_id: 'app', client_secret: secret })
    const body = `grant_type=password&client_id=app&client_secret=${written}`
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    t.match(await call('POST', TOKEN, { headers, body }), { status: 200 }, written)
  }
})

t.test('a form is read as Django reads it', async (t) => {
  const { call } = await smallWorld()
  const form = 'grant_type=password&client_id=app&client_secret=s'
  const part = (name: string, value: string, more = '') =>
    `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`
  const whole = part('grant_type', 'password') + part('client_id', 'app') + part('client_secret', 's')
  const cases: [type: string | undefined, body: string, status: number][] = [
    ['application/x-www-form-urlencoded', form, 200],
    ['Application/X-WWW-Form-Urlencoded; charset=UTF-8', form, 200],
    ['application/x-www-form-urlencoded; charset="utf-8"', form, 200],
    ['application/x-www-form-urlencoded; charset=nope', form, 200],
    ['application/x-www-form-urlencoded; charset=latin-1', form, 405],
    ['application/x-www-form-urlencoded', `${form}&client_secret=x`, 400],
    ['application/x-www-form-urlencoded', `x=${'&x='.repeat(1000)}&${form}`, 405],
    ['multipart/form-data; boundary=b', `${whole}--b--\r\n`, 200],
    ['multipart/form-data; boundary="b"', `preamble\r\n${whole}--b--\r\n`, 200],
    ['multipart/form-data; boundary=b', `${part('grant_type', 'x')}${whole}--b--`, 200],
    ['multipart/form-data; boundary=b', `${whole}${part('grant_type', 'x', '; filename="f"')}--b--\r\n`, 200],
    ['multipart/form-data; boundary=b', `${whole}${part('grant_type', 'x', "; filename*=UTF-8''f")}--b--\r\n`, 200],
    ['multipart/form-data; boundary=b', `${whole}${part('grant_type', 'x', '; filename=""')}--b--\r\n`, 400],
    ['multipart/form-data; boundary=b', `${whole.replaceAll('form-data', 'attachment')}--b--\r\n`, 200],
    ['multipart/form-data; boundary=b', `${whole.replaceAll('="', '=" ')}--b--\r\n`, 200],
    ['multipart/form-data; boundary=b', `${whole.replaceAll('\r\n--b', '\n--b')}--b--\r\n`, 200],
    ['multipart/form-data; boundary=b', `${whole}--b--\r\n${part('grant_type', 'x')}--b--\r\n`, 400],
    [
      'multipart/form-data; boundary=b',
      whole.replace('"\r\n\r\npassword', '"\r\nContent-Transfer-Encoding: base64\r\n\r\ncGFzc3dvcmQ='),
      200,
    ],
    ['multipart/form-data; boundary="b;b"', whole.replaceAll('--b', '--b;b'), 200],
    ['multipart/form-data; boundary=c', `${whole}--b--\r\n`, 400],
    ['multipart/form-data', `${whole}--b--\r\n`, 405],
    ['application/json', '{}', 400],
    ['text/plain', form, 400],
    ['no type at all', form, 400],
    [';', form, 400],
    [undefined, form, 400],
  ]
  for (const [type, body, status] of cases) {
    const headers = type === undefined ? {} : { 'content-type': type }
    t.match(await call('POST', TOKEN, { headers, body }), { status }, `${type} ${body.slice(0, 40)}`)
  }
  const headers = { 'content-type': 'multipart/form-data; boundary=b', 'transfer-encoding': 'chunked' }
  t.match(await call('POST', TOKEN, { headers, body: whole }), { status: 400 }, 'a form of unknown length is empty')
})

t.test('redirect URIs and origins', async (t) => {
  const uris = (...urls: string[]) => ({
    redirect_uris: urls.map((url) => ({ matching_mode: url.includes('*') ? 'regex' : 'strict', url })),
  })
  const listed: [urls: string[], uri: string, error: string | undefined][] = [
    [['https://a/cb'], 'https://a/cb', 'invalid_grant'],
    [['https://a/cb'], 'https://a/cb/', 'invalid_client'],
    [['https://a/cb'], 'https://A/cb', 'invalid_client'],
    [['https://.*\\.a/cb'], 'https://evil/.a/cb', 'invalid_grant'],
    [['https://.*\\.a/cb'], 'https://x.a/cb?', 'invalid_client'],
    [['(?P<x>a)(?P=x)*'], 'aa', 'invalid_grant'],
    [['(?i)HTTPS://.*'], 'https://x', 'invalid_grant'],
    [['*['], 'x', 'invalid_client'],
    [['JavaScript:1'], 'JavaScript:1', 'invalid_request'],
    [['.*'], ' data:x', 'invalid_request'],
    [[], '', 'invalid_client'],
  ]
  for (const [urls, uri, error] of listed)
    t.match(
      await exchange(await smallWorld(uris(...urls)), 'nope', { redirect_uri: uri }),
      { json: { error } },
      `${urls} ${uri}`,
    )
  const origins: [urls: string[], origin: string, answer: 'allowed' | 'not' | 'crash'][] = [
    [['https://a/cb'], 'https://a', 'allowed'],
    [['https://a/cb'], 'https://A', 'allowed'],
    [['https://a/cb'], 'http://a', 'not'],
    [['https://a/cb'], 'https://a:443', 'not'],
    [['https://a:8443/cb'], 'https://a:8443', 'allowed'],
    [['https://b', 'https://a/cb'], 'https://a', 'allowed'],
    [['https://.*/cb'], 'https://a', 'not'],
    [['https://.*/cb'], 'https://.*', 'allowed'],
    [['cb'], 'null', 'allowed'],
    [['http://localhost:\\d+/.*'], 'http://localhost', 'crash'],
    [['https://a/cb'], 'https://a:x', 'crash'],
    [['https://a/cb'], 'https://[a', 'crash'],
  ]
  for (const [urls, origin, answer] of origins) {
    const { call } = await smallWorld(uris(...urls))
    const form = { grant_type: 'nope', client_id: 'app' }
    const { status, headers } = await call('POST', TOKEN, { headers: { origin }, form })
    t.equal(status, answer === 'crash' ? 405 : 400, `${urls} ${origin}`)
    t.equal(headers['access-control-allow-origin'], answer === 'allowed' ? origin : undefined, `${urls} ${origin}`)
    if (answer === 'allowed') t.equal(headers.vary, 'Origin, Cookie')
  }
  const { call } = await smallWorld({}, { release: '2025.12.4' })
  const preflight = await call('OPTIONS', TOKEN, { headers: { origin: 'https://x' } })
  t.match(preflight, { status: 200, text: '{}', headers: { vary: 'Origin, Accept-Language, Cookie' } })
})

t.test('a code is exchanged once, by its client, in time, with its verifier', async (t) => {
  const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
  const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
  const codes = [
    { code: 'plain', scope: ['openid'] },
    { code: 'hashed', code_challenge: challenge, code_challenge_method: 'S256', nonce: 'n' },
    { code: 'shown', code_challenge: 'abc' },
    { code: 'old', expires: '-seconds=1' },
    { code: 'at-its-end', expires: '2026-11-27T06:38:20.581Z' },
  ].map((code) => ({ provider: 1, user: 'jane', ...code }))
  const world = await smallWorld({}, {}, { authorization_codes: codes })
  const cases: [code: string, more: Record<string, string>, error: string | number][] = [
    ['plain', { client_secret: 'x' }, 'invalid_client'],
    ['plain', { code_verifier: 'x' }, 'invalid_grant'],
    ['', { redirect_uri: 'https://x' }, 'invalid_grant'],
    ['hashed', {}, 'invalid_grant'],
    ['hashed', { code_verifier: '' }, 'invalid_grant'],
    ['hashed', { code_verifier: 'ü' }, 405],
    ['hashed', { code_verifier: verifier }, 200],
    ['hashed', { code_verifier: verifier }, 'invalid_grant'],
    ['shown', { code_verifier: 'ü' }, 'invalid_grant'],
    ['shown', { code_verifier: 'abc' }, 200],
    ['old', {}, 'invalid_grant'],
    ['at-its-end', {}, 200],
    ['plain', {}, 200],
  ]
  for (const [code, more, error] of cases) {
    const { status, json } = await exchange(world, code, more)
    t.equal(typeof error === 'number' ? status : json?.error, error, `${code} ${JSON.stringify(more)}`)
  }
  t.equal(world.database.authorization_codes.size, 1)
})

t.test('what a code says is in its tokens, and the order of their claims', async (t) => {
  const session = { pk: '0a75746e-7465-4374-8000-00000000000a', key: 'abc', user: 'jane', amr: ['pwd', 'mfa'] }
  const code = { code: 'c', provider: 1, user: 'jane', nonce: 'n', auth_time: '-minutes=5', session: session.pk }
  const world = await smallWorld({}, { release: '2026.2.2' }, { sessions: [session], authorization_codes: [code] })
  const answer = await exchange(world, 'c')
  t.strictSame(keysOf(answer), ['access_token', 'token_type', 'scope', 'expires_in', 'id_token', 'refresh_token'])
  const access = decodeJwt(answer.json.access_token)
  const begin = ['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'acr', 'amr', 'nonce']
  const claims = ['email', 'email_verified', 'name', 'given_name', 'preferred_username', 'nickname', 'groups']
  t.strictSame(Object.keys(access), [...begin, 'sid', 'jti', ...claims, 'azp', 'uid', 'scope'])
  t.match(access, {
    auth_time: 1795761200,
    amr: ['pwd', 'mfa'],
    iss: 'http://127.0.0.1:9000/application/o/app/',
  })
  t.equal(access['sid'], 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  const row = (await world.call('GET', '/api/v3/oauth2/refresh_tokens/2/', asAdmin)).json
  t.strictSame(Object.keys(JSON.parse(row.id_token)), [...begin, 'at_hash', 'sid', 'jti', ...claims])
  const again = await refresh(world, answer.json.refresh_token)
  t.notOk('nonce' in decodeJwt(again.json.access_token), 'a refresh leaves the nonce out')
  t.match(JSON.parse((await world.call('GET', '/api/v3/oauth2/refresh_tokens/3/', asAdmin)).json.id_token), {
    nonce: 'n',
  })
})

t.test('a refresh by release', async (t) => {
  const old = ['access_token', 'refresh_token', 'token_type', 'scope', 'expires_in', 'id_token']
  const young = ['access_token', 'token_type', 'scope', 'expires_in', 'id_token', 'refresh_token']
  const kept = young.slice(0, -1)
  const cases: [release: string, threshold: string, keys: string[]][] = [
    ['2024.10.5', 'seconds=0', old],
    ['2025.8.6', 'days=20', old],
    ['2025.10.0', 'seconds=0', young],
    ['2025.10.0', 'days=20', kept],
    ['2026.2.2', 'days=40', kept],
    ['2026.2.3', 'days=20', kept],
    ['2026.2.3', 'days=40', young],
    ['2026.8.3', 'days=40', young],
  ]
  for (const [release, refresh_token_threshold, keys] of cases) {
    const world = await smallWorld({ refresh_token_threshold }, { release })
    const answer = await refresh(world, 'first')
    const name = `${release} ${refresh_token_threshold}`
    t.strictSame(keysOf(answer), keys, name)
    t.equal('scope' in decodeJwt(answer.json.access_token), !keys.includes('refresh_token') || keys === young, name)
    t.equal(world.database.refresh_tokens.get(1)?.revoked, keys !== kept, name)
    t.equal((await refresh(world, 'first')).status, keys === kept ? 200 : 400, name)
  }
})

t.test('a refresh in time, of the right client, within its scope', async (t) => {
  const cases: [more: Record<string, string>, error: string | undefined][] = [
    [{ scope: 'openid' }, 'invalid_scope'],
    [{ scope: 'openid profile offline_access' }, 'invalid_scope'],
    [{ scope: 'offline_access unknown' }, undefined],
    [{ scope: '  ' }, undefined],
    [{ client_secret: '' }, 'invalid_client'],
    [{ refresh_token: 'first ' }, 'invalid_grant'],
    [{ refresh_token: '' }, 'invalid_grant'],
  ]
  for (const [more, error] of cases) {
    const { json } = await refresh(await smallWorld(), 'first', more)
    t.equal(json.error, error, JSON.stringify(more))
    if (error === undefined) t.equal(json.scope, 'openid email offline_access')
  }
  const world = await smallWorld({ refresh_token_validity: 'minutes=1' })
  setClock(world, later(60))
  t.equal((await refresh(world, 'first')).status, 200, 'up to the microsecond of its expiry')
  const late = await smallWorld({ refresh_token_validity: 'minutes=1' })
  setClock(late, later(60) + 1)
  const answer = await refresh(late, 'first')
  t.match(answer, {
    json: { error: 'invalid_grant' },
    reason: 'refresh token 1 expired at 2026-11-27T06:39:20.581000Z',
  })
})

t.test('two refreshes at once both win where the signature takes its time', async (t) => {
  const world = await recordedWorld()
  const form = { grant_type: 'refresh_token', client_id: GRAFANA.client_id, client_secret: GRAFANA.client_secret }
  const send = () => world.call('POST', TOKEN, { form: { ...form, refresh_token: 'lab-refresh-token-2' } })
  const both = await Promise.all([send(), send()])
  t.strictSame(
    both.map(({ status }) => status),
    [200, 200],
  )
  t.not(both[0].json.refresh_token, both[1].json.refresh_token)
  t.not(both[0].json.access_token, both[1].json.access_token)
  t.equal(world.database.refresh_tokens.size, 15)
  t.equal((await send()).status, 400, 'and no third one')
})

t.test('errors name the request from 2025.8 on', async (t) => {
  for (const [release, keys] of [
    ['2025.6.4', ['error', 'error_description']],
    ['2025.8.0', ['error', 'error_description', 'request_id']],
  ] as const) {
    const world = await smallWorld({}, { release })
    t.strictSame(keysOf(await refresh(world, 'nope')), keys)
    t.strictSame(keysOf(await world.call('POST', '/application/o/revoke/', { form: {} })), keys)
  }
})

t.test('scopes stand between what Python takes for white space', async (t) => {
  const world = await smallWorld()
  const scopes: [asked: string, granted: string, remembered: string][] = [
    ['openid email', 'openid email', 'openid email'],
    [' openid \t\r\n email ', 'openid email', 'openid email'],
    ['openid\x1cemail\x85profile', 'openid email profile', 'openid email profile'],
    ['\ufeffopenid', '', '\ufeffopenid'],
    ['openid nope openid', 'openid', 'openid nope openid'],
    ['', '', ''],
  ]
  for (const [scope, granted, remembered] of scopes) {
    const form = { grant_type: 'client_credentials', client_id: 'app', client_secret: 's', scope }
    t.match(await world.call('POST', TOKEN, { form }), { json: { scope: granted } }, JSON.stringify(scope))
    const { json } = await world.call('POST', '/application/o/device/', { form })
    const device = findBySecret(world.database, 'device_codes', 'device_code', json.device_code) as { scope: string[] }
    t.equal(device.scope.join(' '), remembered, JSON.stringify(scope))
  }
})

t.test('client credentials make a user of their own, and renew it', async (t) => {
  const world = await smallWorld({ name: 'ü'.repeat(150) })
  const form = { grant_type: 'client_credentials', client_id: 'app', client_secret: 's', scope: 'openid x openid' }
  const answer = await world.call('POST', TOKEN, { form })
  t.strictSame(keysOf(answer), ['access_token', 'token_type', 'scope', 'expires_in', 'id_token'])
  t.equal(answer.json.scope, 'openid')
  const username = `ak-${'ü'.repeat(128)}-client_credentials`
  const expected = {
    name: 'Autogenerated user from application App (client credentials)',
    path: 'goauthentik.io/apps/app',
    type: 'service_account',
    attributes: { 'goauthentik.io/user/generated': true },
    password_change_date: '2026-11-27T06:38:20.581000Z',
  }
  t.match(world.database.users.find('username', username), expected)
  const users = world.database.users.size
  setClock(world, later(1))
  await world.call('POST', TOKEN, { form })
  t.equal(world.database.users.size, users)
  t.match(world.database.users.find('username', username), { ...expected, last_login: formatInstant(later(1)) })
  const closed = await smallWorld({}, {}, { applications: [{ slug: 'app', allowed_groups: ['authentik Admins'] }] })
  t.match(await closed.call('POST', TOKEN, { form }), { json: { error: 'invalid_grant' } })
  t.ok(closed.database.users.find('username', 'ak-app-client_credentials'), 'it is made before the policy is asked')
})

t.test('app passwords, policies and assertions by release', async (t) => {
  const jwt = (header: object, payload: unknown = {}) =>
    `${[header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`
  const assertion = (client_assertion: string) => ({
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion,
  })
  const cases: [release: string, form: Record<string, string>, outcome: number | string][] = [
    ['2025.2.4', { username: 'left', password: 'left-app-password' }, 200],
    ['2026.2.2', { username: 'left', password: 'left-app-password' }, 'invalid_grant'],
    ['2025.2.4', { username: 'ci-bot', password: 'jane-app-password' }, 'invalid_grant'],
    ['2025.2.4', { username: 'grace', password: 'x' }, 'invalid_grant'],
    ['2025.2.4', { client_secret: Buffer.from('jane:jane-app-password').toString('base64') }, 200],
    ['2025.2.4', assertion(jwt({ alg: 'RS256' })), 405],
    ['2025.2.4', assertion(jwt({ kid: 'x' })), 405],
    ['2025.2.4', assertion(jwt({ kid: 5, alg: 'RS256' })), 'invalid_grant'],
    ['2025.2.4', assertion(jwt({ kid: 'x', alg: 'RS256' })), 'invalid_grant'],
    ['2025.2.4', assertion(jwt({}, [])), 'invalid_grant'],
    ['2025.2.4', assertion('a.b'), 'invalid_grant'],
    ['2026.2.2', assertion(jwt({ alg: 'RS256' })), 'invalid_grant'],
  ]
  for (const [release, form, outcome] of cases) {
    const { call } = await recordedWorld({ release })
    const { status, json } = await call('POST', TOKEN, {
      form: { grant_type: 'client_credentials', client_id: GRAFANA.client_id, ...form },
    })
    t.equal(typeof outcome === 'number' ? status : json?.error, outcome, `${release} ${JSON.stringify(form)}`)
  }
  const expired = { grant_type: 'password', client_id: 'app', username: 'jane', password: 'old' }
  for (const [release, isThere] of [
    ['2026.2.2', false],
    ['2026.5.0', true],
  ] as const) {
    const tokens = { old: { key: 'old', user: 'jane', intent: 'app_password', expires: '-days=1' } }
    const world = await smallWorld({}, { release }, { tokens })
    t.equal((await world.call('POST', TOKEN, { form: expired })).status, 400)
    t.equal(world.database.tokens.get('old') !== undefined, isThere, `an expired app password at ${release}`)
  }
  const { call } = await recordedWorld()
  const grace = { grant_type: 'password', client_id: 'closed-client', username: 'ada', password: 'ada-app-password' }
  t.equal((await call('POST', TOKEN, { form: grace })).status, 200)
})

t.test('a policy looks at the groups above, too', async (t) => {
  const tokens = Object.fromEntries(
    ['below', 'beside'].map((user) => [user, { key: user, user, intent: 'app_password' }]),
  )
  const world = await smallWorld(
    {},
    {},
    {
      groups: [{ name: 'top' }, { name: 'sub', parent: 'top' }, { name: 'else' }],
      users: [{ username: 'below', groups: ['sub'] }, { username: 'beside', groups: ['else'] }, { username: 'jane' }],
      applications: [{ slug: 'app', allowed_groups: ['top'] }],
      tokens,
    },
  )
  const ask = (name: string) =>
    world.call('POST', TOKEN, { form: { grant_type: 'password', client_id: 'app', username: name, password: name } })
  t.equal((await ask('below')).status, 200)
  t.match(await ask('beside'), { status: 400, reason: 'application app is closed to user beside' })
  const [top] = [...world.database.groups.keys()].filter((pk) => world.database.groups.get(pk)?.name === 'top')
  world.database.apply([{ type: 'delete', section: 'groups', key: top as string }])
  t.equal((await ask('beside')).status, 200, 'with its group the policy goes')
})

t.test('who may revoke what, by release', async (t) => {
  const providers = [
    { pk: 1, name: 'app', client_id: 'app', client_secret: 's', jwt_federation_providers: [3] },
    { pk: 2, name: 'spa', client_id: 'spa', client_type: 'public', client_secret: 'p' },
    { pk: 3, name: 'friend', client_id: 'friend', client_secret: 'f' },
  ]
  const refresh_tokens = providers.map(({ pk, name }) => ({ pk, token: name, provider: pk, user: 'jane' }))
  const cases: [release: string, form: Record<string, string>, status: number, isLeft: boolean][] = [
    ['2024.12.3', { client_id: 'spa', token: 'spa' }, 401, true],
    ['2024.12.3', { client_id: 'spa', client_secret: 'p', token: 'app' }, 200, false],
    ['2025.2.0', { client_id: 'spa', token: 'app' }, 200, false],
    ['2026.2.6', { client_id: 'app', client_secret: 's', token: 'spa' }, 200, false],
    ['2026.5.0', { client_id: 'app', client_secret: 's', token: 'spa' }, 200, true],
    ['2026.5.0', { client_id: 'app', client_secret: 's', token: 'friend' }, 200, false],
    ['2026.5.0', { client_id: 'spa', token: 'spa' }, 200, false],
    ['2025.2.4', { client_id: 'app', client_secret: 'x', token: 'app' }, 401, true],
    ['2025.2.4', { token: 'app' }, 401, true],
  ]
  for (const [release, form, status, isLeft] of cases) {
    const { call, database } = await openWorld({
      release,
      fixtures: { users: [{ username: 'jane' }], providers, refresh_tokens },
    })
    t.match(await call('POST', '/application/o/revoke/', { form }), { status }, `${release} ${JSON.stringify(form)}`)
    t.equal(findBySecret(database, 'refresh_tokens', 'token', form['token'] ?? '') !== undefined, isLeft, release)
  }
})

t.test('introspection and userinfo', async (t) => {
  const world = await smallWorld(
    { client_type: 'public', client_secret: '' },
    {},
    {
      access_tokens: [
        { token: 'whole', provider: 1, user: 'jane', scope: ['openid', 'email'], nonce: 'n' },
        { token: 'closed', provider: 1, user: 'jane', scope: ['email'] },
        { token: 'revoked', provider: 1, user: 'jane', scope: ['openid'], revoked: true },
        { token: 'old', provider: 1, user: 'jane', expires: '-seconds=1' },
      ],
    },
  )
  const introspect = (token: string) =>
    world.call('POST', '/application/o/introspect/', { form: { client_id: 'app', token } })
  t.match((await introspect('whole')).json, { nonce: 'n', active: true, scope: 'openid email', client_id: 'app' })
  t.match((await introspect('revoked')).json, { active: false, scope: 'openid' })
  t.strictSame((await introspect('old')).json, { active: false })
  const userinfo = (method: string, sent: Sent, query = '') =>
    world.call(method, `/application/o/userinfo/${query}`, sent)
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
  const answers: [method: string, sent: Sent, query: string, status: number][] = [
    ['GET', bearer('whole'), '', 200],
    ['HEAD', bearer('whole'), '', 200],
    ['POST', { form: { access_token: 'whole' } }, '', 200],
    ['GET', {}, '?access_token=whole', 200],
    ['PUT', bearer('whole'), '', 405],
    ['PUT', {}, '', 401],
    ['GET', bearer('closed'), '', 403],
    ['GET', bearer('revoked'), '', 401],
    ['GET', bearer('old'), '', 401],
    ['GET', bearer('first'), '', 401],
  ]
  for (const [method, sent, query, status] of answers)
    t.match(await userinfo(method, sent, query), { status }, `${method} ${JSON.stringify(sent)} ${query}`)
  const { text } = await userinfo('GET', bearer('whole'))
  t.match(text, /^\{"sub": "[0-9a-f]{64}", "email": "jane@example\.com", "email_verified": true, "nonce": "n"\}$/)
})

t.test('keys: those of the world, and those of the mock', async (t) => {
  const world = await recordedWorld()
  for (const slug of ['grafana', 'es', 'jwe']) {
    const provider = world.database.applications.find('slug', slug)?.provider as number
    const { client_id, client_secret } = world.database.providers.get(provider) ?? {}
    const form = { grant_type: 'password', client_id: String(client_id), client_secret: String(client_secret) }
    const { json } = await world.call('POST', TOKEN, { form })
    const keys = (await world.call('GET', `/application/o/${slug}/jwks/`)).json
    let token = json.access_token
    if (slug === 'jwe') {
      t.strictSame(
        keys.keys.map(({ use }: { use: string }) => use),
        ['sig', 'enc'],
      )
      t.match(decodeProtectedHeader(token), { alg: 'RSA-OAEP-256', enc: 'A256CBC-HS512', typ: 'JWE' })
      const { plaintext } = await compactDecrypt(token, createPrivateKey(WORLD.keys[2].private_key))
      token = String(Buffer.from(plaintext))
    }
    const { protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys), { currentDate: new Date(NOW) })
    t.equal(protectedHeader.alg, slug === 'es' ? 'ES256' : 'RS256')
  }
})

t.test('an unknown key falls to the one of the mock, with a warning', async (t) => {
  const unknown = '0a75746e-7465-4374-8000-000000000099'
  const keys: [signing_key: string, algorithm: string, warnings: string[]][] = [
    ['0a75746e-7465-4374-8000-000000000001', 'RS256', []],
    ['0a75746e-7465-4374-8000-000000000002', 'ES256', []],
    [unknown, 'RS256', [`signing_key: there is no key ${unknown} in this world, so the test key of the mock is used`]],
  ]
  for (const [signing_key, algorithm, warnings] of keys) {
    const world = await smallWorld({ signing_key })
    t.strictSame(world.warnings, warnings)
    const { json } = await refresh(world, 'first')
    const set = (await world.call('GET', '/application/o/app/jwks/')).json
    const { protectedHeader } = await jwtVerify(json.id_token, createLocalJWKSet(set), { currentDate: new Date(NOW) })
    t.match(protectedHeader, { alg: algorithm, kid: set.keys[0].kid, typ: 'JWT' })
    const info = (await world.call('GET', '/application/o/app/.well-known/openid-configuration')).json
    t.strictSame(info.id_token_signing_alg_values_supported, [algorithm])
  }
})

t.test('keys of every kind sign what their public halves verify', async (t) => {
  const signing_key = '0a75746e-7465-4374-8000-0000000000aa'
  const pairs = {
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  }
  for (const [algorithm, { privateKey }] of Object.entries(pairs)) {
    const private_key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const world = await smallWorld({ signing_key }, {}, { keys: [{ pk: signing_key, private_key }] })
    const { json } = await refresh(world, 'first')
    const keys = createLocalJWKSet((await world.call('GET', '/application/o/app/jwks/')).json)
    for (const token of [json.access_token, json.id_token]) {
      const { protectedHeader } = await jwtVerify(token, keys, { currentDate: new Date(NOW) })
      t.equal(protectedHeader.alg, algorithm)
    }
  }
})

t.test('captured rows can be refreshed at once', async (t) => {
  const recorded = JSON.parse(readFileSync(join(import.meta.dirname, '../conformance/2025.2.4/rows.json'), 'utf8'))
  const { database, call, warnings } = await openWorld({ fixtures: recorded })
  t.strictSame(warnings, [])
  const row = database.refresh_tokens.get(2)
  const { client_id, client_secret } = database.providers.get(row?.provider as number) ?? {}
  const refresh_token = secretOf(database, 'refresh_tokens', 'token', row) as string
  const form = {
    grant_type: 'refresh_token',
    refresh_token,
    client_id: `${client_id}`,
    client_secret: `${client_secret}`,
  }
  const { json } = await call('POST', TOKEN, { form })
  const { keys } = (await call('GET', '/application/o/grafana/jwks/')).json
  t.equal(decodeProtectedHeader(json.access_token).kid, keys[0].kid)
  t.match(decodeJwt(json.access_token), { auth_time: 1738570492, aud: client_id })
})

t.test('discovery says where it was asked, and by release what there is', async (t) => {
  const path = '/application/o/app/.well-known/openid-configuration'
  const headers = { host: 'auth.example.com', 'x-forwarded-proto': 'https, http' }
  const { json } = await (await smallWorld()).call('GET', path, { headers })
  t.match(json, { issuer: 'https://auth.example.com/application/o/app/', jwks_uri: /^https:/ })
  for (const [release, has] of [
    ['2025.6.4', false],
    ['2025.8.0', true],
  ] as const)
    t.equal('backchannel_logout_supported' in (await (await smallWorld({}, { release })).call('GET', path)).json, has)
  const { call } = await smallWorld({ issuer_mode: 'global', scopes: [] })
  t.match((await call('GET', path)).json, { issuer: 'http://127.0.0.1:9000/', scopes_supported: ['openid'] })
  const token = 'c'.repeat(32)
  const shown = { headers: { cookie: `authentik_csrf=${token}`, 'x-authentik-csrf': token } }
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'])
    t.match(
      await call(method, '/application/o/nope/', shown),
      { status: 302, headers: { location: '/application/o/nope/.well-known/openid-configuration' } },
      method,
    )
  const allow = 'GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS'
  for (const method of ['TRACE', 'PROPFIND'])
    t.match(await call(method, '/application/o/nope/', shown), { status: 405, headers: { allow } }, method)
  t.match(await call('POST', '/application/o/nope/'), { status: 403 }, 'without a token')
})

t.test('what ends with a session, and with a user', async (t) => {
  const session = '0a75746e-7465-4374-8000-00000000000a'
  const row = { provider: 1, user: 'jane' }
  const tied = { ...row, session }
  const fixtures = {
    sessions: [{ pk: session, user: 'jane' }],
    refresh_tokens: [
      { ...tied, token: 'tied' },
      { ...row, token: 'free' },
    ],
    access_tokens: [tied, row],
    authorization_codes: [tied, row],
    device_codes: [row],
  }
  const sizes = ({ database }: OpenWorld) =>
    (['sessions', 'refresh_tokens', 'access_tokens', 'authorization_codes', 'device_codes'] as const).map(
      (section) => database[section].size,
    )
  const jane = ({ database }: OpenWorld) => database.users.find('username', 'jane')?.pk as number
  const cases: [release: string, left: number[]][] = [
    ['2024.12.3', [0, 2, 1, 1, 1]],
    ['2025.2.4', [0, 1, 1, 1, 1]],
    ['2025.4.0', [0, 0, 0, 1, 0]],
    ['2026.2.2', [0, 0, 0, 1, 0]],
  ]
  for (const [release, left] of cases) {
    const world = await smallWorld({}, { release }, fixtures)
    world.database.apply(endedByDeactivation(world.database, jane(world), findRelease(release) as Release))
    t.strictSame(sizes(world), left, `deactivated at ${release}`)
  }
  const out = await smallWorld({}, {}, fixtures)
  out.database.apply(endedBySession(session))
  t.strictSame(sizes(out), [0, 2, 1, 1, 1], 'logged out')
  const { json } = await refresh(out, 'tied')
  t.notOk('sid' in decodeJwt(json.access_token) || 'amr' in decodeJwt(json.access_token))
  const gone = await smallWorld({}, {}, fixtures)
  gone.database.apply([{ type: 'delete', section: 'users', key: jane(gone) }])
  t.strictSame(sizes(gone), [0, 0, 0, 0, 0], 'deleted')
})

t.test('access tokens and codes in the API, and access tokens as its credentials', async (t) => {
  const scope = ['openid', 'goauthentik.io/api']
  const access_tokens = [
    { token: 'api', provider: 1, user: 'jane', scope },
    { token: 'no-api', provider: 1, user: 'jane' },
    { token: 'old', provider: 1, user: 'jane', scope, expires: '-seconds=1' },
    { token: 'of-left', provider: 1, user: 'left', scope },
  ]
  const users = [
    { username: 'jane', permissions: ['delete_accesstoken'] },
    { username: 'left', is_active: false },
  ]
  const authorization_codes = [{ code: 'secret-code', provider: 1, user: 'jane', scope: ['openid'] }]
  const world = await smallWorld({}, {}, { users, access_tokens, authorization_codes })
  const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
  const list = (section: string, sent: Sent) => world.call('GET', `/api/v3/oauth2/${section}/`, sent)
  t.strictSame((await list('access_tokens', as('api'))).json.pagination.count, 3)
  for (const token of ['no-api', 'old', 'of-left', 'first'])
    t.match(await list('access_tokens', as(token)), { status: 403, json: { detail: 'Token invalid/expired' } }, token)
  t.equal(world.database.access_tokens.size, 3, 'an expired one goes when it is used')
  const code = (await list('authorization_codes', asAdmin)).json.results[0]
  t.strictSame(Object.keys(code), ['pk', 'provider', 'user', 'is_expired', 'expires', 'scope'])
  t.notMatch((await list('access_tokens', asAdmin)).text, /"token"|no-api/)
  t.match(await world.call('DELETE', '/api/v3/oauth2/authorization_codes/1/', as('api')), { status: 403 })
  t.match(await world.call('DELETE', '/api/v3/oauth2/access_tokens/1/', as('api')), { status: 204 })
  t.match(await list('access_tokens', as('api')), { status: 403 })
})

t.test('no secret of a grant ever stands in a body of the API', async (t) => {
  const world = await smallWorld({}, {}, { authorization_codes: [{ code: 'secret-code', provider: 1, user: 'jane' }] })
  const { json } = await exchange(world, 'secret-code')
  for (const section of ['refresh_tokens', 'access_tokens', 'authorization_codes']) {
    const { text } = await world.call('GET', `/api/v3/oauth2/${section}/`, asAdmin)
    for (const secret of ['first', 'secret-code', json.access_token, json.refresh_token])
      t.notOk(text.includes(`"${secret}"`), `${section} ${secret.slice(0, 12)}`)
  }
  const rows = [...world.database.access_tokens.keys()].map((pk) => world.database.access_tokens.get(pk))
  t.match(rows as AccessToken[], [{ token: json.access_token }])
  t.strictSame([...world.database.authorization_codes.keys()] as AuthorizationCode['pk'][], [])
})
