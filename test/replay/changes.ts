import type { Step } from '../../replay/recording.js'
import type { Played, PlayOptions } from './player.js'

/** What may go wrong in the answers of a server, one thing at a time, for the steps of `replay-recording.ts`. */
export type Change = Pick<PlayOptions, 'change' | 'changeToken' | 'end'>

const at = (name: string, edit: (answer: Played, step: Step, values: (name: string) => string) => void): Change => ({
  change(step, answer, values) {
    if (step.name === name) edit(answer, step, values)
    return answer
  },
})
export const inBody = (name: string, from: string | RegExp, to: string) =>
  at(name, (answer) => {
    const body = answer.body.replace(from, to)
    if (body === answer.body) throw new Error(`${name}: nothing to change`)
    answer.body = body
  })
export const header = (name: string, key: string, value: string | string[] | undefined) =>
  at(name, ({ headers }) => {
    if (value === undefined) delete headers[key]
    else headers[key] = value
  })
const claim = (name: string, edit: (claims: Record<string, unknown>) => object): Change => ({
  changeToken: (token, { claims }) => (token === name ? { claims: edit(claims) } : {}),
})

/** The token that a second answer holds, which was the same as in the first. */
const inAgain = (name: string) =>
  at('refresh/again', (answer, _, values) => {
    answer.body = answer.body.replace(values('refresh/hs#id_token'), values(name))
  })

