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
const CONSENT = 7
const FLOW = 'f1005f10-0000-4000-8000-000000000000'
const MAPPING = '3a991465-0000-4000-8000-000000000000'
const NO_GROUP = 'c0115e11-0000-4000-8000-000000000000'
const WORLD: Seeds = {
  groups: [
    { pk: UUIDS[0], name: 'admins', is_superuser: true },
    { pk: UUIDS[1], name: 'staff', attributes: { floor: 3 } },
  ],
  users: [
    { pk: 1, username: 'ada', name: 'Ada', groups: ['admins'], email: 'ada@example.com' },
    { pk: 2, username: 'jane', name: 'Jane', groups: ['staff'], attributes: { upn: 'jane@corp.example.com' } },
    { pk: 3, username: 'left', name: 'Left', is_active: false, path: 'users/gone' },
    {
      pk: 4,
      username: 'bot',
      type: 'service_account',
      attributes: { settings: { locale: 'de', theme: null } },
      permissions: ['view_user', 'change_user', 'view_token_key'],
    },
    { pk: 5, username: 'outpost', type: 'internal_service_account' },
    {
      pk: 6,
      username: 'janitor',
      password_change_date: '2030-01-01T00:00:00.000001Z',
      permissions: ['view_user', 'delete_user', 'view_application'],
    },
  ],
  providers: [
    { pk: 1, name: 'wiki', client_id: 'wiki', scopes: ['openid', 'email', 'offline_access'] },
    {
      ...{ pk: 2, name: 'spa', client_id: 'spa', client_type: 'public' },
      ...{ authorization_flow: FLOW, property_mappings: [MAPPING] },
    },
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
    [{ body: '{"name":"a\\udfffb"}' }, 400, { name: ['Surrogate characters are not allowed: U+DFFF.'] }],
    [{ body: { is_active: 2, name: [] } }, 400, { name: ['Not a valid string.'], is_active: boolean }],
    [{ body: [] }, 400, whole('Invalid data. Expected a dictionary, but got list.')],
    [{ body: '1.5' }, 400, whole('Invalid data. Expected a dictionary, but got float.')],
    [{ body: '7' }, 400, whole('Invalid data. Expected a dictionary, but got int.')],
    [{ body: 'true' }, 400, whole('Invalid data. Expected a dictionary, but got bool.')],
    [{ body: '"x"' }, 400, whole('Invalid data. Expected a dictionary, but got str.')],
    [{ body: 'null' }, 400, whole('No data provided')],
    [{ body: '{"name":', type: 'application/json' }, 400, undefined],
    [{ body: '{}', type: 'text/plain' }, 415, { detail: 'Unsupported media type "text/plain" in request.' }],
    [{ body: '{}', type: 'no type' }, 415, { detail: 'Unsupported media type "no type" in request.' }],
    [{ body: '{}', type: 'no type', path: '999/nothing/' }, 405, undefined],
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
    else if (status === 400) t.match(got.json.detail, /^JSON parse error - /, said)
  }
  for (const field of ['username', 'email', 'groups', 'attributes', 'path', 'type', 'last_login']) {
    const { status, json } = await ask(mock, `${USERS}2/`, { method: 'PATCH', body: { name: 'x', [field]: 'y' } })
    t.equal(status, 501, field)
    t.equal(
      json.detail,
      `authentik-mock does not serve this: a change of ${field}; what can be changed is name and is_active`,
    )
  }
  const [asked] = await mock.requests({ status: 501, limit: 1 })
  t.match(asked?.reason, /^this mock does not serve a change of last_login; what can be changed is /)
  t.equal((await ask(mock, `${USERS}2/`)).body, before)
  t.equal((await ask(mock, `${USERS}2/`, { method: 'PATCH', as: 'bot', body: { name: 'By bot' } })).status, 200)
})

const PROVIDER = `${API}/providers/oauth2/1/`

