import type { RefreshTokenBody } from '../routes/api/v3/oauth2/refresh_tokens/body-schemas.js'
import { ABSENT } from '../upstream/detect-release.js'
import { LIST } from '../upstream/read-rows.js'
import { filters, lists, orderings } from './list-probes.js'
import { anonymous, detail, PAGE, type Probe, probe } from './probe.js'

const MOST_ROWS = 20

/** What both are asked, made to fit the rows of the target. */
export function probesFor(rows: RefreshTokenBody[], key: string): Probe[] {
  const pk = rows[0]?.pk ?? ABSENT
  return [
    ...typicalRows(rows).map((row) => probe(`retrieve/${row.pk}`, detail(row.pk))),
    ...callers(pk),
    ...authorizations(pk, key),
    ...ids(pk),
    ...paths(pk),
    ...methods(pk),
    ...accepts(pk),
    ...languages(pk),
    ...lists(rows.length),
    ...filters(rows, pk),
    ...orderings(),
    ...headers(pk),
    ...neighbours(),
  ]
}

/** One of each user and each provider, one of each state. */
function typicalRows(rows: RefreshTokenBody[]): RefreshTokenBody[] {
  const seen = new Set<string>()
  const typical = rows.filter(({ user, provider, revoked, is_expired, expires }) => {
    const signs = [`u${user.pk}`, `p${provider.pk}`, `${revoked} ${is_expired} ${expires === null}`]
    const isNew = signs.some((sign) => !seen.has(sign))
    for (const sign of signs) seen.add(sign)
    return isNew
  })
  return typical.slice(0, MOST_ROWS)
}

function callers(pk: number): Probe[] {
  const requests: [string, string, string][] = [
    ['list', 'GET', `${LIST}?${PAGE}`],
    ['row', 'GET', detail(pk)],
    ['absent', 'GET', detail(ABSENT)],
    ['malformed', 'GET', detail('abc')],
    ['used-by', 'GET', `${detail(pk)}used_by/`],
    ['used-by-absent', 'GET', `${detail(ABSENT)}used_by/`],
    ['HEAD-list', 'HEAD', `${LIST}?${PAGE}`],
    ['HEAD-detail', 'HEAD', detail(pk)],
    ...['OPTIONS', 'POST', 'PUT', 'PATCH'].flatMap((method): [string, string, string][] => [
      [`${method}-list`, method, LIST],
      [`${method}-detail`, method, detail(pk)],
    ]),
  ]
  return (['caller', 'unknown', undefined] as const).flatMap((as) =>
    requests.map(([name, method, path]) => ({
      name: `who/${as ?? 'anonymous'}/${name}`,
      method,
      path,
      ...(as !== undefined && { as }),
    })),
  )
}

function authorizations(pk: number, key: string): Probe[] {
  const values = {
    'bearer-only': 'Bearer',
    'bearer-space': 'Bearer ',
    'no-scheme': key,
    basic: 'Basic YWRhOmFkYQ==',
    token: `Token ${key}`,
    'lower-case': `bearer ${key}`,
    'upper-case': `BEARER ${key}`,
    'two-spaces': `Bearer  ${key}`,
    'trailing-space': `Bearer ${key} `,
    'trailing-word': `Bearer ${key} x`,
    quoted: `Bearer "${key}"`,
    tab: `Bearer\t${key}`,
    empty: '',
    long: `Bearer ${'x'.repeat(4000)}`,
  }
  return Object.entries(values).flatMap(([name, Authorization]) => [
    anonymous(`authorization/${name}`, detail(pk), { headers: { Authorization } }),
    anonymous(`authorization/${name}/list`, `${LIST}?${PAGE}`, { headers: { Authorization } }),
  ])
}

/** Every way of writing a key that authentik understands, and many that it does not. */
function ids(pk: number): Probe[] {
  const digits = String(pk)
  const inScript = (zero: number) =>
    [...digits].map((digit) => encodeURIComponent(String.fromCodePoint(zero + Number(digit)))).join('')
  const same = [
    `00${digits}`,
    `+${digits}`,
    `%20${digits}%20`,
    `${digits}%0A`,
    `${digits}%20`,
    `%3${digits}`,
    inScript(0x660),
    inScript(0xff10),
    `0_${digits}`,
  ]
  const others = [
    '0',
    '00',
    '-1',
    'abc',
    'null',
    'undefined',
    'NaN',
    'Infinity',
    '1e0',
    '0x1',
    '1__0',
    '_1',
    '1-1',
    '1;x',
  ]
  const odd = ['1,2', "1'", '*', '%00', '1%3F', '%C2%B2', '%e2%98%83', '.', '1%2F', '1.0', '1.json', '%2F']
  const large = ['2147483648', '-2147483649', '9223372036854775808', '9'.repeat(40), '9'.repeat(4301)]
  return [...same, ...others, ...odd, ...large].map((id) => probe(`id/${id.slice(0, 40)}`, detail(id)))
}