/** What goes wrong in an answer, and the only line that must come of it. */
export const noticed: [what: string, change: Change, line: RegExp][] = [
  [
    'a status',
    at('device/token', (answer) => Object.assign(answer, { status: 401 })),
    /^device\/token: status: got 401, wanted 400$/,
  ],
  [
    'a header',
    header('device/token', 'referrer-policy', 'no-referrer'),
    /^device\/token: header referrer-policy: got no-referrer, wanted same-origin$/,
  ],
  [
    'a missing header',
    header('setup/token', 'cache-control', undefined),
    /^setup\/token: header cache-control: got none, wanted no-store$/,
  ],
  ['an additional header', header('row/detail', 'allow', 'GET'), /^row\/detail: header allow: got GET, wanted none$/],
  [
    'two lines as one',
    header('row/detail', 'vary', 'Accept-Encoding, Cookie'),
    /^row\/detail: header vary: got Accept-Encoding, Cookie, wanted \["Accept-Encoding","Cookie"\]$/,
  ],
  ['the number of another group', inBody('group', '87192', '87193'), /^group: body: got .*87193.*, wanted .*87192/],
  ['an id of another form', header('page', 'x-authentik-id', 'abc'), /^page: header x-authentik-id: got abc/],
  [
    'a length of HEAD',
    header('head', 'content-length', '1534'),
    /^head: header content-length: got 1534, wanted 1533$/,
  ],
  [
    'a redirect',
    header('device/page', 'location', '/if/flow/other/'),
    /^device\/page: header location: got \/if\/flow\/other\//,
  ],
  [
    'a missing cookie',
    header('page', 'set-cookie', undefined),
    /^page: cookie authentik_csrf: got none, wanted authentik_csrf=…; expires=…; Max-Age/,
  ],
  [
    'an attribute of a cookie',
    header('setup/authorize', 'set-cookie', 'authentik_session=x; Path=/'),
    /^setup\/authorize: cookie authentik_session: got authentik_session=…; Path=\/, wanted/,
  ],
  ['an additional cookie', header('head', 'set-cookie', 'a=b'), /^head: cookie a: got a=…, wanted none$/],
  ['a title', inBody('page', 'Erlaubnis', 'Zugang'), /^page: title: got Zugang verweigert & mehr, wanted Erlaubnis/],
  [
    'a way around the pages',
    at('setup/authorize', ({ headers }) =>
      Object.assign(headers, { location: 'https://grafana.example.com/cb?code=1&state=st' }),
    ),
    /^setup\/authorize: header location/,
  ],
  ['a value', inBody('list/after', '"revoked":false', '"revoked":true'), /^list\/after: body: got …[\s\S]*true/],
  [
    'the order of keys',
    inBody('setup/token', /("scope": "[^"]*"), ("expires_in": 300)/, '$2, $1'),
    /^setup\/token: body/,
  ],
  ['spacing', inBody('setup/token', '"scope": ', '"scope":'), /^setup\/token: body/],
  ['an escape', inBody('page', '&', 'und'), /^page: title/],
  ['a missing row', inBody('list/after', /,\{"pk":7.*?"revoked":false\}/, ''), /^list\/after: body: got …/],
  [
    'rows in another order that do not tie',
    at('list/after', (answer) => {
      const { results, ...rest } = JSON.parse(answer.body)
      answer.body = JSON.stringify({ ...rest, results: results.reverse() })
    }),
    /^list\/after: body/,
  ],
  ['an additional scope', inBody('list/after', '["openid"]', '["openid","profile"]'), /^list\/after: body/],
  ['a scope of a token', inBody('refresh/es', 'openid email', 'openid'), /^refresh\/es: body/],
  ['a moment that is too early', inBody('list/after', '06:43:56.629012', '06:43:53.5'), /^list\/after: body/],
  ['a moment that is later', inBody('list/after', '06:43:56.629012', '06:43:58'), /^list\/after: body/],
  [
    'a moment of the world file',
    inBody('list/after', '2099-01-01T00:00:00Z', '2098-12-31T23:59:59.5Z'),
    /^list\/after: body/,
  ],
  [
    'an at_hash in a row',
    inBody('list/after', /(at_hash\\": \\")[\w-]+/, `$1${'A'.repeat(22)}`),
    /^list\/after: body: got [\s\S]*AAAA/,
  ],
  [
    'another session in a row',
    inBody('list/after', /(sid\\": \\")[\w-]+/, `$1${'0'.repeat(64)}`),
    /^list\/after: body: got [\s\S]*0000/,
  ],
  [
    'a text that an earlier answer had otherwise',
    inBody('row/detail', /("id_token":")[\s\S]*?(","revoked)/, '$1{}$2'),
    /^row\/detail: body/,
  ],
  [
    'a stale value',
    at('refresh/es', (answer, _, values) => {
      answer.body = answer.body.replace(values('refresh/es#refresh_token'), values('setup/token#refresh_token'))
    }),
    /^refresh\/es: value refresh_token: got that of setup\/token#refresh_token, wanted a new one$/,
  ],
  ['one value in two forms', inBody('device/begin', /code=\d/, 'code=x'), /^device\/begin: body/],
  [
    'an end',
    { end: (url) => url.replace('state=st', 'state=') },
    /^setup\/authorize: end of the walk: got .*state=, wanted .*state=st$/,
  ],
  [
    'another token in the place of an earlier one',
    inAgain('spare/wrong#id_token'),
    /^refresh\/again: claim amr of refresh\/hs#id_token: got \{"amr":\["mfa"\]\}, wanted \{"amr":\["pwd"\]\}$/,
  ],
  [
    'no token',
    inBody('refresh/jwe', /"access_token": ".*"/, '"access_token": "abc"'),
    /^refresh\/jwe: token access_token: got abc, wanted an encrypted JWT$/,
  ],
  [
    'a token in the clear',
    at('refresh/jwe', (answer, _, values) => {
      answer.body = answer.body.replace(values('refresh/jwe#access_token'), values('hybrid#id_token'))
    }),
    /^refresh\/jwe: token access_token: got eyJ.*, wanted an encrypted JWT$/,
  ],
  [
    'a cut token',
    at('refresh/jwe', (answer, _, values) => {
      answer.body = answer.body.replace(
        values('refresh/jwe#access_token'),
        values('refresh/jwe#access_token')
          .replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'))
          .replace(/\.\w\w/, '.AA'),
      )
    }),
    /^refresh\/jwe: encryption of access_token/,
  ],
  [
    'a signature (RS256)',
    inBody('setup/token', /(id_token": "[^"]*\.)[\w-]{6}/, '$1AAAAAA'),
    /^setup\/token: signature of id_token: got not by the key \w+ of the JWKS \(RS256\), wanted verified$/,
  ],
  [
    'a signature (ES256)',
    inBody('refresh/es', /(id_token": "[^"]*\.)[\w-]{6}/, '$1AAAAAA'),
    /^refresh\/es: signature of id_token: got not by the key \w+ of the JWKS \(ES256\)/,
  ],
  [
    'a signature (HS256)',
    inBody('refresh/hs', /(id_token": "[^"]*\.)[\w-]{6}/, '$1AAAAAA'),
    /^refresh\/hs: signature of id_token: got not by the secret of its client \(HS256\)/,
  ],
  [
    'a claim',
    claim('setup/token#access_token', (claims) => ({ ...claims, aud: 'other' })),
    /^setup\/token: claim aud of access_token: got \{"aud":"other"\}, wanted \{"aud":"grafana"\}$/,
  ],
  [
    'a claim of an HS256 token',
    claim('refresh/hs#id_token', (claims) => ({ ...claims, iss: 'x' })),
    /^refresh\/hs: claim iss of id_token/,
  ],
  [
    'an expiry',
    claim('refresh/es#id_token', ({ exp, ...claims }) => ({ ...claims, exp: Number(exp) + 2 })),
    /^refresh\/es: claims? /,
  ],
  [
    'a missing claim',
    claim('setup/token#access_token', ({ azp: _, ...claims }) => claims),
    /^setup\/token: claims of access_token: got iss [\s\S]*, wanted iss/,
  ],
  [
    'the order of claims',
    claim('setup/token#access_token', ({ iss, ...claims }) => ({ ...claims, iss })),
    /^setup\/token: claims of access_token: got sub/,
  ],
  [
    'an at_hash',
    claim('setup/token#id_token', (claims) => ({ ...claims, at_hash: 'A'.repeat(22) })),
    /^setup\/token: claim at_hash of id_token: got A{22}, wanted [\w-]{22}$/,
  ],
  [
    'a c_hash',
    claim('hybrid#id_token', (claims) => ({ ...claims, c_hash: 'A'.repeat(22) })),
    /^hybrid: claim c_hash of id_token: got A{22}/,
  ],
  [
    'a header of a token',
    {
      changeToken: (name, { header }) =>
        name === 'refresh/hs#id_token' ? { header: { ...header, typ: 'at+jwt' } } : {},
    },
    /^refresh\/hs: header of id_token/,
  ],
]

/** What differs from one run of a real server to the next. */
export const allowed: [what: string, change: Change][] = [
  [
    'the order of a scope',
    inBody('list/after', '["openid","offline_access","email"]', '["email","openid","offline_access"]'),
  ],
  ['the order of the scope of a token', inBody('setup/token', 'openid email', 'email openid')],
  ['a moment that the recorded server reached later', inBody('list/after', '06:43:56.629012', '06:43:56')],
  ['rows that tie', inBody('list/after', /(\{"pk":5.*?"revoked":false\}),(\{"pk":7.*?"revoked":false\})/, '$2,$1')],
  [
    'a second that passed meanwhile',
    claim('setup/token#id_token', (claims) => ({ ...claims, exp: Number(claims['exp']) - 1 })),
  ],
  ['the same token, issued a second later', inAgain('spare/late#id_token')],
  [
    'another group, with the number that follows from its UUID',
    inBody(
      'group',
      '4198aced-7a26-4e0b-9151-d32113ea8c6a","num_pk":87192',
      '5198aced-7a26-4e0b-9151-d32113ea8c6a","num_pk":10846',
    ),
  ],
  ['the rows of a list that the recorder cut', inBody('list/cut', '{"pk":1}', '{"pk":2}')],
]
