import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Mock, type StubSeed, startMock } from '../../src/index.js'
import { send } from '../http.js'

const USERS = '/api/v3/outposts/instances/'
const LIST = '/api/v3/oauth2/refresh_tokens/'
const EVENTS = '/api/v3/events/events/'
const as = (key: string) => ({ Authorization: `Bearer ${key}` })
const quiet = () => startMock({ logLevel: 'silent' })

t.test('a stub answers what it is for, and the page for an unknown path the rest', async (t) => {
  const json = { 'Content-Type': 'application/json' }
  const cases: [stub: Partial<StubSeed>, request: Parameters<typeof send>[1], isFor: boolean][] = [
    [{ method: 'get' }, { path: EVENTS }, true],
    [{ method: 'POST' }, { path: EVENTS }, false],
    [{ path: '/api/v3/events/**' }, { path: EVENTS }, true],
    [{ path: '/api/v3/{app}/{kind}/' }, { path: EVENTS }, true],
    [{ path: '/api/v3/{app}/' }, { path: EVENTS }, false],
    [{ query: { username: 'jane' } }, { path: `${EVENTS}?username=jane&page=1` }, true],
    [{ query: { username: 'jane' } }, { path: `${EVENTS}?username=joe` }, false],
    [{ query: { page: 2 } }, { path: `${EVENTS}?page=2` }, true],
    [{ query: { page: { present: true } } }, { path: `${EVENTS}?page=` }, true],
    [{ query: { page: { present: true } } }, { path: EVENTS }, false],
    [{ query: { page: { present: false } } }, { path: EVENTS }, true],
    [{ query: { page: { present: false } } }, { path: `${EVENTS}?page=1` }, false],
    [{ query: { a: ['1', '2'] } }, { path: `${EVENTS}?a=1&a=2` }, true],
    [{ query: { a: ['1', '2'] } }, { path: `${EVENTS}?a=2&a=1` }, false],
    [{ request_headers: { 'X-Tenant': 'a' } }, { path: EVENTS, headers: { 'x-tenant': 'a' } }, true],
    [{ request_headers: { 'X-Tenant': 'a' } }, { path: EVENTS, headers: { 'x-tenant': 'b' } }, false],
    [{ as: 'user' }, { path: EVENTS, headers: as('user-key') }, true],
    [{ as: 'user' }, { path: EVENTS, headers: as('superuser-key') }, false],
    [
      { request_body: { a: { b: [1, { c: 2 }] } } },
      { method: 'POST', path: EVENTS, headers: json, body: '{"a":{"b":[1,{"c":2,"d":3}],"e":4}}' },
      true,
    ],
    [{ request_body: { a: [1] } }, { method: 'POST', path: EVENTS, headers: json, body: '{"a":[1,2]}' }, false],
    [{ request_body: { a: 1 } }, { method: 'POST', path: EVENTS, headers: json, body: 'no JSON' }, false],
    [{ request_body: { toString: 1 } }, { method: 'POST', path: EVENTS, headers: json, body: '{}' }, false],
  ]
  for (const [stub, request, isFor] of cases) {
    await using mock = await quiet()
    const { id } = await mock.stubs.add({ path: EVENTS, status: 201, body: { ok: true }, ...stub })
    const answer = await send(mock.url, request)
    const name = JSON.stringify([stub, request.path])
    t.equal(answer.status === 201 && answer.body === '{"ok":true}', isFor, name)
    const [entry] = await mock.requests()
    t.match(entry, { stub: isFor ? id : null, unserved: !isFor, findings: isFor ? [] : [{}] }, name)
    t.equal((await mock.report()).worst, isFor ? null : 'warning', name)
    t.equal((await mock.requests({ unmatched: true })).length, isFor ? 0 : 1, name)
    if (!isFor) t.match(entry?.closest, { stub: id, differs: [String] }, name)
  }
})

