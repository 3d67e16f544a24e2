import t from 'tap'
import { MockError, startMock } from '../../src/index.js'
import { send } from '../http.js'
import { ask, behaves, LIST, rowOf, rowsOf, status } from './small-world.js'

behaves('rows are created, changed and deleted, and every answer shows it at once', async (t, mock) => {
  const user = await mock.users.create({ username: 'neo', groups: ['staff'] })
  t.match(user, { pk: Number, email: 'neo@example.com', is_active: true, groups: [/^[0-9a-f-]{36}$/] })
  const provider = await mock.providers.create({ name: 'Matrix', application: { slug: 'matrix', name: 'Matrix' } })
  const row = await mock.refreshTokens.create({ user: 'neo', provider: provider.pk, expires: 'days=3' })
  t.match(await rowOf(mock, row.pk), {
    pk: row.pk,
    user: { username: 'neo', groups_obj: [{ name: 'staff' }] },
    provider: { assigned_application_slug: 'matrix' },
  })
  t.equal((await rowsOf(mock, 'user=11')).length, 2)

  await mock.users.change('jane', { name: 'Jane Doe' })
  t.strictSame(
    (await rowsOf(mock, 'user=11')).map(({ user }) => user.name),
    ['Jane Doe', 'Jane Doe'],
    'a user is renamed in every row',
  )
  t.equal((await mock.users.get(11)).name, 'Jane Doe')
  await mock.providers.change(1, { name: 'Q', client_id: 'q' })
  t.equal((await rowOf(mock, 1)).provider.client_id, 'q')
  t.equal(JSON.parse((await rowOf(mock, 1)).id_token).aud, 'p', 'what was issued stays as it was')
  await mock.groups.change('staff', { name: 'crew', attributes: { floor: 3 } })
  t.match((await rowOf(mock, 2)).user.groups_obj, [{ name: 'crew', attributes: { floor: 3 } }])
  await mock.refreshTokens.change(2, { revoked: true, expires: '-days=1' })
  t.match(await rowOf(mock, 2), { revoked: true, is_expired: true })

  await mock.tokens.create({ name: 'neo', key: 'neo-key', user: 'neo' })
  t.equal(await status(mock, `${LIST}${row.pk}/`, { key: 'neo-key' }), 200)
  await mock.users.change('neo', { is_active: false })
  t.equal(await status(mock, LIST, { key: 'neo-key' }), 403)
  await mock.users.change('neo', { is_active: true, groups: ['admins'] })
  t.equal((await rowOf(mock, row.pk)).user.is_superuser, true)
  t.equal(await status(mock, `${LIST}1/`, { key: 'neo-key' }), 200, 'a superuser now')

  await mock.groups.delete('admins')
  t.match((await rowOf(mock, row.pk)).user, { groups: [], groups_obj: [], is_superuser: false })
  await mock.users.delete('neo')
  t.strictSame(
    [
      await status(mock, `${LIST}${row.pk}/`),
      await status(mock, `${LIST}?user=${user.pk}`),
      await status(mock, LIST, { key: 'neo-key' }),
    ],
    [404, 400, 403],
    'gone with all that was theirs',
  )
  await mock.providers.delete('Q')
  t.strictSame(await rowsOf(mock), [])
  await mock.tokens.delete('jane')
  t.equal(await status(mock, LIST, { key: 'jane-key' }), 403)
  t.ok((await mock.refreshTokens.create({ user: 'jane', provider: 'Matrix' })).pk > row.pk, 'a key is not used again')
})

