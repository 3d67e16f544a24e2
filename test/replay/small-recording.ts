import type { Recording, Step } from '../../replay/recording.js'

/** A recording made by hand: small, and with everything in it that a replay has to understand. */

export const WORLD = {
  install_id: '5f1d7c0e-8f8a-4e0b-9a44-2b8d0f6e7c11',
  groups: [],
  users: [{ pk: 102, username: 'jane', last_login: '2025-02-03T08:14:52Z' }],
  providers: [
    { pk: 11, client_id: 'grafana', client_secret: 'g-secret', application: { slug: 'grafana', name: 'Grafana' } },
    { pk: 12, client_id: 'hs', client_secret: 'hs-secret' },
    { pk: 13, client_id: 'es', client_secret: 'es-secret', application: { slug: 'es', name: 'Es' } },
    { pk: 15, client_id: 'jwe', client_secret: 'jwe-secret', application: { slug: 'jwe', name: 'Jwe' } },
  ],
}

const SID = 'a5ae9d0c622790595d5d0734567f3a3cfce7b3c3b09785b025760777f557d60a'
const AT_HASH = 'kXb0tjDEvHkCs5gG7_3hVw'
const SIGNED_IN = '2026-11-27T06:43:53.799274Z'
const IAT = 1795761836

interface Kids {
  rs: string
  es: string
  enc: string
}

const claimsOf = (aud: string, more: object) => ({
  iss: `http://127.0.0.1:9000/application/o/${aud}/`,
  sub: 'a5484ba7d7388dbec702af646a9dd7196245ddcfcf84b8b74d7350bec8f0db51',
  aud,
  exp: IAT + 300,
  iat: IAT,
  auth_time: 1795761833,
  ...more,
})

function token(alg: string, kid: string | undefined, aud: string, more: object) {
  const header = kid === undefined ? { alg, typ: 'JWT' } : { alg, kid, typ: 'JWT' }
  return { header, claims: claimsOf(aud, more) }
}

const row = (pk: number, provider: number, expires: string, scope: string[], idToken: string) =>
  `{"pk":${pk},"provider":{"pk":${provider}},"user":{"pk":102,"username":"jane","last_login":"${SIGNED_IN}","uid":"a5484ba7d7388dbec702af646a9dd7196245ddcfcf84b8b74d7350bec8f0db51"},"expires":"${expires}","scope":${JSON.stringify(scope)},"id_token":"${idToken}","revoked":false}`

const issued = JSON.stringify(
  JSON.stringify({ iss: 'http://127.0.0.1:9000/', exp: IAT + 300, at_hash: AT_HASH, sid: SID, amr: ['pwd'] }, null, 4),
).slice(1, -1)

/** Rows 5 and 7 tie in what the list is ordered by. */
const rows = [
  row(5, 11, '2099-01-01T00:00:00Z', ['openid', 'email'], '{{row/detail#id_token}}'),
  row(7, 11, '2099-01-01T00:00:00Z', ['openid'], 'none'),
  row(201, 11, '2026-12-27T06:43:56.629012Z', ['openid', 'offline_access', 'email'], issued),
]
const LIST = `{"pagination":{"next":0,"count":3},"results":[${rows.join(',')}]}`