t.test('the newest that matches answers, as often as it says', async (t) => {
  await using mock = await quiet()
  await mock.stubs.add({ path: USERS, text: 'first' })
  await mock.stubs.add({ path: USERS, text: 'second', times: 1, skip: 1 })
  const bodies: string[] = []
  for (let i = 0; i < 4; i++) bodies.push((await send(mock.url, { path: USERS })).body)
  t.strictSame(bodies, ['first', 'second', 'first', 'first'])
  t.match(await mock.stubs.get('2'), { seen: 4, answered: 1 })
  await mock.stubs.add({ path: LIST, body: [] })
  t.equal((await send(mock.url, { path: LIST })).body, '[]', 'also over what the mock serves')
  await mock.faults.add({ path: USERS, status: 503, times: 1 })
  t.equal((await send(mock.url, { path: USERS })).status, 503, 'a fault comes before')
  const world = mock.world('other')
  t.equal((await send(world.url, { path: `/@other${USERS}` })).status, 404, 'each world has its own')
  await world.stubs.add({ path: USERS, text: 'other' })
  t.equal((await send(world.url, { path: `/@other${USERS}` })).body, 'other')
  await mock.stubs.remove('1')
  t.equal(await mock.stubs.get('1').catch((error) => error.status), 404)
  await mock.stubs.clear()
  t.strictSame(await mock.stubs.list(), [])
})

t.test('an answer names values of the request', async (t) => {
  const json = { 'Content-Type': 'application/json', 'X-Tenant': 'a"b' }
  const cases: [stub: Partial<StubSeed>, body: string][] = [
    [
      { body: { id: '{{path.id}}', n: '{{path.id | plus: 0}}', x: 'a {{query.user}} b' } },
      '{"id":"17","n":17,"x":"a jane b"}',
    ],
    [{ body: { a: '{{body.a}}', none: '{{body.none}}', c: '{{body.constructor}}' } }, '{"a":[1],"none":null,"c":null}'],
    [{ body: { t: '{{headers.x-tenant}}' } }, '{"t":"a\\"b"}'],
    [{ text: '{{method}} {{url}}' }, `POST ${USERS}17/?user=jane`],
    [{ text: '{{path.id}}', template: false }, '{{path.id}}'],
    [{ base64: 'AAEC' }, '\u0000\u0001\u0002'],
  ]
  for (const [stub, body] of cases) {
    await using mock = await quiet()
    await mock.stubs.add({ path: `${USERS}{id}/`, ...stub })
    const request = { method: 'POST', path: `${USERS}17/?user=jane`, headers: json, body: '{"a":[1]}' }
    t.equal((await send(mock.url, request)).body, body)
  }
})

t.test('mistakes are told, each in one line', async (t) => {
  await using mock = await quiet()
  const cases: [stub: object, line: RegExp][] = [
    [{}, /^path: found nothing; allowed: a path without a query/],
    [{ path: '/x?y=z' }, /^path: found "\/x\?y=z"; allowed: a path without a query, of at most 200/],
    [{ path: 'x' }, /^path: found "x"; allowed: .*begins with/],
    [{ path: '/x', statis: 1 }, /^statis: found an unknown field; .*status\?$/],
    [{ path: '/x', status: '200' }, /^status: found "200"; allowed: a status/],
    [{ path: '/x', query: { a: true } }, /^query\.a: found true; allowed: a text, an integer, .*present/],
    [{ path: '/x', file: 'a.json' }, /^file: found "a.json"; allowed: a file in stubs of a fixture file only/],
    [{ path: '/x', body: 1, text: 'x' }, /^text: found text beside body; allowed: one of body, text, file, base64$/],
    [{ path: '/x', status: 204, text: 'x' }, /^text: found a body with status 204/],
    [{ path: '/x', text: '{{ path.id' }, /^text: found a template that cannot be read \(.*\); allowed: \{\{ name \}\}/],
    [{ path: '/x', text: '{% include "/etc/passwd" %}' }, /^text: found a template that cannot be read/],
    [{ path: '/x', text: '{{ url | nope }}' }, /^text: found a template that cannot be read/],
    [{ path: '/**/{id}/' }, /^path: found \{id\} behind \*\*/],
    [{ path: '/x/:id/' }, /^path: found ":id"; did you mean \{id\}\?$/],
    ...['{id', 'id}', '{id}.png', '{a b}', '{a}{b}'].map((segment): [object, RegExp] => [
      { path: `/x/${segment}` },
      /^path: found "[^"]+"; allowed: a name such as \{id\}, as a whole segment$/,
    ]),
    [{ path: '/x', method: 'FETCH' }, /^method: found "FETCH"; allowed: a method of HTTP such as "DELETE"$/],
    [
      { path: '/x/*/', text: '{{ path.id }}' },
      /^text: found \{\{ path\.id \}\}, which no request has; allowed: path\.id where/,
    ],
    [
      { path: '/{a}/', body: { x: ['{{ path.b }}'] } },
      /^body: found \{\{ path\.b \}\}, .*; allowed: path\.a, query\.NAME/,
    ],
    [{ path: '/x', headers: { 'X-A': '{{ qurey.a }}' } }, /^headers: found \{\{ qurey\.a \}\}, which/],
  ]
  for (const [stub, line] of cases) {
    const error = await mock.stubs.add(stub as StubSeed).catch((error) => error)
    t.match(error.message, line, JSON.stringify(stub))
    t.equal(error.message.split('\n').length, 1, JSON.stringify(stub))
  }
  const fault = await mock.faults.add({ path: '/x?y=z', status: 500 }).catch((error) => error)
  t.match(fault.message, /^path: found "\/x\?y=z"; allowed: a path without a query/)
  t.strictSame(await mock.stubs.list(), [])
})

