import t, { type Test } from 'tap'
import { type Mock, type MockOptions, type Seeds, startMock } from '../../src/index.js'
import { send, type WireAnswer } from '../http.js'

/** The routes next to the tokens: users, groups, applications, providers, API tokens, sessions, consents. */

const UUIDS = ['a', 'b', 'c'].map((digit) => `${digit.repeat(8)}-0000-4000-8000-000000000000`) as [
  string,
  string,
  string,
]
const SESSION = '5e551011-0000-4000-8000-000000000000'
const CONSENT = 'c0115e11-0000-4000-8000-000000000000'
const WORLD: Seeds = {
  groups: [
    { pk: UUIDS[0], name: 'admins', is_superuser: true },
    { pk: UUIDS[1], name: 'staff', attributes: { floor: 3 } },
  ],
  users: [
    { pk: 1, username: 'ada', name: 'Ada', groups: ['admins'], email: 'ada@example.com' },
    { pk: 2, username: 'jane', name: 'Jane', groups: ['staff'], attributes: { upn: 'jane@corp.example.com' } },
    { pk: 3, username: 'left', name: 'Left', is_active: false, path: 'users/gone' },
    { pk: 4, username: 'bot', type: 'service_account', permissions: ['view_user', 'change_user', 'view_token_key'] },
    { pk: 5, username: 'outpost', type: 'internal_service_account' },
    { pk: 6, username: 'janitor', permissions: ['view_user', 'delete_user', 'view_application'] },
  ],
  providers: [
    { pk: 1, name: 'wiki', client_id: 'wiki', scopes: ['openid', 'email', 'offline_access'] },
    { pk: 2, name: 'spa', client_id: 'spa', client_type: 'public' },
  ],
  applications: [
    { pk: UUIDS[2], name: 'Wiki', slug: 'wiki', provider: 'wiki', allowed_groups: ['staff'] },
    { name: 'Open', slug: 'open' },
  ],
  refresh_tokens: [
    { pk: 1, user: 'jane', provider: 1, session: SESSION },
    { pk: 2, user: 'jane', provider: 1 },
  ],
  access_tokens: [{ pk: 1, user: 'jane', provider: 1 }],
  sessions: [{ pk: SESSION, user: 'jane' }],
  consents: [{ pk: CONSENT, user: 'jane', application: 'wiki', scope: ['openid'] }],
  tokens: Object.fromEntries(
    ['ada', 'jane', 'bot', 'outpost', 'janitor'].map((user) => [user, { key: `${user}-key`, user }]),
  ),
}
const API = '/api/v3'
const USERS = `${API}/core/users/`

interface Asked {
  method?: string
  as?: string | null
  body?: string | object | undefined
  type?: string
}

// biome-ignore lint/suspicious/noExplicitAny: bodies are of all shapes
type Json = any