behaves('a provider is changed by PATCH, and with it the tokens to come', async (t, mock) => {
  const { json: before } = await ask(mock, PROVIDER)
  const { refresh_token: token = '', scope } = await mock.tokens.issue({ user: 'jane', provider: 'wiki' })
  const refresh = async (refresh_token: string, secret: string) => {
    const form = { grant_type: 'refresh_token', client_id: 'wiki', client_secret: secret, refresh_token }
    const body = new URLSearchParams(form).toString()
    return ask(mock, '/application/o/token/', {
      method: 'POST',
      as: null,
      body,
      type: 'application/x-www-form-urlencoded',
    })
  }
  const change = async (body: object) => {
    const { status, json } = await ask(mock, PROVIDER, { method: 'PATCH', body })
    t.equal(status, 200, JSON.stringify(body))
    t.strictSame((await ask(mock, PROVIDER)).json, json, 'and so it stays')
    return json
  }
  const validities = { access_token_validity: 'minutes=7', refresh_token_validity: 'hours=5' }
  t.strictSame(await change({ client_secret: 'new-secret', ...validities, pk: 9, unknown: 1 }), {
    ...before,
    client_secret: 'new-secret',
    ...validities,
  })
  t.equal((await refresh(token, before.client_secret)).json.error, 'invalid_client')
  const { json: renewed } = await refresh(token, 'new-secret')
  t.match(renewed, { expires_in: 420, scope })

  const [openid, ...others] = before.property_mappings
  t.strictSame((await change({ property_mappings: [] })).property_mappings, [])
  const { json: bare } = await refresh(renewed.refresh_token, 'new-secret')
  t.equal(bare.expires_in, 420, 'the scope of the token is enough')
  t.strictSame((await change({ property_mappings: [...others, openid.toUpperCase()] })).property_mappings, [
    ...others,
    openid,
  ])
  const { scopes } = (await mock.providers.get('wiki')) as { scopes: string[] }
  t.strictSame(scopes, ['email', 'offline_access', 'openid'], 'what nobody uses any more is still there')
})