t.test('fixtures hold stubs, with files beside them, and a reset has them again', async (t) => {
  const folder = t.testdir({})
  mkdirSync(join(folder, 'bodies'))
  writeFileSync(join(folder, 'bodies', 'users.json'), '{"pk": "{{path.id}}"}')
  writeFileSync(join(folder, 'bodies', 'a.png'), Buffer.from([0x89, 0xff]))
  const fixture = (stubs: object[]) => {
    writeFileSync(join(folder, 'a.json'), JSON.stringify({ stubs }))
    return join(folder, 'a.json')
  }
  const fixtures = fixture([
    { path: `${USERS}{id}/`, file: 'bodies/users.json' },
    { path: '/media/a.png', file: 'bodies/a.png' },
  ])
  await using mock = await startMock({ fixtures, logLevel: 'silent' })
  const look = async (of: Mock) => (await send(of.url, { path: `${USERS}5/` })).body
  t.equal(await look(mock), '{"pk":"5"}')
  t.match(await send(mock.url, { path: '/media/a.png' }), {
    headers: { 'content-type': 'image/png', 'content-length': '2' },
  })
  await using again = await startMock({ fixtures: (await mock.fixtures.read()) as object, logLevel: 'silent' })
  t.equal(await look(again), '{"pk":"5"}', 'what is written out is answered alike')
  await mock.stubs.clear()
  await mock.stubs.add({ path: '/x' })
  await mock.reset()
  t.strictSame(
    (await mock.stubs.list()).map(({ path }) => path),
    [`${USERS}{id}/`, '/media/a.png'],
  )
  await mock.fixtures.merge({ stubs: [{ path: `${USERS}{id}/`, text: 'merged' }] })
  t.equal(await look(mock), 'merged')
  await mock.fixtures.replace({ stubs: [{ path: `${USERS}{id}/`, text: 'replaced' }] })
  t.equal(await look(mock), 'replaced')
  for (const file of ['/etc/passwd', '../x', 'bodies/none']) {
    const error = await startMock({ fixtures: fixture([{ path: '/x', file }]) }).catch((error) => error)
    t.match(error.message, /a\.json: stubs\[0\]\.file: found .*; allowed: a file/)
  }
})

