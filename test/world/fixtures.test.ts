import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  FixtureError,
  type Fixtures,
  type RefreshTokenBody,
  type RefreshTokenListBody,
  startMock,
} from '../../src/index.js'
import { avatarOf } from '../../src/world/computed-fields.js'
import { readSources } from '../../src/world/load/files.js'
import { startWorld } from '../../src/world/start.js'
import { readRecording } from '../conformance/exchanges.js'
import { send } from '../http.js'

const LIST = '/api/v3/oauth2/refresh_tokens/'

/** The rows that a mock over fixtures serves, by primary key. */
async function rowsOf(fixtures: Fixtures | Fixtures[], options = {}): Promise<RefreshTokenBody[]> {
  await using mock = await startMock({ fixtures, ...options })
  const { body } = await send(mock.url, {
    path: `${LIST}?ordering=pk&page_size=1000`,
    headers: { Authorization: `Bearer ${mock.token}` },
  })
  return (JSON.parse(body) as RefreshTokenListBody).results
}

async function mistakesOf(json: unknown): Promise<string[]> {
  try {
    await startMock({ fixtures: json as Fixtures })
    return []
  } catch (error) {
    if (!(error instanceof FixtureError)) throw error
    return error.mistakes.map(({ path, found, allowed }) => `${path}: ${found}; ${allowed}`)
  }
}

const BODY = JSON.parse(JSON.stringify([...readRecording('2025.2.4').rows.values()][0])) as RefreshTokenBody