behaves('a bad change is no change, and says what is wrong', async (t, mock) => {
  const before = JSON.stringify([await rowsOf(mock), await mock.fixtures.read()])
  const mistakes: [name: string, change: () => Promise<unknown>, status: number, detail: string][] = [
    [
      'a wrong type',
      () => mock.users.create({ pk: 'x' } as never),
      400,
      'pk: found "x"; allowed: an integer from 1 to 2147483647',
    ],
    [
      'a misspelt field',
      () => mock.users.change(11, { nmae: 'x' } as never),
      400,
      'nmae: found an unknown field; did you mean name?',
    ],
    [
      'a reference to nobody',
      () => mock.refreshTokens.create({ user: 'jnae' }),
      400,
      'user: found "jnae", but there is no such user; did you mean "jane"?',
    ],
    [
      'a good half and a bad half',
      () => mock.refreshTokens.create({ user: { username: 'new' }, provider: 77 }),
      400,
      'provider: found 77, but there is no such provider; allowed: the primary key or name of a provider',
    ],
    [
      'a name that is taken',
      () => mock.users.change(11, { username: 'ada' }),
      400,
      'found username "ada", which belongs to another user (10); allowed: one that no other user has',
    ],
    [
      'a client_id that is taken',
      () => mock.providers.create({ name: 'X', client_id: 'p' }),
      400,
      'client_id: found "p" of provider 1; allowed: one that no other provider has',
    ],
    [
      'a key that is taken',
      () => mock.tokens.create({ name: 'x', key: 'jane-key', user: 'ada' }),
      400,
      'key: found the key of API token "jane"; allowed: one that no other API token has',
    ],
    ...[
      () => mock.users.create({ attributes: { a: '\0' } }),
      () => mock.users.change(11, { attributes: { a: '\0' } }),
    ].map((change): (typeof mistakes)[number] => [
      'a null character',
      change,
      400,
      'attributes.a: found U+0000; allowed: text without U+0000 and lone surrogates, which a database cannot hold',
    ]),
    [
      'a lone surrogate in a fixture',
      () => mock.fixtures.merge({ users: [{ name: '\ud800' }] }),
      400,
      /^users\[0\]\.name: found the lone surrogate U\+D800; allowed: / as never,
    ],
    [
      'one in a fixture that is served instead',
      () => mock.fixtures.replace({ users: [{ name: '\ud800' }] }),
      400,
      /^users\[0\]\.name: found the lone surrogate U\+D800; allowed: / as never,
    ],
    [
      'a null character in a code',
      () => mock.codes.issue({ user: 'jane', nonce: '\0' }),
      400,
      /^nonce: found U\+0000; allowed: / as never,
    ],
    [
      'a null character in an id_token',
      () => mock.tokens.issue({ user: 'jane', nonce: '\0' }),
      400,
      /^nonce: found U\+0000; allowed: / as never,
    ],
    [
      'a row that is there',
      () => mock.users.create({ username: 'jane' }),
      409,
      'there is a user jane already; PATCH changes it',
    ],
    [
      'another key than the path',
      () => mock.users.change(11, { pk: 12 }),
      400,
      'pk: found 12; allowed: 11, which the path names',
    ],
    ['a row that is not there', () => mock.users.change('nobody', { name: 'x' }), 404, 'there is no user nobody'],
    ['a row to delete that is not there', () => mock.refreshTokens.delete(99), 404, 'there is no refresh token 99'],
    [
      'several mistakes',
      () => mock.fixtures.merge({ users: [{ pk: 50 }, { pk: 0 }], groups: 1 }),
      400,
      'groups: found 1; allowed: a list of groups\nusers[1].pk: found 0; allowed: an integer from 1 to 2147483647',
    ],
    [
      'a moment that is none',
      () => mock.clock.set('soon'),
      400,
      /^now: found "soon"; allowed: an ISO 8601 date/ as never,
    ],
    [
      'an unknown release',
      () => mock.serveAs('2025.3'),
      400,
      /^release: found "2025\.3"; allowed: .*did you mean 2025\.2\.4\?/ as never,
    ],
    [
      'an unknown preset',
      () => mock.faults.add({ preset: 'x' as never }),
      400,
      /^preset: found "x"; allowed: starting, backend-down, / as never,
    ],
    [
      'headers for no answer',
      () => mock.faults.add({ headers: { A: 'b' } }),
      400,
      'headers: found no status and no preset; allowed: headers together with one of them',
    ],
    [
      'a header that splits the answer',
      () => mock.faults.add({ status: 500, headers: { A: 'b\r\nc: d' } }),
      400,
      'headers.A: found "b\\r\\nc: d"; allowed: a text of visible ASCII characters',
    ],
    ['a row without an end', () => mock.clock.stopBefore(3), 422, 'refresh token 3 never expires'],
    [
      'a query that is none',
      () => mock.requests({ status: 'x' as never }),
      400,
      'status: found "x"; allowed: a status such as 404',
    ],
  ]
  for (const [name, change, status, message] of mistakes) {
    const error = (await change().catch((error) => error)) as MockError
    t.ok(error instanceof MockError, name)
    t.match({ status: error.status, message: error.message }, { status, message }, name)
  }
  t.equal(JSON.stringify([await rowsOf(mock), await mock.fixtures.read()]), before)
})