t.test('a stub that becomes too much, or never ends, is said so, and nobody else waits for it', async (t) => {
  await using mock = await quiet()
  const path = '/x/'
  const bodies: [stub: Partial<StubSeed>, body: string][] = [
    [{ body: Array(20_000).fill('{{body.a}}') }, JSON.stringify({ a: 'x'.repeat(500_000) })],
    [{ body: Array(20_000).fill('{{body}}') }, JSON.stringify(Array(100_000).fill(1))],
    [{ body: Array(20_000).fill('a{{body | json}}') }, JSON.stringify({ a: 'x'.repeat(500_000) })],
    [{ text: '{{body.a | append: body.a | append: body.a}}'.repeat(10_000) }, `{"a":"${'x'.repeat(1_000_000)}"}`],
    [{ headers: { 'X-A': '{{body | json}}'.repeat(1000) } }, JSON.stringify({ a: 'x'.repeat(500_000) })],
    [{ text: '{{ (1..100000000) | json }}' }, '{}'],
    [{ body: '{{ (1..100000000) }}' }, '{}'],
    [{ text: '{{ (1..body.n) | size }}' }, '{"n":1e15}'],
    [{ body: '{{body}}' }, `${'['.repeat(400_000)}${']'.repeat(400_000)}`],
  ]
  for (const [stub, body] of bodies) {
    await mock.stubs.clear()
    const { id } = await mock.stubs.add({ path, ...stub })
    const answer = await send(mock.url, { method: 'POST', path, headers: { 'Content-Type': 'application/json' }, body })
    const name = JSON.stringify(stub).slice(0, 60)
    t.match(
      answer,
      { status: 500, body: new RegExp(`^authentik-mock: stub ${id} could not be filled in: .+\n$`) },
      name,
    )
  }
})

t.test('stubs have limits in a world, in number and together', async (t) => {
  await using mock = await quiet()
  const many = (count: number, stub: object = {}) => Array.from({ length: count }, () => ({ path: '/x', ...stub }))
  await mock.fixtures.merge({ stubs: many(999) })
  const before = await mock.fixtures.read()
  const tooMany = { status: 422, message: 'with it there would be 1001 stubs in this world; allowed: at most 1000' }
  t.match(await mock.fixtures.merge({ users: [{ username: 'half' }], stubs: many(2) }).catch((error) => error), tooMany)
  t.strictSame(await mock.fixtures.read(), before, 'half a change is no change')
  await mock.stubs.add({ path: '/x' })
  t.match(await mock.stubs.add({ path: '/x' }).catch((error) => error), tooMany)
  await mock.stubs.clear()
  const large = many(20, { text: 'x'.repeat(1_000_000) })
  await mock.fixtures.merge({ stubs: large })
  t.match(
    await mock.fixtures.merge({ stubs: large }).catch((error) => error.message),
    /^with it .* stubs of 400\d+ bytes /,
  )
  t.equal((await mock.stubs.list()).length, 20)
  t.match(
    await startMock({ fixtures: { stubs: many(1001) } }).catch((error) => error.message),
    /stubs: found 1001 stubs; allowed: at most 1000/,
  )
})

t.test('what came closest tells no secret, and no more than ten things', async (t) => {
  const key = `Key-${'of-somebody-'.repeat(10)}`
  await using mock = await startMock({ token: key, logLevel: 'silent' })
  const texts = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`p${i}`, 'x']))
  const query = { access_token: 'x', q: 'x', ...texts }
  for (const path of ['/a', '/b/*/']) await mock.stubs.add({ path, query })
  for (const path of [`/a?access_token=hush&q=${key}`, `/c/${key}/`, `/a?q=${encodeURIComponent(key)}`])
    await send(mock.url, { path })
  const closest = (await mock.requests()).map(({ closest }) => closest?.differs ?? [])
  t.match(closest[0], ['query.access_token is another one', 'query.q is "…", not "x"'])
  t.strictSame(
    closest.map(({ length }) => length),
    [10, 10, 10],
  )
  t.notMatch(JSON.stringify(closest), /hush|Key-/)
})

t.test('of a path, what differs is a slash, or the whole; a stub for quite another path is not close', async (t) => {
  await using mock = await quiet()
  await mock.stubs.add({ path: EVENTS })
  const cases: [path: string, differs: string[] | null][] = [
    [EVENTS.slice(0, -1), ['path has no slash at its end']],
    [EVENTS.replace('/events/events/', '/events/event/'), [`path is "/api/v3/events/event/", not "${EVENTS}"`]],
    ['/api/v3/outposts/instances/', null],
  ]
  for (const [path] of cases) await send(mock.url, { path })
  const entries = await mock.requests()
  t.strictSame(
    entries.map(({ closest }) => closest?.differs ?? null),
    cases.map(([, differs]) => differs),
  )
})