function paths(pk: number): Probe[] {
  const odd: [string, string, string][] = [
    ['no-slash', 'GET', `${LIST}${pk}`],
    ['no-slash-head', 'HEAD', `${LIST}${pk}`],
    ['no-slash-options', 'OPTIONS', `${LIST}${pk}`],
    ['no-slash-post', 'POST', `${LIST}${pk}`],
    ['list-no-slash', 'GET', LIST.slice(0, -1)],
    ['double-slash', 'GET', `/${detail(pk)}`],
    ['double-slash-query', 'GET', `/${detail(pk)}?a=b`],
    ['dot-segment', 'GET', `/api/v3/./oauth2/refresh_tokens/${pk}/`],
    ['unknown', 'GET', '/api/v3/nope/'],
    ['unknown-options', 'OPTIONS', '/api/v3/nope/'],
    ['unknown-post', 'POST', '/api/v3/nope/'],
    ['upper-case', 'GET', detail(pk).toUpperCase()],
    ['used-by', 'GET', `${detail(pk)}used_by/`],
    ['used-by-filtered', 'GET', `${detail(pk)}used_by/?user=abc`],
    ['used-by-post', 'POST', `${detail(pk)}used_by/`],
    ['used-by-options', 'OPTIONS', `${detail(pk)}used_by/`],
    ['used-by-deeper', 'GET', `${detail(pk)}used_by/x/`],
  ]
  return odd.map(([name, method, path]) => probe(`path/${name}`, path, { method }))
}

function methods(pk: number): Probe[] {
  const odd = ['TRACE', 'PROPFIND', 'LOCK', 'FOO', 'get'].flatMap((method) => [
    probe(`method/${method}-list`, LIST, { method }),
    probe(`method/${method}-detail`, detail(pk), { method }),
  ])
  const json = { 'Content-Type': 'application/json' }
  return [
    ...odd,
    probe('method/POST-bad-json', detail(pk), { method: 'POST', body: '{bad', headers: json }),
    probe('method/POST-text', LIST, { method: 'POST', body: 'hello', headers: { 'Content-Type': 'text/plain' } }),
    probe('method/GET-body', detail(pk), { body: '{"a": 1}', headers: json }),
  ]
}

function accepts(pk: number): Probe[] {
  const values = [
    ...['*/*', 'application/*', 'APPLICATION/JSON', 'application/json; charset=utf-8', 'application/json;q=0'],
    ...['text/html', 'application/xml', 'application', '*', ',', '', 'application/problem+json', '*/json'],
    ...['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'application/json, text/plain, */*'],
  ]
  return [
    ...values.map((Accept) => probe(`accept/${Accept || 'empty'}`, detail(pk), { headers: { Accept } })),
    probe('accept/none', detail(pk), { headers: { Accept: null } }),
    probe('accept/406-before-auth', detail(pk), { as: 'unknown', headers: { Accept: 'text/html' } }),
    anonymous('accept/406-on-list-anonymous', LIST, { headers: { Accept: 'text/html' } }),
    ...['json', '', 'xml', 'JSON'].map((format) =>
      probe(`format/${format || 'empty'}`, `${detail(pk)}?format=${format}`),
    ),
  ]
}

function languages(pk: number): Probe[] {
  return ['de', 'de-DE,de;q=0.9', 'fr', 'xx', 'zh-Hans', '*'].flatMap((language) => {
    const headers = { 'Accept-Language': language }
    return [
      probe(`language/${language}/row`, detail(pk), { headers }),
      probe(`language/${language}/404`, detail(ABSENT), { headers }),
      probe(`language/${language}/id`, detail('abc'), { headers }),
      anonymous(`language/${language}/403`, LIST, { headers }),
    ]
  })
}

function headers(pk: number): Probe[] {
  const ignored: Record<string, string>[] = [
    { 'X-Request-ID': 'abc', 'X-Authentik-Id': 'abc' },
    { 'If-None-Match': '*' },
    { Range: 'bytes=0-3' },
    { Origin: 'https://elsewhere.example.com' },
    { Cookie: 'authentik_session=x' },
    { 'Accept-Encoding': 'gzip' },
    { 'Accept-Encoding': 'br' },
  ]
  return [
    ...ignored.flatMap((headers) => {
      const name = Object.entries(headers)[0]?.join('=')
      return [
        probe(`header/${name}/404`, detail(ABSENT), { headers }),
        probe(`header/${name}`, detail(pk), { headers }),
        probe(`header/${name}/head`, detail(ABSENT), { method: 'HEAD', headers }),
      ]
    }),
    probe('header/override', detail(ABSENT), { method: 'POST', headers: { 'X-HTTP-Method-Override': 'PUT' } }),
    probe('host/underscore', detail(pk), { headers: { Host: 'my_host:9000' }, endsAnyhow: true }),
    probe('host/unknown', detail(pk), { headers: { Host: 'elsewhere.example.com' } }),
  ]
}

function neighbours(): Probe[] {
  const around = ['/-/health/live/', '/-/health/ready/', '/-/health/live', '/-/metrics/', '/api/v3/', '/api/v3/oauth2/']
  return [
    ...[...around, '/api/v3', '/'].map((path) => anonymous(`neighbour/${path}`, path)),
    anonymous('neighbour/health-head', '/-/health/ready/', { method: 'HEAD' }),
  ]
}

/** Deletes one row, which somebody has allowed, and looks at what is left. They must be sent in this order. */
export function deletion(pk: number): Probe[] {
  const remove: Partial<Probe> = { method: 'DELETE' }
  return [
    anonymous('deletion/anonymous', detail(pk), remove),
    probe('deletion/unknown-key', detail(pk), { ...remove, as: 'unknown' }),
    probe('deletion/bad-filter', `${detail(pk)}?user=abc`, remove),
    probe('deletion/other-user', `${detail(pk)}?user=${ABSENT}`, remove),
    probe('deletion/used-by', `${detail(pk)}used_by/`, remove),
    probe('deletion/no-slash', `${LIST}${pk}`, remove),
    probe('deletion/row', detail(pk), remove),
    probe('deletion/again', detail(pk), remove),
    probe('deletion/read-after', detail(pk)),
    probe('deletion/used-by-after', `${detail(pk)}used_by/`),
    probe('deletion/list-after', `${LIST}?${PAGE}&ordering=pk`),
  ]
}