async function ask(
  { url }: Pick<Mock, 'url'>,
  path: string,
  { method = 'GET', as = 'ada', body, type = 'application/json' }: Asked = {},
): Promise<WireAnswer & { json: Json }> {
  const text = typeof body === 'object' ? JSON.stringify(body) : body
  const answer = await send(url, {
    method,
    path,
    headers: {
      ...(as !== null && { Authorization: `Bearer ${as}-key` }),
      ...(text !== undefined && { 'Content-Type': type, 'Content-Length': String(Buffer.byteLength(text)) }),
    },
    ...(text !== undefined && { body: text }),
  })
  return { ...answer, json: /^[[{]/.test(answer.body) ? JSON.parse(answer.body) : undefined }
}

/** A test of a mock of its own. */
function behaves(name: string, body: (t: Test, mock: Mock) => Promise<void>, options: MockOptions = {}): void {
  t.test(name, async (t) => {
    await using mock = await startMock({ fixtures: WORLD, ...options })
    await body(t, mock)
  })
}

const forbidden = { detail: 'You do not have permission to perform this action.' }
const missing = { detail: 'Not found.' }

behaves('users are switched off and renamed by PATCH', async (t, mock) => {
  const { json: before } = await ask(mock, `${USERS}2/`)
  const cases: [body: unknown, change: object][] = [
    [{ name: '  Jane D. ' }, { name: 'Jane D.' }],
    [{ name: '' }, { name: '' }],
    [{ name: 7 }, { name: '7' }],
    [{ is_active: 'false' }, { is_active: false }],
    [{ is_active: 1 }, { is_active: true }],
    [{ pk: 9, uuid: 'x', is_superuser: true, avatar: '', unknown: [] }, {}],
    [{}, {}],
    [undefined, {}],
  ]
  let wanted = before
  for (const [body, change] of cases) {
    wanted = { ...wanted, ...change }
    const { status, json, headers } = await ask(mock, `${USERS}2/`, { method: 'PATCH', body: body as object })
    const said = JSON.stringify(body)
    t.equal(status, 200, said)
    t.strictSame({ ...json, avatar: '' }, { ...wanted, avatar: '' }, said)
    t.equal(headers['allow'], 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS')
    t.strictSame((await ask(mock, `${USERS}2/`)).json, json, 'and so it stays')
  }
  const slim = await ask(mock, `${USERS}2/?include_groups=false`, { method: 'PATCH', body: {} })
  t.equal(slim.json.groups_obj, null, 'the answer has what the query asks for')
})

behaves('what PATCH refuses, and changes nothing', async (t, mock) => {
  const { body: before } = await ask(mock, `${USERS}2/`)
  const boolean = ['Must be a valid boolean.']
  const whole = (text: string) => ({ non_field_errors: [text] })
  const cases: [asked: Asked & { path?: string }, status: number, answer: unknown][] = [
    [{ body: { is_active: 'perhaps' } }, 400, { is_active: boolean }],
    [{ body: { is_active: [] } }, 400, { is_active: boolean }],
    [{ body: { is_active: null } }, 400, { is_active: ['This field may not be null.'] }],
    [{ body: { name: null } }, 400, { name: ['This field may not be null.'] }],
    [{ body: { name: true } }, 400, { name: ['Not a valid string.'] }],
    [{ body: { name: {} } }, 400, { name: ['Not a valid string.'] }],
    [{ body: { name: 'a\0b' } }, 400, { name: ['Null characters are not allowed.'] }],
    [{ body: { is_active: 2, name: [] } }, 400, { name: ['Not a valid string.'], is_active: boolean }],
    [{ body: [] }, 400, whole('Invalid data. Expected a dictionary, but got list.')],
    [{ body: '1.5' }, 400, whole('Invalid data. Expected a dictionary, but got float.')],
    [{ body: '7' }, 400, whole('Invalid data. Expected a dictionary, but got int.')],
    [{ body: 'true' }, 400, whole('Invalid data. Expected a dictionary, but got bool.')],
    [{ body: '"x"' }, 400, whole('Invalid data. Expected a dictionary, but got str.')],
    [{ body: 'null' }, 400, whole('No data provided')],
    [{ body: '{"name":', type: 'application/json' }, 400, undefined],
    [{ body: '{}', type: 'text/plain' }, 415, { detail: 'Unsupported media type "text/plain" in request.' }],
    [{ body: { name: 'x' }, path: '5/' }, 400, whole("Can't modify internal service account users")],
    [{ body: { name: 'x' }, path: '999/' }, 404, missing],
    [{ body: { name: 'x' }, as: 'jane' }, 403, forbidden],
    [{ body: { name: 'x' }, as: 'janitor' }, 403, forbidden],
    [{ body: '{', as: 'janitor' }, 403, forbidden],
    [{ body: { name: 'x' }, as: null }, 403, forbidden],
    [{ body: { name: 'x' }, as: 'outpost' }, 404, missing],
  ]
  for (const [{ path = '2/', ...asked }, status, answer] of cases) {
    const got = await ask(mock, USERS + path, { method: 'PATCH', ...asked })
    const said = `${path} ${JSON.stringify(asked)}`
    t.equal(got.status, status, said)
    if (answer !== undefined) t.strictSame(got.json, answer, said)
    else t.match(got.json.detail, /^JSON parse error - /, said)
  }
  for (const field of ['username', 'email', 'groups', 'attributes', 'path', 'type', 'last_login']) {
    const { status, json } = await ask(mock, `${USERS}2/`, { method: 'PATCH', body: { name: 'x', [field]: 'y' } })
    t.equal(status, 501, field)
    t.equal(
      json.detail,
      `authentik-mock does not serve this: a change of ${field}; what can be changed is name and is_active`,
    )
  }
  t.equal((await ask(mock, `${USERS}2/`)).body, before)
  t.equal((await ask(mock, `${USERS}2/`, { method: 'PATCH', as: 'bot', body: { name: 'By bot' } })).status, 200)
})

t.test('what a deactivation takes along, by release', async (t) => {
  const cases: [release: string, refresh: number, access: number, sessions: number][] = [
    ['2024.12.3', 2, 1, 0],
    ['2025.2.4', 1, 1, 0],
    ['2025.4.0', 0, 0, 0],
    ['2026.2.2', 0, 0, 0],
  ]
  for (const [release, ...left] of cases) {
    await using mock = await startMock({ fixtures: WORLD, release })
    await mock.clock.set('2027-01-02T03:04:05Z')
    const { json } = await ask(mock, `${USERS}2/`, { method: 'PATCH', body: { is_active: false } })
    t.equal(json.is_active, false, release)
    if ('last_updated' in json) t.match(json.last_updated, /^2027-01-02T03:04:/, release)
    const { counts } = await mock.info()
    t.strictSame([counts['refresh_tokens'], counts['access_tokens'], counts['sessions']], left, release)
    t.equal((await ask(mock, `${USERS}me/`, { as: 'jane' })).status, 403, 'the API token is no good any more')
    await ask(mock, `${USERS}2/`, { method: 'PATCH', body: { is_active: true } })
    t.equal((await ask(mock, `${USERS}me/`, { as: 'jane' })).status, 200, 'but it was not deleted')
    t.equal((await mock.info()).counts['refresh_tokens'], left[0], 'and nothing comes back')
  }
})

t.test('who may delete what, and what goes along', async (t) => {
  const jane = { refresh_tokens: 0, access_tokens: 0, sessions: 0, consents: 0, tokens: 5 }
  const cases: [path: string, as: string | null, status: number, left: Record<string, number>][] = [
    ['core/users/2/', 'ada', 204, { users: 6, ...jane }],
    ['core/users/2/', 'janitor', 204, { users: 6, ...jane }],
    ['core/users/1/', 'ada', 204, { users: 6, tokens: 5, refresh_tokens: 2 }],
    ['core/users/2/', 'bot', 403, { users: 7 }],
    ['core/users/2/', 'jane', 403, { users: 7 }],
    ['core/users/2/', null, 403, { users: 7 }],
    ['core/users/2/', 'outpost', 404, { users: 7 }],
    ['core/users/x/', 'ada', 404, { users: 7 }],
    ['core/applications/wiki/', 'ada', 204, { applications: 1, consents: 0, providers: 2, refresh_tokens: 2 }],
    ['core/applications/wiki/', 'janitor', 403, { applications: 2 }],
    ['core/applications/wiki/', 'jane', 403, { applications: 2 }],
    ['providers/oauth2/1/', 'ada', 204, { providers: 1, applications: 2, refresh_tokens: 0, access_tokens: 0 }],
    ['providers/oauth2/1/', 'jane', 403, { providers: 2 }],
    ['core/tokens/jane/', 'jane', 204, { tokens: 5 }],
    ['core/tokens/ada/', 'jane', 404, { tokens: 6 }],
    ['core/tokens/jane/', 'ada', 204, { tokens: 5 }],
    ['core/tokens/jane/', null, 405, { tokens: 6 }],
    [`core/authenticated_sessions/${SESSION}/`, 'jane', 204, { sessions: 0, refresh_tokens: 2 }],
    [`core/authenticated_sessions/${SESSION}/`, 'bot', 404, { sessions: 1 }],
    [`core/authenticated_sessions/${SESSION}/`, 'ada', 204, { sessions: 0 }],
    [`core/user_consent/${CONSENT}/`, 'jane', 204, { consents: 0 }],
    [`core/user_consent/${CONSENT}/`, 'bot', 404, { consents: 1 }],
    [`core/groups/${UUIDS[1]}/`, 'ada', 501, { groups: 3 }],
  ]
  await using mock = await startMock({ fixtures: WORLD })
  for (const [path, as, status, left] of cases) {
    await mock.reset()
    const answer = await ask(mock, `${API}/${path}`, { method: 'DELETE', as })
    t.equal(answer.status, status, `${path} ${as}`)
    if (status === 204) t.equal(answer.body, '', path)
    t.match((await mock.info()).counts, left, `${path} ${as}`)
  }
})