const HEADERS = { 'referrer-policy': 'same-origin', vary: ['Accept-Encoding', 'Cookie'], 'x-authentik-id': '<32 hex>' }
const JSON_TYPE = { ...HEADERS, 'content-type': 'application/json' }
const ADA = { authorization: 'Bearer ada-superuser-token' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const FLOW = '/if/flow/lab-authorization/?client_id=grafana'

const answer = (name: string, refresh = true) =>
  `{"access_token": "{{${name}#access_token}}", "scope": "openid email", "expires_in": 300, "id_token": "{{${name}#id_token}}"${refresh ? `, "refresh_token": "{{${name}#refresh_token}}"` : ''}}`

const tokenStep = (name: string, at: string, form: Record<string, string>): Step => ({
  name,
  at,
  method: 'POST',
  path: '/application/o/token/',
  headers: FORM,
  form,
  status: 200,
  responseHeaders: { ...JSON_TYPE, 'cache-control': 'no-store' },
  responseBody: answer(name),
})

export function smallRecording({ rs, es, enc }: Kids): Recording {
  const mark = { sid: SID, amr: ['pwd'] }
  const access = { azp: 'grafana', uid: '07ihUo1cLxOF9neAkWPJKCMDuhndiasjrqlNYZBe' }
  const uid = { azp: 'grafana', uid: 'znGM0cOHrallkC8nSzf0XR1FIIIoiGjmUBFghKZz' }
  return {
    release: '2025.2.4',
    bodies: [LIST],
    tokens: {
      'setup/token#access_token': token('RS256', rs, 'grafana', { ...mark, ...access }),
      'setup/token#id_token': token('RS256', rs, 'grafana', { at_hash: AT_HASH, ...mark }),
      'refresh/es#access_token': token('ES256', es, 'es', { ...mark, ...uid }),
      'refresh/es#id_token': token('ES256', es, 'es', { amr: ['pwd'] }),
      'refresh/hs#access_token': token('HS256', undefined, 'hs', mark),
      'refresh/hs#id_token': token('HS256', undefined, 'hs', { amr: ['pwd'] }),
      'spare/late#id_token': token('HS256', undefined, 'hs', { amr: ['pwd'], iat: IAT + 1 }),
      'spare/wrong#id_token': token('HS256', undefined, 'hs', { amr: ['mfa'] }),
      'refresh/jwe#access_token': { jwe: { alg: 'RSA-OAEP-256', enc: 'A256CBC-HS512', kid: enc, typ: 'JWE' } },
      'hybrid#id_token': token('RS256', rs, 'grafana', { c_hash: 'LDktKdoQak3Pk0cnXxCltA', at_hash: AT_HASH }),
      'hybrid#access_token': token('RS256', rs, 'grafana', { azp: 'grafana' }),
    },
    steps: [
      {
        name: 'list/before',
        at: '2026-11-27T06:43:55.280Z',
        method: 'GET',
        path: '/api/v3/oauth2/refresh_tokens/?page_size=3',
        headers: ADA,
        status: 200,
        responseHeaders: { ...JSON_TYPE, 'content-length': '1' },
        responseBody: `{"pagination":{"count":2},"results":[${rows.slice(0, 2).join(',')}]}`,
      },
      {
        name: 'setup/authorize',
        at: '2026-11-27T06:43:55.613Z',
        session: 'jane',
        csrfCookie: true,
        method: 'GET',
        path: '/application/o/authorize/?client_id=grafana',
        headers: { accept: 'text/html' },
        status: 302,
        responseHeaders: { ...HEADERS, 'content-length': '0', location: FLOW },
        setsCookies: ['authentik_session=…; HttpOnly; Path=/; SameSite=Lax'],
        responseBody: '',
        ends: 'https://grafana.example.com/cb?code={{setup/after-consent-0#code}}&state=st',
      },
      tokenStep('setup/token', '2026-11-27T06:43:55.904Z', { code: '{{setup/after-consent-0#code}}' }),
      {
        name: 'list/after',
        at: '2026-11-27T06:43:57.000Z',
        method: 'GET',
        path: '/api/v3/oauth2/refresh_tokens/',
        headers: ADA,
        status: 200,
        responseHeaders: JSON_TYPE,
        responseBodyAt: 0,
      },
      {
        name: 'row/detail',
        at: '2026-11-27T06:43:57.100Z',
        method: 'GET',
        path: '/api/v3/oauth2/refresh_tokens/5/',
        headers: ADA,
        status: 200,
        responseHeaders: JSON_TYPE,
        responseBody: rows[0] ?? '',
      },
      {
        name: 'refresh/withheld',
        at: '2026-11-27T06:43:57.200Z',
        method: 'POST',
        path: '/application/o/token/',
        headers: { authorization: 'Basic {{setup/token#refresh_token:base64}}' },
        form: { refresh_token: '{{setup/token#refresh_token}}', client_secret: 'é &+' },
        withheld: true,
      },
      tokenStep('refresh/es', '2026-11-27T06:43:57.300Z', { refresh_token: '{{refresh/withheld#refresh_token}}' }),
      tokenStep('refresh/hs', '2026-11-27T06:43:57.300Z', { refresh_token: '{{refresh/withheld#refresh_token}}' }),
      {
        ...tokenStep('refresh/jwe', '2026-11-27T06:43:57.400Z', { refresh_token: '{{refresh/hs#refresh_token}}' }),
        responseBody: '{"access_token": "{{refresh/jwe#access_token}}"}',
      },
      {
        ...tokenStep('refresh/again', '2026-11-27T06:43:57.450Z', { refresh_token: '{{refresh/hs#refresh_token}}' }),
        responseBody: '{"id_token": "{{refresh/hs#id_token}}"}',
      },
      {
        name: 'hybrid',
        at: '2026-11-27T06:43:57.500Z',
        session: 'jane',
        method: 'GET',
        path: '/application/o/authorize/?response_type=code+id_token+token',
        status: 302,
        responseHeaders: {
          ...HEADERS,
          location:
            'https://grafana.example.com/cb#access_token={{hybrid#access_token}}&id_token={{hybrid#id_token}}&code={{hybrid#code}}&state=a%20b',
        },
        responseBody: '',
      },
      {
        name: 'device/begin',
        at: '2026-11-27T06:43:57.600Z',
        method: 'POST',
        path: '/application/o/device/',
        body: '{"token":"{{setup/token#access_token}}"}',
        headers: { 'content-type': 'application/json' },
        status: 200,
        responseHeaders: JSON_TYPE,
        responseBody:
          '{"device_code": "{{device/begin#device_code}}", "verification_uri_complete": "http://127.0.0.1:9000/device?code={{device/begin#code}}", "user_code": "{{device/begin#code}}"}',
      },
      {
        name: 'device/page',
        at: '2026-11-27T06:43:57.700Z',
        session: 'jane',
        csrfCookie: true,
        method: 'GET',
        path: '/device',
        status: 302,
        responseHeaders: { ...HEADERS, location: '/if/flow/lab-device/' },
        responseBody: '',
      },
      {
        name: 'device/token',
        at: '2026-11-27T06:43:57.800Z',
        method: 'POST',
        path: '/application/o/token/',
        headers: FORM,
        form: { device_code: '{{device/begin#device_code}}' },
        status: 400,
        responseHeaders: { ...JSON_TYPE, 'content-length': '33' },
        responseBody: '{"error": "authorization_pending"}',
      },
      {
        name: 'relogin/page',
        at: '2026-11-27T06:43:57.850Z',
        session: 'jane',
        method: 'GET',
        path: '/flows/-/default/authentication/?next=/application/o/authorize/',
        withheld: true,
      },
      {
        name: 'page',
        at: '2026-11-27T06:43:57.900Z',
        session: null,
        method: 'GET',
        path: '/application/o/authorize/',
        headers: { accept: 'text/html' },
        status: 403,
        responseHeaders: { ...HEADERS, 'content-type': 'text/html; charset=utf-8' },
        setsCookies: ['authentik_csrf=…; expires=…; Max-Age=31449600; Path=/; SameSite=Lax'],
        html: { title: 'Erlaubnis verweigert & mehr' },
      },
      {
        name: 'list/cut',
        at: '2026-11-27T06:43:57.950Z',
        method: 'GET',
        path: '/api/v3/oauth2/access_tokens/?ordering=pk&page_size=100',
        headers: ADA,
        status: 200,
        responseHeaders: JSON_TYPE,
        responseBody: JSON.stringify({ pagination: { count: 104 }, results: Array(100).fill({ pk: 1 }) }),
      },
      {
        name: 'group',
        at: '2026-11-27T06:43:57.980Z',
        method: 'GET',
        path: '/api/v3/core/groups/',
        headers: ADA,
        status: 200,
        responseHeaders: JSON_TYPE,
        responseBody: '{"results":[{"pk":"4198aced-7a26-4e0b-9151-d32113ea8c6a","num_pk":87192,"name":"drawn"}]}',
      },
      {
        name: 'head',
        at: '2026-11-27T06:43:58.000Z',
        method: 'HEAD',
        path: '/api/v3/core/users/102/',
        headers: { ...ADA, accept: null },
        status: 200,
        responseHeaders: { ...HEADERS, 'content-length': '1533' },
        responseBody: '',
      },
    ],
  }
}