behaves('what PATCH of a provider refuses', async (t, mock) => {
  const { body: before } = await ask(mock, PROVIDER)
  const duration = "abc is not in the correct format of 'hours=3;minutes=1'."
  const cases: [asked: Asked & { path?: string }, status: number, answer: object][] = [
    [
      { body: { client_secret: 'x'.repeat(256) } },
      400,
      { client_secret: ['Ensure this field has no more than 255 characters.'] },
    ],
    [{ body: { access_token_validity: 'abc' } }, 400, { access_token_validity: [duration] }],
    [{ body: { refresh_token_validity: ' ' } }, 400, { refresh_token_validity: ['This field may not be blank.'] }],
    [
      { body: { property_mappings: 'x' } },
      400,
      { property_mappings: ['Expected a list of items but got type "str".'] },
    ],
    [
      { body: { property_mappings: {} } },
      400,
      { property_mappings: ['Expected a list of items but got type "dict".'] },
    ],
    [{ body: { property_mappings: ['x'] } }, 400, { property_mappings: ['“x” is not a valid UUID.'] }],
    [
      { body: { property_mappings: [SESSION] } },
      400,
      { property_mappings: [`Invalid pk "${SESSION}" - object does not exist.`] },
    ],
    [
      { body: { name: 'x' } },
      501,
      { detail: /^authentik-mock does not serve this: a change of name; what can be changed is property_mappings, / },
    ],
    [{ body: {}, as: 'jane' }, 403, forbidden],
    [{ body: {}, as: null }, 403, forbidden],
    [{ body: {}, path: `${API}/providers/oauth2/9/` }, 404, missing],
  ]
  for (const [{ path = PROVIDER, ...asked }, status, answer] of cases) {
    const got = await ask(mock, path, { method: 'PATCH', ...asked })
    t.equal(got.status, status, JSON.stringify(asked))
    t.match(got.json, answer, JSON.stringify(asked))
  }
  t.equal((await ask(mock, PROVIDER)).body, before)
  const later = await ask(mock, PROVIDER, { method: 'PATCH', body: { refresh_token_threshold: 'days=1' } })
  t.equal(later.status, 200, 'a field of later releases is no field')
  t.equal(later.body, before)
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

behaves('what filters, searches and orders leave', async (t, mock) => {
  const all = 'ada,akadmin,bot,jane,janitor,left,outpost'
  const users: Record<string, string> = {
    '': all,
    '?nonsense=1&page=1': all,
    '?username=jane': 'jane',
    '?username=%20jane%20': 'jane',
    '?username=': all,
    '?username=Jane': '',
    '?username=ada&username=jane': 'jane',
    '?name=Jane&is_active=true': 'jane',
    '?is_active=false': 'left',
    '?is_active=False': 'left',
    '?is_active=3': 'left',
    '?is_active=0': all,
    '?is_superuser=true': 'ada,akadmin',
    '?is_superuser=false': 'jane',
    '?type=service_account&type=internal_service_account': 'bot,outpost',
    '?path=users/gone': 'left',
    '?path_startswith=users': 'ada,akadmin,jane,janitor,left',
    [`?groups_by_pk=${UUIDS[0]}`]: 'ada',
    [`?groups_by_pk=${UUIDS[0]}&groups_by_pk=${UUIDS[1]}`]: 'ada,jane',
    '?groups_by_name=staff': 'jane',
    '?search=JAN': 'jane,janitor',
    '?search=jan%20corp.example': 'jane',
    '?search=false': 'left',
    '?ordering=-username&search=jan': 'janitor,jane',
    '?ordering=last_updated': all,
    '?ordering=-password_change_date,username&search=jan': 'janitor,jane',
    '?email=ada@example.com': 'ada',
    '?path_startswith=users/': 'left',
    '?attributes={"upn":"jane@corp.example.com"}': 'jane',
    '?attributes={"settings__locale":"de"}': 'bot',
    '?attributes={"settings":{"theme":null,"locale":"de"}}': 'bot',
    '?attributes={"settings__theme":null}': 'bot',
    '?attributes={"settings__locale":"en"}': '',
    '?attributes={"upn":null}': '',
    '?attributes={}': all,
    '?attributes=': all,
    '?search=%22locale%22': 'bot',
    '?ordering=nonsense': all,
    '?page_size=2&page=2': 'bot,jane',
    '?date_joined__gt=2100-01-01T00:00:00Z': all,
    '?last_login__isnull=false': all,
  }
  for (const [query, names] of Object.entries(users)) {
    const { json } = await ask(mock, `${USERS}${query}`)
    t.equal(json.results.map(({ username }: Json) => username).join(), names, query)
  }
  const { json: jane } = await ask(mock, `${USERS}2/`)
  for (const uuid of [jane.uuid, jane.uuid.toUpperCase(), jane.uuid.replaceAll('-', ''), `{${jane.uuid}}`])
    t.equal((await ask(mock, `${USERS}?uuid=${encodeURIComponent(uuid)}`)).json.results[0]?.pk, 2, uuid)

  const others: Record<string, number> = {
    'core/groups/?name=staff': 1,
    'core/groups/?is_superuser=true': 2,
    'core/groups/?members_by_username=jane': 1,
    'core/groups/?members_by_pk=2&members_by_pk=1': 2,
    'core/groups/?members_by_pk=3': 0,
    'core/groups/?search=staf': 1,
    'core/groups/?search=true': 2,
    'core/groups/?attributes={"floor":3}': 1,
    'core/groups/?attributes={"floor":4}': 0,
    'core/tokens/?user__username=jane': 1,
    'core/tokens/?search=jane': 1,
    'core/tokens/?intent=app_password': 0,
    'core/tokens/?expiring=FALSE': 6,
    'core/tokens/?expiring=1': 0,
    'core/tokens/?expires=2030-01-01T00:00:00Z': 0,
    'core/tokens/?managed=x': 0,
    'core/tokens/?expiring=2': 6,
    'core/authenticated_sessions/?user__username=jane': 1,
    'core/authenticated_sessions/?search=jan': 1,
    'core/authenticated_sessions/?last_ip=10.0.0.1': 0,
    'core/authenticated_sessions/?session__last_ip=10.0.0.1': 1,
    'core/user_consent/?user=2': 1,
    'core/user_consent/?user=1': 0,
    'core/user_consent/?search=jane': 1,
    [`core/user_consent/?application=${UUIDS[2]}`]: 1,
    'providers/oauth2/?client_id=wiki': 1,
    'providers/oauth2/?client_type=public': 1,
    [`providers/oauth2/?application=${UUIDS[2]}`]: 1,
    'providers/all/?application__isnull=true': 1,
    'providers/all/?backchannel=true': 0,
    'providers/all/?backchannel=false': 2,
    'providers/oauth2/?include_claims_in_id_token=true': 2,
    'providers/oauth2/?sub_mode=user_email': 0,
    [`providers/oauth2/?authorization_flow=${FLOW}`]: 1,
    [`providers/oauth2/?property_mappings=${MAPPING}`]: 1,
    'core/applications/?slug=wiki&superuser_full_list=true': 1,
    'core/applications/?group=x': 0,
    'propertymappings/provider/scope/?scope_name=openid': 1,
    'propertymappings/provider/scope/?managed__isnull=true': 0,
    'propertymappings/provider/scope/?managed=goauthentik.io/providers/oauth2/scope-email': 1,
    'core/users/?username=%C2%85%1Fjane%20': 1,
    'core/users/?username=%EF%BB%BFjane': 0,
  }
  for (const [path, count] of Object.entries(others))
    t.equal((await ask(mock, `${API}/${path}`)).json.pagination.count, count, path)
})

behaves('what filters refuse', async (t, mock) => {
  const choice = 'Select a valid choice. That choice is not one of the available choices.'
  const choiceOf = (value: string) => `Select a valid choice. ${value} is not one of the available choices.`
  const cases: Record<string, string> = {
    'core/users/?uuid=abc': 'Enter a valid UUID.',
    'core/users/2/?uuid=abc': 'Enter a valid UUID.',
    'core/users/?username=a%00b': 'Null characters are not allowed.',
    'core/users/?type=robot': choiceOf('robot'),
    'core/users/?groups_by_name=nobody': choiceOf('nobody'),
    'core/users/?groups_by_pk=abc': '“abc” is not a valid UUID.',
    [`core/users/?groups_by_pk=${NO_GROUP}`]: choiceOf(NO_GROUP),
    'core/groups/?members_by_pk=x': '“x” is not a valid value.',
    'core/groups/?members_by_pk=99': choiceOf('99'),
    'core/groups/?members_by_username=nobody': choiceOf('nobody'),
    'core/tokens/?intent=robot': choiceOf('robot'),
    'core/user_consent/?user=99': choice,
    'core/user_consent/?application=abc': choice,
    'providers/oauth2/?client_type=robot': choiceOf('robot'),
    'providers/oauth2/?application=abc': choice,
    'providers/oauth2/?signing_key=abc': choice,
    [`providers/oauth2/?authorization_flow=${NO_GROUP}`]: choice,
    'providers/oauth2/?property_mappings=abc': '“abc” is not a valid UUID.',
    'propertymappings/provider/scope/?managed=x': choiceOf('x'),
    'core/tokens/?expires=soon': 'Enter a valid date/time.',
  }
  for (const [path, message] of Object.entries(cases)) {
    const { status, json } = await ask(mock, `${API}/${path}`)
    const [, parameter] = /\?(\w+)=/.exec(path) as string[]
    t.strictSame([status, json], [400, { [parameter as string]: [message] }], path)
  }
})

behaves('what a filter of attributes refuses', async (t, mock) => {
  for (const [text, sentence] of [
    ['nonsense', 'failed to parse JSON'],
    ['[1]', 'value must be key:value mapping'],
    ['null', 'value must be key:value mapping'],
  ] as const) {
    const { status, json } = await ask(mock, `${USERS}?attributes=${text}`)
    t.strictSame([status, json], [400, [`filter: ${sentence}`]], text)
  }
})

behaves(
  'who asks for very many people lets others in meanwhile',
  async (t, mock) => {
    const ended: string[] = []
    const sent = async (path: string) => {
      const answer = await ask(mock, path)
      ended.push(path)
      return answer
    }
    const list = sent(`${USERS}?ordering=-last_login&page_size=3`)
    await new Promise(setImmediate)
    await Promise.all([list, sent('/-/health/live/'), sent(`${USERS}1/`)])
    t.equal(ended.at(-1), `${USERS}?ordering=-last_login&page_size=3`)
    const { json } = await list
    const moments = json.results.map(({ last_login }: Json) => last_login)
    t.strictSame(moments, moments.toSorted().toReversed())
    const { count } = (await ask(mock, `${USERS}?search=.com&is_active=true`)).json.pagination
    t.ok(count > 5000 && count < json.pagination.count, String(count))
    const { json: last } = await ask(mock, `${USERS}?page=last&page_size=7`)
    const row = last.results.at(-1)
    for (const field of ['uuid', 'name', 'email', 'username'])
      t.ok(
        (await ask(mock, `${USERS}?${field}=${encodeURIComponent(row[field])}`)).json.results.some(
          ({ pk }: Json) => pk === row.pk,
        ),
        field,
      )
  },
  { fixtures: {}, generate: 40_000, token: 'ada-key' },
)

behaves('who sees what', async (t, mock) => {
  const who = ['ada', 'jane', 'bot', 'outpost', null] as const
  // 200 with so many rows, or another status.
  const lists: Record<string, (string | number)[]> = {
    'core/users/': [7, 403, 7, 0, 403],
    'core/groups/': [3, 403, 403, 0, 403],
    // It counts what the caller may not use, too.
    'core/applications/': [2, 2, 2, 2, 403],
    'core/tokens/': [6, 1, 1, 1, 403],
    'core/authenticated_sessions/': [1, 1, 0, 0, 403],
    'core/user_consent/': [1, 1, 0, 0, 403],
    'providers/oauth2/': [2, 403, 403, 0, 403],
    'providers/all/': [2, 403, 403, 0, 403],
  }
  for (const [path, wanted] of Object.entries(lists)) {
    const got: number[] = []
    for (const as of who) {
      const { status, json } = await ask(mock, `${API}/${path}`, { as })
      got.push(status === 200 ? json.pagination.count : status)
    }
    t.strictSame(got, wanted, path)
  }
  const shown = async (as: string) =>
    (await ask(mock, `${API}/core/applications/`, { as })).json.results.map(({ slug }: Json) => slug).join()
  t.strictSame([await shown('jane'), await shown('bot')], ['open,wiki', 'open'])
  const rows: Record<string, number[]> = {
    'core/users/me/': [200, 200, 200, 200, 403],
    'core/users/2/': [200, 403, 200, 404, 403],
    'core/users/99/': [404, 403, 404, 404, 403],
    'core/users/2/used_by/': [200, 403, 200, 404, 403],
    [`core/groups/${UUIDS[1]}/`]: [200, 403, 403, 404, 403],
    'core/applications/wiki/': [200, 403, 403, 404, 403],
    'core/applications/wiki/check_access/': [200, 200, 200, 200, 200],
    'core/tokens/jane/': [200, 200, 404, 404, 500],
    'core/tokens/jane/view_key/': [200, 403, 404, 404, 404],
    'core/tokens/bot/view_key/': [200, 404, 200, 404, 404],
    [`core/authenticated_sessions/${SESSION}/`]: [200, 200, 404, 404, 404],
    [`core/user_consent/${CONSENT}/`]: [200, 200, 404, 404, 404],
    'providers/oauth2/1/': [200, 403, 403, 404, 403],
    'providers/oauth2/1/setup_urls/': [200, 200, 200, 200, 200],
    'providers/oauth2/1/preview_user/': [200, 403, 403, 404, 403],
    'root/config/': [200, 200, 200, 200, 200],
    'admin/version/': [200, 200, 200, 200, 403],
    'core/brands/current/': [200, 200, 200, 200, 200],
  }
  for (const [path, wanted] of Object.entries(rows)) {
    const got: number[] = []
    for (const as of who) got.push((await ask(mock, `${API}/${path}`, { as })).status)
    t.strictSame(got, wanted, path)
  }
})

behaves('what is not served is said to be so', async (t, mock) => {
  const cases: [method: string, path: string, as: string, status: number][] = [
    ['POST', 'core/users/', 'ada', 501],
    ['POST', 'core/users/', 'jane', 403],
    ['PUT', 'core/users/', 'ada', 405],
    ['PUT', 'core/users/me/', 'ada', 405],
    ['PATCH', 'core/users/me/', 'ada', 405],
    ['DELETE', 'core/users/me/', 'jane', 405],
    ['PUT', 'core/users/2/', 'ada', 501],
    ['PUT', 'core/users/99/', 'ada', 404],
    ['PUT', 'core/users/2/', 'janitor', 403],
    ['POST', 'core/users/2/', 'ada', 405],
    ['POST', 'core/groups/', 'ada', 501],
    ['PATCH', `core/groups/${UUIDS[1]}/`, 'ada', 501],
    ['PATCH', 'core/applications/wiki/', 'ada', 501],
    ['PATCH', 'core/tokens/jane/', 'ada', 501],
    ['POST', 'core/authenticated_sessions/', 'ada', 405],
    ['PUT', 'propertymappings/provider/scope/', 'ada', 405],
  ]
  for (const [method, path, as, status] of cases) {
    const { status: got, json } = await ask(mock, `${API}/${path}`, { method, as })
    t.equal(got, status, `${method} ${path} ${as}`)
    if (status === 501) t.match(json.detail, /^authentik-mock does not serve this: /)
  }
})

behaves('whether a policy lets somebody pass, and what an application would learn', async (t, mock) => {
  const passes = async (slug: string, as: string | null, query = '') =>
    (await ask(mock, `${API}/core/applications/${slug}/check_access/${query}`, { as })).json
  const passing = { messages: [], log_messages: [] }
  t.strictSame(await passes('wiki', 'jane'), { passing: true, ...passing })
  t.strictSame(await passes('wiki', 'bot'), { passing: false, ...passing })
  t.strictSame(await passes('wiki', 'ada', '?for_user=4'), { passing: false, ...passing })
  t.strictSame(await passes('wiki', 'bot', '?for_user=2'), { passing: false, ...passing }, 'only superusers may ask')
  t.strictSame(await passes('open', 'bot'), { passing: true, ...passing })
  const nobody = { for_user: 'User not found' }
  t.strictSame(await passes('wiki', 'ada', '?for_user=99'), nobody)
  t.strictSame(await passes('wiki', 'ada', '?for_user=jane'), { for_user: 'for_user must be numerical' })
  const preview = `${API}/providers/oauth2/1/preview_user/?for_user=`
  t.strictSame((await ask(mock, `${preview}99`)).json, nobody)
  t.strictSame((await ask(mock, `${preview}0x2`)).json, { for_user: 'input must be numerical' })
  const list = async (as: string, user: string) =>
    (await ask(mock, `${API}/core/applications/?for_user=${user}`, { as })).json
  t.strictSame(
    (await list('ada', '4')).results.map(({ slug }: Json) => slug),
    ['open'],
  )
  t.strictSame(await list('ada', 'bot'), ['Invalid input.'])
  t.strictSame(await list('ada', '99'), nobody)
  t.strictSame(await list('jane', '4'), nobody, 'only superusers find others')
  const { json } = await ask(mock, `${API}/providers/oauth2/1/preview_user/?for_user=2`)
  t.equal(json.preview.email, 'jane@example.com')
})

t.test('groups of very many users are read and sent in pieces', async (t) => {
  const numbers = Array.from({ length: 6000 }, (_, i) => i)
  const users = numbers.map((i) => ({ username: `user${i}`, groups: i % 3 === 0 ? ['all', 'third'] : ['all'] }))
  const groups = [
    { name: 'all', is_superuser: true },
    { name: 'third', parent: 'all' },
  ]
  await using mock = await startMock({ fixtures: { groups, users }, generate: 0 })
  const get = async (path: string) => {
    const { body } = await send(mock.url, {
      path: `${API}/${path}`,
      headers: { Authorization: `Bearer ${mock.token}` },
    })
    return JSON.parse(body)
  }
  const [list, listAgain] = await Promise.all([get('core/groups/?ordering=name'), get('core/groups/?ordering=name')])
  const [all, third] = ['all', 'third'].map((name) => list.results.find((group: Json) => group.name === name))
  const named = (every: number) => numbers.filter((i) => i % every === 0).map((i) => `user${i}`)
  const usernames = (group: Json) => group.users_obj.map(({ username }: Json) => username)
  t.strictSame(usernames(all), named(1).sort(), 'by username')
  t.strictSame(usernames(third), named(3).sort())
  t.strictSame(
    third.users,
    third.users_obj.map(({ pk }: Json) => pk),
  )
  t.strictSame(listAgain, list)
  t.strictSame(await get(`core/groups/${third.pk}/`), third, 'one of them')
  t.strictSame((await get(`core/groups/${third.pk}/used_by/`)).length, third.users.length)

  const [first, second] = third.users
  await mock.users.change(first, { groups: ['all'] })
  await mock.users.change(second, { username: 'zoe' })
  await mock.users.delete(third.users[2])
  const changed = await get(`core/groups/${third.pk}/`)
  t.strictSame(changed.users, [...third.users.slice(3), second], 'as they were changed')
  await mock.users.change(first, { groups: ['third'], username: 'user0a' })
  t.strictSame(usernames(await get(`core/groups/${third.pk}/`)).slice(0, 2), ['user0a', usernames(third)[3]])
})

behaves('what refers to a row, as far as the caller may view it', async (t, mock) => {
  const modelsSeenBy = async (as: string, path: string) =>
    new Set((await ask(mock, `${API}/${path}used_by/`, { as })).json.map(({ model_name }: Json) => model_name))
  const all = ['accesstoken', 'authenticatedsession', 'group', 'refreshtoken', 'userconsent']
  t.strictSame(await modelsSeenBy('ada', 'core/users/2/'), new Set(all))
  t.strictSame(await modelsSeenBy('janitor', 'core/users/2/'), new Set(), 'users alone')
  await mock.users.change(6, { permissions: ['view_user', 'view_group', 'view_refreshtoken'] })
  t.strictSame(await modelsSeenBy('janitor', 'core/users/2/'), new Set(['group', 'refreshtoken']))
})

t.test('what refers to a row is in the order of the attributes of authentik', async (t) => {
  const world: Seeds = {
    ...WORLD,
    providers: [
      { pk: 1, name: 'wiki', scopes: ['openid'], jwt_federation_providers: [3] },
      { pk: 2, name: 'spa', jwt_federation_providers: [1] },
      { pk: 3, name: 'idp' },
    ],
    authorization_codes: [{ pk: 1, user: 'jane', provider: 1 }],
    device_codes: [{ pk: 1, provider: 1, user: 'jane' }],
    groups: [...(WORLD.groups ?? []), { name: 'night', parent: 'staff' }],
  }
  const granted = (kind: string) => `${kind} for 1 for user 2`
  const ofJane = {
    before: [granted('Access Token')],
    sessions: [/^Authenticated Session [a-z0-9]{10}$/, granted('Authorization code'), 'Device Token for 1'],
    after: [granted('Refresh Token'), granted('Refresh Token'), `User Consent ${UUIDS[2]} by 2`],
  }
  const ofWiki = [
    ...[granted('Access Token'), granted('Authorization code'), 'Device Token for 1'],
    ...['OAuth2 Provider idp', 'OAuth2 Provider spa', /^Property Mapping .*'openid'$/],
    ...[granted('Refresh Token'), granted('Refresh Token')],
  ]
  for (const [release, users] of [
    ['2025.2.4', [...ofJane.before, 'Group staff', ...ofJane.sessions, ...ofJane.after]],
    ['2025.12.4', [...ofJane.before, 'Group staff', ...ofJane.sessions, 'Group staff', ...ofJane.after]],
  ] as const) {
    const below = release === '2025.2.4' ? ['Group night'] : []
    await using mock = await startMock({ fixtures: world, release })
    const namesAt = async (path: string) =>
      (await ask(mock, `${API}/${path}used_by/`, { as: 'ada' })).json.map(({ name }: Json) => name)
    const ofStaff = [...below, 'jane']
    const cases = {
      'core/users/2/': users,
      'providers/oauth2/1/': ofWiki,
      [`core/groups/${UUIDS[1]}/`]: ofStaff,
    }
    for (const [path, wanted] of Object.entries(cases)) {
      const names = await namesAt(path)
      t.equal(names.length, wanted.length, `${path} ${release}`)
      t.match(names, wanted, `${path} ${release}`)
    }
    t.strictSame(await namesAt('core/applications/wiki/'), [`User Consent ${UUIDS[2]} by 2`], release)
  }
})

t.test('a group that a user is in twice is told twice, until groups have several parents', async (t) => {
  const fixtures: Seeds = {
    groups: [{ name: 'all' }, { name: 'day', parent: 'all' }, { name: 'night', parent: 'all' }],
    users: [{ username: 'jane', groups: ['all', 'day', 'night'] }],
    tokens: { jane: { key: 'jane-key', user: 'jane' } },
  }
  for (const [release, wanted] of [
    ['2025.2.4', 'all all all day night'],
    ['2025.10.4', 'all all all day night'],
    ['2025.12.4', 'all day night'],
  ] as const) {
    await using mock = await startMock({ fixtures, release })
    const { groups } = (await ask(mock, `${USERS}me/`, { as: 'jane' })).json.user
    t.equal(groups.map(({ name }: Json) => name).join(' '), wanted, release)
  }
})

t.test('an application starts at its first redirect URI without the path, as Python writes it', async (t) => {
  const addresses: [uri: string, start: string | null][] = [
    ['https://a/cb', 'https://a'],
    ['https://a?x', 'https://a?x'],
    ['https://a/cb?x#y', 'https://a?x#y'],
    ['HTTPS://A:1/x', 'https://A:1'],
    ['https://.*\\.a/cb', 'https://.*\\.a'],
    ['app.photos://callback', 'app.photos://callback'],
    ['app.photos:///callback', 'app.photos:'],
    ['urn:ietf:wg:oauth:2.0:oob', 'urn:'],
    ['https://[a/b', null],
    ['https://a℀b/c', null],
  ]
  await using mock = await startMock({
    token: 'ada-key',
    fixtures: {
      providers: addresses.map(([url], i) => ({
        ...{ pk: i + 1, name: `p${i}`, application: { slug: `a${i}`, name: `a${i}` } },
        redirect_uris: [{ matching_mode: url.includes('*') ? 'regex' : 'strict', url }],
      })),
    },
  })
  for (const [i, [uri, start]] of addresses.entries()) {
    const { launch_url } = (await ask(mock, `${API}/core/applications/a${i}/`)).json
    t.equal(launch_url, start, uri)
  }
})

t.test('filters that came with later releases', async (t) => {
  const world = {
    groups: [{ name: 'staff' }, { name: 'night', parent: 'staff' }],
    users: [
      { username: 'early', path: 'people', date_joined: '2025-01-01T00:00:00Z', last_login: null, groups: ['night'] },
      { username: 'late', path: 'people', date_joined: '2025-06-01T12:00:00.5Z', last_login: '2025-06-02T00:00:00Z' },
    ],
    sessions: [{ user: 'late', last_ip: '10.0.0.7' }],
  }
  const cases: [release: string, path: string, names: string | [number, object]][] = [
    ['2025.6', 'core/users/?search=at&date_joined__gt=2025-01-01T00:00:00Z', 'late'],
    ['2025.6', 'core/users/?path=people&date_joined__gt=2100-01-01', 'early,late'],
    ['2025.8', 'core/users/?path=people&date_joined__gt=2025-01-01T00:00:00Z', 'late'],
    ['2025.8', 'core/users/?path=people&date_joined__lt=2025-06-01T12:00:00.5Z', 'early'],
    ['2025.8', 'core/users/?date_joined=2025-06-01T14:00:00.500000%2B02:00', 'late'],
    ['2025.8', 'core/users/?last_updated__gt=soon', [400, { last_updated__gt: ['Enter a valid date/time.'] }]],
    ['2025.12', 'core/users/?path=people&last_login__isnull=true', 'early,late'],
    ['2026.2', 'core/users/?path=people&last_login__isnull=true', 'early'],
    ['2026.2', 'core/users/?last_login__lt=2100-01-01', 'late'],
    ['2025.2', 'core/authenticated_sessions/?last_ip=10.0.0.8', ''],
    ['2025.4', 'core/authenticated_sessions/?session__last_ip=10.0.0.8', ''],
  ]
  for (const [release, path, wanted] of cases) {
    await using mock = await startMock({ fixtures: world, release })
    const authorization = { Authorization: `Bearer ${mock.token}` }
    const { status, body } = await send(mock.url, { path: `${API}/${path}`, headers: authorization })
    const json = JSON.parse(body)
    const found = status === 200 ? json.results.map((row: Json) => row.username ?? row.uuid).join() : [status, json]
    t.strictSame(found, wanted, `${release} ${path}`)
  }
})

t.test('what a group shows of others, by release and by what is asked for', async (t) => {
  const world = { groups: [{ name: 'staff' }, { name: 'night', parent: 'staff', attributes: { shift: 3 } }] }
  for (const release of ['2025.2', '2025.8', '2026.2']) {
    await using mock = await startMock({ fixtures: world, release })
    const get = async (query: string): Promise<Json> => {
      const path = `${API}/core/groups/?ordering=name&${query}`
      const headers = { Authorization: `Bearer ${mock.token}` }
      const { results } = JSON.parse((await send(mock.url, { path, headers })).body)
      return Object.fromEntries(results.map((group: Json) => [group.name, group]))
    }
    const usual = await get('')
    const slim = await get('include_users=0')
    const full = await get('include_children=TRUE&include_parents=true&include_inherited_roles=true')
    const related = ({ pk, name, is_superuser, attributes }: Json) => ({
      ...{ pk, name, is_superuser, attributes },
      group_uuid: pk,
    })
    const { staff, night } = usual
    const hasChildren = release !== '2025.2'
    const hasParents = release === '2026.2'
    t.strictSame(slim.staff, { ...staff, users_obj: null }, `${release}: no users`)
    t.strictSame(
      { staff: full.staff, night: full.night },
      {
        staff: {
          ...staff,
          ...(hasChildren && { children_obj: [related(night)] }),
          ...(hasParents && { parents_obj: [], inherited_roles_obj: [] }),
        },
        night: {
          ...night,
          ...(hasChildren && { children_obj: [] }),
          ...(hasParents && { parents_obj: [related(staff)], inherited_roles_obj: [] }),
        },
      },
      `${release}: all that there is`,
    )
    const one = await send(mock.url, {
      path: `${API}/core/groups/${staff.pk}/?include_users=false`,
      headers: { Authorization: `Bearer ${mock.token}` },
    })
    t.equal(JSON.parse(one.body).users_obj, null, `${release}: of one`)
  }
})