behaves('the present rows, read and loaded again, are answered for byte by byte', async (t, mock) => {
  await mock.users.change('jane', {
    name: 'Jäne 🚀',
    attributes: { b: 1, a: { 10: 1, 9: 2 } },
    avatar: 'https://example.com/a.png',
  })
  await mock.refreshTokens.create({
    user: { username: 'new', groups: [{ name: 'g', parent: 'admins' }] },
    provider: { name: 'N', redirect_uris: [{ matching_mode: 'regex', url: '.*' }] },
  })
  await mock.refreshTokens.delete(1)
  for (const release of ['2024.10.0', '2025.2.4', '2026.2.2']) {
    await mock.serveAs(release)
    await using again = await startMock({ fixtures: await mock.fixtures.read(), release })
    t.equal((await ask(again, LIST)).body, (await ask(mock, LIST)).body, release)
    t.equal(
      (await ask(again, LIST, { key: 'jane-key' })).body,
      (await ask(mock, LIST, { key: 'jane-key' })).body,
      `${release}, as somebody`,
    )
  }
})

behaves('rows are merged in, replaced, and reset', async (t, mock) => {
  const begun = (await ask(mock, LIST)).body
  const merged = await mock.fixtures.merge({
    refresh_tokens: [
      { pk: 9, user: 'jane' },
      { pk: 1, revoked: true },
    ],
  })
  t.match(merged, { counts: { refresh_tokens: 2, users: 0 }, warnings: [] })
  t.strictSame(
    (await rowsOf(mock)).map(({ pk, revoked }) => [pk, revoked]),
    [
      [1, true],
      [2, false],
      [3, false],
      [9, false],
    ],
  )
  const captured = await rowOf(mock, 2)
  await mock.fixtures.merge([{ ...captured, pk: 20 }])
  t.equal(JSON.stringify(await rowOf(mock, 20)), JSON.stringify({ ...captured, pk: 20 }))
  await mock.fixtures.replace({ refresh_tokens: [{ pk: 5 }] })
  t.strictSame(
    (await rowsOf(mock)).map(({ pk }) => pk),
    [5],
  )
  await mock.refreshTokens.delete(5)
  await mock.reset()
  t.equal((await ask(mock, LIST)).body, begun)
})

t.test('all that is wrong with a row is told at once: its form, its references, and what cannot change', async (t) => {
  await using mock = await startMock()
  const before = await mock.fixtures.read()
  const said: [method: string, path: string, body: object, paths: string[]][] = [
    ['POST', 'refresh_tokens', { user: 'nobody', expires: 'tomorrow-ish', groops: [] }, ['expires', 'groops', 'user']],
    ['POST', 'users', { username: 'jane.doe', email: 7, nmae: 'x' }, ['email', 'nmae']],
    ['PATCH', 'refresh_tokens/2', { pk: 3, user: 'nobody', scope: 5, x: 1 }, ['pk', 'scope', 'user', 'x']],
    ['PATCH', 'refresh_tokens/2', { pk: 3, nonce: 'n', sid: 's' }, ['nonce', 'pk', 'sid']],
    ['PATCH', 'users/12', { groups: ['none', 'neither'], is_active: 'yes' }, ['groups[0]', 'groups[1]', 'is_active']],
  ]
  for (const [method, path, body, paths] of said) {
    const { status, body: text } = await send(mock.url, {
      method,
      path: `/_mock/${path}`,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    const { mistakes } = JSON.parse(text) as { mistakes: { path: string }[] }
    t.equal(status, 400)
    t.strictSame(mistakes.map((mistake) => mistake.path).sort(), paths, `${method} ${path} ${JSON.stringify(body)}`)
  }
  t.strictSame(await mock.fixtures.read(), before)
})

t.test('a number that comes back otherwise is told of', async (t) => {
  await using mock = await startMock()
  const { body } = await send(mock.url, {
    method: 'POST',
    path: '/_mock/fixtures',
    headers: { 'Content-Type': 'application/json' },
    body: '{"users": [{"username": "neo", "attributes": {"one": 1.0}}]}',
  })
  t.strictSame((JSON.parse(body) as { warnings: string[] }).warnings, ['users[0].attributes.one: 1.0 comes back as 1'])
})

t.test('a row is made between rows that nobody wrote', async (t) => {
  await using mock = await startMock({ generate: 20 })
  const { pk } = await mock.refreshTokens.create({ pk: 50, user: 1, provider: 1 })
  t.match(await mock.refreshTokens.get(pk as number), { pk: 50, user: 1, provider: 1 })
  await mock.refreshTokens.create({ pk: 51, user: 1 })
  t.equal((await mock.info()).counts['refresh_tokens'], 22)
})