t.test('each mistake says where it is, what was found and what is allowed', async (t) => {
  const mistakes: Record<string, [json: unknown, ...messages: (string | RegExp)[]]> = {
    'no fixture at all': [
      5,
      ': 5; an object with any of install_id, base_url, groups, users, keys, flows, providers, applications, sessions, refresh_tokens, access_tokens, authorization_codes, device_codes, consents, tokens',
    ],
    'seeds without a section': [
      [[{ user: 'jane' }, { user: 'joe' }]],
      /^: a list of what are no bodies of the API; .* seeds stand in their section, as in \{"refresh_tokens"/,
    ],
    'a key by the name that others use': [{ users: [{ id: 4 }] }, 'users[0].id: an unknown field; did you mean pk?'],
    'an unknown section': [{ user: [] }, 'user: an unknown field; did you mean users?'],
    'a section of the wrong type': [{ users: {} }, 'users: {}; a list of users'],
    'a misspelt field': [{ users: [{ usrname: 'a' }] }, 'users[0].usrname: an unknown field; did you mean username?'],
    'a field far from all': [
      { groups: [{ zzzzzz: 1 }] },
      'groups[0].zzzzzz: an unknown field; pk, name, is_superuser, parent, parents, attributes, num_pk, parent_name',
    ],
    'a key that is no number': [{ users: [{ pk: '1' }] }, 'users[0].pk: "1"; an integer from 1 to 2147483647'],
    'a key out of range': [
      { refresh_tokens: [{ pk: 2147483648 }] },
      'refresh_tokens[0].pk: 2147483648; an integer from 1 to 2147483647',
    ],
    'an unknown enum value': [
      { providers: [{ client_type: 'secret' }] },
      'providers[0].client_type: "secret"; "confidential", "public"',
    ],
    'a moment that is none': [
      { refresh_tokens: [{ expires: 'tomorrow' }] },
      /^refresh_tokens\[0\]\.expires: "tomorrow"; an ISO 8601 date, or a time from now/,
    ],
    'a misspelt unit': [{ refresh_tokens: [{ expires: 'day=30' }] }, /^refresh_tokens\[0\]\.expires: "day=30"/],
    'a day that no calendar has': [{ users: [{ last_login: '2025-02-30' }] }, /^users\[0\]\.last_login: "2025-02-30"/],
    'a duration that is none': [
      { providers: [{ access_token_validity: '5m' }] },
      /^providers\[0\]\.access_token_validity: "5m"; a duration/,
    ],
    'no e-mail address': [
      { users: [{ email: 'a b' }] },
      'users[0].email: "a b"; an e-mail address of at most 254 characters, or ""',
    ],
    'a UUID that is none': [{ groups: [{ pk: '1' }] }, 'groups[0].pk: "1"; a UUID'],
    'an unknown permission': [
      { users: [{ permissions: ['delete'] }] },
      'users[0].permissions[0]: "delete"; view_, add_, change_, delete_ and one of refreshtoken, accesstoken, authorizationcode, user, group, application, provider, oauth2provider, token, authenticatedsession, userconsent, scopemapping; or view_token_key',
    ],
    'half an application': [
      { providers: [{ application: { slug: 'a' } }] },
      'providers[0].application.name: nothing; a text',
    ],
    'a redirect URI as text': [
      { providers: [{ redirect_uris: ['https://a'] }] },
      'providers[0].redirect_uris[0]: "https://a"; a redirect URI: {matching_mode, url}',
    ],
    'a mistake inside an inline row': [
      { refresh_tokens: [{ user: { pk: 0 } }] },
      'refresh_tokens[0].user.pk: 0; an integer from 1 to 2147483647',
    ],
    'a reference of the wrong type': [
      { refresh_tokens: [{ provider: true }] },
      'refresh_tokens[0].provider: true; a primary key, a provider name, or an object that describes it',
    ],
    'a reference to nobody': [
      { users: [{ username: 'jane' }], refresh_tokens: [{ user: 'jnae' }] },
      'refresh_tokens[0].user: "jnae", but there is no such user; did you mean "jane"?',
    ],
    'a key of nobody': [
      { refresh_tokens: [{ provider: 7 }] },
      'refresh_tokens[0].provider: 7, but there is no such provider; the primary key or name of a provider',
    ],
    'a group of nobody': [
      { users: [{ groups: ['a'] }] },
      'users[0].groups[0]: "a", but there is no such group; the primary key or name of a group',
    ],
    'a parent of nobody': [
      { groups: [{ name: 'a', parent: 'b' }] },
      'groups[0].parent: "b", but there is no such group; the primary key or name of a group',
    ],
    'the same row twice': [
      { users: [{ pk: 5 }, { pk: 5 }] },
      'users[1]: the user of users[0] again; each user once in a list',
    ],
    'one username, two keys': [
      {
        users: [
          { pk: 5, username: 'a' },
          { pk: 6, username: 'b' },
        ],
        refresh_tokens: [{ user: { pk: 5, username: 'b' } }],
      },
      'refresh_tokens[0].user: username "b", which belongs to another user (fixtures users[1]); one that no other user has',
    ],
    'one client_id, two providers': [
      {
        providers: [
          { name: 'a', client_id: 'x' },
          { name: 'b', client_id: 'x' },
        ],
      },
      'providers[1].client_id: "x" of provider 1; one that no other provider has',
    ],
    'one application, two providers': [
      {
        providers: [
          { name: 'a', application: { slug: 's', name: 'S' } },
          { name: 'b', application: { slug: 's', name: 'S' } },
        ],
      },
      'providers[1].application.slug: "s" of provider 1; one that no other provider has',
    ],
    'one UUID, two users': [
      { users: ['a', 'b'].map((username) => ({ username, uuid: '6c1b2f7e-3a4d-4e5f-8a9b-0c1d2e3f4a5b' })) },
      'users[1].uuid: "6c1b2f7e-3a4d-4e5f-8a9b-0c1d2e3f4a5b" of user 2; one that no other user has',
    ],
    'a token without a user': [
      { tokens: { a: { key: 'k' } } },
      'tokens.a.user: nothing; a primary key, a username, or an object that describes it',
    ],
    'a key with a space': [
      { tokens: { 'a b': { key: 'k k', user: 'akadmin' } } },
      'tokens["a b"].key: another text; a text of visible ASCII characters without spaces',
    ],
    'one key, two tokens': [
      { tokens: { a: { key: 'k', user: 'akadmin' }, b: { key: 'k', user: 'akadmin' } } },
      'tokens.b.key: the key of API token "a"; one that no other API token has',
    ],
    'the key of --token for somebody': [
      { users: [{ username: 'jane' }], tokens: { a: { key: 'authentik-mock-token', user: 'jane' } } },
      'tokens.a.key: the key of --token; it only for a superuser',
    ],
    'an install id that is none': [{ install_id: 'x' }, 'install_id: "x"; a UUID'],
    'a base URL with a path': [{ base_url: 'https://a?b' }, 'base_url: "https://a?b"; an http or https URL'],
    'half a body': [
      [{ pk: 1, id_token: '{}' }],
      '[0].provider: nothing; the provider of the body',
      '[0].user: nothing; the user of the body',
    ],
    'a body with a wrong field': [[{ ...BODY, revoked: 'no' }], '[0].revoked: "no"; true or false'],
    'a body with a wrong user': [
      { pagination: {}, results: [{ ...BODY, user: { ...BODY.user, is_active: 'x' } }] },
      'results[0].user.is_active: "x"; true or false',
    ],
  }
  const check = async (when: string) => {
    for (const [name, [json, ...messages]] of Object.entries(mistakes))
      t.match(await mistakesOf(json), messages, `${name}, ${when}`)
  }
  await check('among few rows')
  // After a thousand rows, a schema is compiled.
  const many = Array.from({ length: 1000 }, (_, i) => i + 1)
  t.equal((await rowsOf({ refresh_tokens: many.map((pk) => ({ pk, scope: [] })) })).length, many.length)
  t.equal((await rowsOf(many.map((pk) => ({ ...BODY, pk })))).length, many.length)
  await check('after many rows')
})

t.test('all mistakes are named at once, with their files', async (t) => {
  const folder = t.testdir({
    'a.json':
      '{"users": [{"pk": 0, "nmae": "x", "type": "y", "email": "z", "groups": 1, "uid": 2, "path": 3, "avatar": 4, "is_active": 5, "uuid": 6}]}',
    'b.json': '{"users": [\n  {"pk": 1,, }]}',
    empty: {},
  })
  const sources = await readSources([folder, join(folder, 'empty'), join(folder, 'none.json')])
  const error = await startWorld({ sources, generate: 0, seed: 1, token: 'k', begin: 0 }).catch((error) => error)
  t.ok(error instanceof FixtureError)
  const mistakes = (error as FixtureError).mistakes.map(
    ({ file, path, found }) => `${file.replace(folder, '')} ${path} ${found}`,
  )
  t.equal(mistakes.filter((mistake) => mistake.startsWith('/a.json users[0].')).length, 10)
  t.match(mistakes.at(-3), /^\/b\.json {2}a JSON mistake in line 2, column 12: /)
  t.match(mistakes.at(-2), '/empty  a folder without *.json')
  t.match(mistakes.at(-1), '/none.json  nothing there')
})

t.test('of very many mistakes the first are told, and that there are more', async (t) => {
  const fixture = (count: number) => ({ users: Array.from({ length: count }, (_, i) => ({ pk: i + 1, nmae: 'x' })) })
  const few = await mistakesOf(fixture(500))
  t.equal(few.length, 500)
  t.match(few.at(-1), /^users\[499\]\.nmae: /)
  const many = await mistakesOf(fixture(10_000))
  t.match(many[0], /^users\[0\]\.nmae: /)
  t.ok(many.length > 500 && many.length <= 2001, String(many.length))
  t.match(many.at(-1), `found more mistakes than the ${many.length - 1} that are told here`.slice(6))
})

t.test('everything that can be left out can be left out', async (t) => {
  const [row, second] = await rowsOf({ refresh_tokens: [{}, {}] })
  t.match(row, {
    pk: 1,
    is_expired: false,
    revoked: false,
    provider: { name: /^Provider for / },
    user: { name: /\w+ \w+/, is_active: true },
  })
  t.ok(row?.scope.includes('offline_access'))
  t.equal(JSON.parse(row?.id_token ?? '').aud, row?.provider.client_id)
  t.notSame(row?.user.pk, second?.user.pk)
  t.strictSame(await rowsOf({}), [])
  t.strictSame(await rowsOf([]), [])
})

t.test('what a seed leaves out is what authentik gives a new object', async (t) => {
  const [row] = await rowsOf({ users: [{ username: 'bob' }], providers: [{ name: 'P' }], refresh_tokens: [{}] })
  t.match(row?.user, {
    username: 'bob',
    email: 'bob@example.com',
    attributes: {},
    groups: [],
    groups_obj: [],
    path: 'users',
    type: 'internal',
    last_login: null,
  })
  t.equal(row?.user.avatar, avatarOf(row?.user.name ?? '', 'bob'))
  t.match(row?.provider, {
    ...{
      name: 'P',
      assigned_application_slug: null,
      client_type: 'confidential',
      redirect_uris: [],
      property_mappings: [],
      signing_key: null,
    },
    ...{
      access_code_validity: 'minutes=1',
      access_token_validity: 'hours=1',
      refresh_token_validity: 'days=30',
      include_claims_in_id_token: true,
    },
    ...{ sub_mode: 'hashed_user_id', issuer_mode: 'per_provider', client_id: /^\w{40}$/, client_secret: /^\w{128}$/ },
  })
  const { exp, iat } = JSON.parse(row?.id_token ?? '')
  t.equal(exp - iat, 30 * 86400)
})

t.test('references are followed by key, by name and in place', async (t) => {
  const rows = await rowsOf([
    {
      groups: [{ name: 'staff', is_superuser: true }],
      users: [{ pk: 7, username: 'jane', groups: ['staff', { name: 'inline' }] }],
      providers: [{ pk: 3, name: 'P' }],
    },
    {
      refresh_tokens: [
        { user: 7, provider: 3 },
        { user: 'jane', provider: 'P' },
        {
          user: { username: 'new', email: 'n@example.org' },
          provider: { name: 'Q', application: { slug: 'q', name: 'Q' } },
        },
        { user: { username: 'jane', name: 'Jane Doe' }, provider: 'Q' },
      ],
    },
  ])
  t.strictSame(
    rows.map((row) => row.user.username),
    ['jane', 'jane', 'new', 'jane'],
  )
  t.strictSame(
    rows.map((row) => row.provider.name),
    ['P', 'P', 'Q', 'Q'],
  )
  t.strictSame(
    rows.map((row) => row.user.name === 'Jane Doe'),
    [true, true, false, true],
    'described in place, changed everywhere',
  )
  t.match(rows[0]?.user, {
    is_superuser: true,
    groups_obj: [{ name: 'staff' }, { name: 'inline', is_superuser: false }],
  })
})

t.test('later fixtures are merged over earlier ones', async (t) => {
  const first = {
    users: [{ pk: 7, username: 'jane', email: 'old@example.org' }],
    refresh_tokens: [{ pk: 1, user: 7, revoked: false }],
  }
  const [row] = await rowsOf([
    first,
    { users: [{ pk: 7, email: 'new@example.org' }] },
    { refresh_tokens: [{ pk: 1, revoked: true }] },
  ])
  t.match(row, { revoked: true, user: { username: 'jane', email: 'new@example.org' } })
})

t.test('relative times count from the start', async (t) => {
  const [expired, live, never] = await rowsOf({
    refresh_tokens: [{ expires: '-hours=1;minutes=5' }, { expires: 'days=1' }, { expires: null }],
  })
  t.match([expired?.is_expired, live?.is_expired, never?.is_expired], [true, false, false])
  const hours = (row: RefreshTokenBody | undefined) =>
    Math.round(((Date.parse(row?.expires ?? '') - Date.now()) / 3.6e6) * 10) / 10
  t.strictSame([hours(expired), hours(live), never?.expires], [-1.1, 24, null])
})

t.test('bodies come back byte for byte at the release they came from', async (t) => {
  for (const release of ['2024.12.3', '2025.2.4', '2026.2.2']) {
    const rows = [...readRecording(release).rows.values()]
    for (const [form, fixtures] of Object.entries({
      array: rows,
      list: { pagination: {}, results: rows } as unknown as Fixtures,
      single: rows[0] as unknown as Fixtures,
    })) {
      const served = await rowsOf(fixtures as Fixtures, { release })
      for (const row of served)
        t.equal(
          JSON.stringify(row),
          JSON.stringify(rows.find(({ pk }) => pk === row.pk)),
          `${release} as ${form}, row ${row.pk}`,
        )
      t.equal(served.length, form === 'single' ? 1 : rows.length)
    }
  }
})

t.test('a captured avatar, uid and superuser stay as they were captured', async (t) => {
  const user = { ...BODY.user, avatar: 'https://www.gravatar.com/avatar/x', uid: 'f'.repeat(64), is_superuser: false }
  const [row] = await rowsOf([{ ...BODY, user }])
  t.equal(JSON.stringify(row), JSON.stringify({ ...BODY, user }))
})

t.test('bodies that disagree: the later wins, and both are named', async (t) => {
  const other = { ...BODY, pk: 2, user: { ...BODY.user, email: 'other@example.com' } }
  const sources = [{ file: 'rows.json', json: [BODY, other] }]
  const { warnings } = await startWorld({ sources, generate: 0, seed: 1, token: 'k', begin: 0 })
  t.strictSame(warnings, [
    'user 101 differs in email between rows.json [0].user and rows.json [1].user: the later is used',
  ])
  t.strictSame(
    (await rowsOf([BODY, other])).map((row) => row.user.email),
    ['other@example.com', 'other@example.com'],
  )
})

t.test('captured rows travel between releases', async (t) => {
  const old = [...readRecording('2024.12.3').rows.values()]
  const [row] = await rowsOf(old, { release: '2026.2.2' })
  t.match(row, {
    provider: {
      logout_uri: '',
      logout_method: 'backchannel',
      refresh_token_threshold: 'seconds=0',
      assigned_backchannel_application_slug: null,
    },
    user: { roles: [], roles_obj: [] },
  })
  const young = [...readRecording('2026.2.2').rows.values()]
  const [back] = await rowsOf(young, { release: '2024.10.0' })
  t.equal(back?.provider.redirect_uris, 'https://grafana.example.com/login/generic_oauth')
  t.notOk('logout_uri' in (back?.provider ?? {}))
  const [again] = await rowsOf([
    { ...back, provider: { ...back?.provider, redirect_uris: 'https://a\n.*' } } as RefreshTokenBody,
  ])
  t.strictSame(again?.provider.redirect_uris, [
    { matching_mode: 'strict', url: 'https://a' },
    { matching_mode: 'regex', url: '.*' },
  ])
})

t.test('fixtures and made-up rows mix', async (t) => {
  const rows = await rowsOf(
    { users: [{ pk: 3, username: 'jane' }], providers: [{ pk: 1, name: 'P' }], refresh_tokens: [{ pk: 2 }, { pk: 9 }] },
    { generate: 20 },
  )
  t.equal(rows.length, 22)
  t.strictSame(
    rows.filter((row) => row.user.username === 'jane').map((row) => row.pk),
    [2, 9],
    'nobody else got a row of theirs',
  )
  t.strictSame(
    rows.filter((row) => row.provider.name === 'P').map((row) => row.pk),
    [2, 9],
  )
})

t.test('files are read one by one and by the folder', async (t) => {
  const folder = t.testdir({
    'b.json': '{"refresh_tokens": [{"pk": 1, "user": "jane"}]}',
    'a.json': '\ufeff{"users": [{"username": "jane"}]}',
    'notes.txt': 'x',
  })
  mkdirSync(join(folder, 'sub'))
  writeFileSync(join(folder, 'sub', 'c.json'), 'not read')
  t.strictSame(
    (await rowsOf(folder)).map((row) => row.user.username),
    ['jane'],
  )
  t.strictSame(
    (await rowsOf([join(folder, 'b.json'), join(folder, 'a.json')])).map((row) => row.user.username),
    ['jane'],
  )
})

const SECRET = 'hush-hush hush'

t.test('what is wrong with a secret is said without it', async (t) => {
  const cases: [fixtures: object, said: RegExp][] = [
    [{ providers: [{ name: 'p', client_secret: SECRET.repeat(20) }] }, /client_secret: found another text; allowed: /],
    [{ providers: [{ name: 'p', client_secret: [SECRET] }] }, /client_secret: found a list; allowed: /],
    [{ tokens: { ada: { user: 1, key: SECRET } } }, /^fixtures: tokens\.ada\.key: found another text; allowed: /],
    [{ refresh_tokens: [{ token: SECRET }] }, /^fixtures: refresh_tokens\[0\]\.token: found another text; allowed: /],
    [{ access_tokens: [{ token: { a: SECRET } }] }, /token: found an object; allowed: /],
    [{ authorization_codes: [{ code: SECRET }] }, /code: found another text; allowed: /],
    [{ device_codes: [{ device_code: [SECRET] }] }, /device_code: found a list; allowed: /],
    [{ sessions: [{ key: SECRET }] }, /key: found another text; allowed: /],
    [{ keys: [{ name: 'k', private_key: SECRET }] }, /private_key: found another text; allowed: /],
    [{ keys: { k: { private_key: SECRET, n: 12345678901234567890n } } }, /keys: found \{"k":\{"private_key":"…","n":1/],
  ]
  for (const [fixtures, said] of cases) {
    const { message } = (await t.rejects(startMock({ fixtures }), { name: 'FixtureError' })) as Error
    t.match(message, said)
    t.notMatch(message, /hush/)
  }
})

const UNHELD = 'text without U+0000 and lone surrogates, which a database cannot hold'

t.test('a text that no database can hold is a mistake, wherever it stands in a row', async (t) => {
  const user = { username: 'jane' }
  const mistakes: [json: unknown, ...found: string[]][] = [
    [{ users: [user, { name: 'a\0b' }] }, 'users[1].name: U+0000'],
    [{ users: [{ name: '\u{1f680}\ud83d' }] }, 'users[0].name: the lone surrogate U+D83D'],
    [{ users: [{ name: '\udfff' }] }, 'users[0].name: the lone surrogate U+DFFF'],
    [{ users: [{ attributes: { a: ['x', { b: '\0' }] } }] }, 'users[0].attributes.a[1].b: U+0000'],
    [{ groups: [{ name: 'g', attributes: { 'a\0': 1 } }] }, 'groups[0].attributes["a\\u0000"]: a name with U+0000'],
    [{ users: [{ groups: [{ name: '\0' }] }] }, 'users[0].groups[0].name: U+0000'],
    [
      { providers: [{ name: '\0', client_secret: 'hush\0' }] },
      'providers[0].name: U+0000',
      'providers[0].client_secret: U+0000',
    ],
    [
      { refresh_tokens: [{ user, scope: ['openid', '\ud800'] }] },
      'refresh_tokens[0].scope[1]: the lone surrogate U+D800',
    ],
    [{ refresh_tokens: [{ user, id_token: 'a\0' }] }, 'refresh_tokens[0].id_token: U+0000'],
    [{ authorization_codes: [{ user, nonce: '\0' }] }, 'authorization_codes[0].nonce: U+0000'],
    [{ tokens: { 'a\0': { key: 'k', user } } }, 'tokens["a\\u0000"].name: U+0000'],
    [{ captured: true, users: [{ name: '\0' }] }, 'users[0].name: U+0000'],
    [[{ ...BODY, user: { ...BODY.user, name: '\0' } }], '[0].user.name: U+0000'],
  ]
  for (const [json, ...found] of mistakes)
    t.strictSame(
      await mistakesOf(json),
      found.map((one) => `${one}; ${UNHELD}`),
      JSON.stringify(json).slice(0, 80),
    )
  const [row] = await rowsOf({
    users: [{ username: 'jane', name: '\u{1f680}', attributes: { '\u{1f680}': '\ud83d\ude80\u0001\uffff' } }],
    refresh_tokens: [{ user: 'jane', claims: { 'a\0': '\ud800' } }],
  })
  t.equal(JSON.parse(row?.id_token ?? '')['a\0'], '\ud800', 'an id_token escapes what is not ASCII')
})

t.test('a number in YAML where a text belongs is told as it is written, and what it lacks', async (t) => {
  const secretly = 'a text of visible ASCII characters without spaces'
  const mistakes: [yaml: string, mistake: string][] = [
    ['users: [{username: 1.0}]', 'users[0].username: 1.0 without quotes; a text of at most 150 characters'],
    ['users:\n- name: 0x1F', 'users[0].name: 0x1F without quotes; a text'],
    ['groups: [{name: a}, {name: 007}]', 'groups[1].name: 007 without quotes; a text'],
    ['groups: [{name: true}]', 'groups[0].name: true without quotes; a text'],
    ['groups: [{name: ~}]', 'groups[0].name: null; a text'],
    ['groups: [{name: {a: 1.0}}]', 'groups[0].name: {"a":1}; a text'],
    ['refresh_tokens: [{scope: [openid, 1.50]}]', 'refresh_tokens[0].scope[1]: 1.50 without quotes; a scope name'],
    ['tokens: {2.50: {key: 314159, user: akadmin}}', `tokens["2.50"].key: a number without quotes; ${secretly}`],
    ['users: [{is_active: 1.0}]', 'users[0].is_active: 1; true or false'],
  ]
  for (const [i, [yaml, mistake]] of mistakes.entries()) {
    const folder = t.testdir({ [`${i}.yaml`]: yaml })
    t.match(await mistakesOf(join(folder, `${i}.yaml`)), [mistake], yaml)
  }
  const folder = t.testdir({
    'a.yaml': 'users: [{username: jane, attributes: {1.0: a, 007: b}}]\nrefresh_tokens: [{user: jane}]',
  })
  t.match((await rowsOf(join(folder, 'a.yaml') as unknown as Fixtures))[0]?.user.attributes, { '1.0': 'a', '007': 'b' })
})
