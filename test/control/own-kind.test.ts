import t from 'tap'
import type { Kind } from '../../src/world/kinds/kind.js'
import { KINDS } from '../../src/world/kinds/registry.js'
import { key, object, reference, text } from '../../src/world/kinds/shared/grammar.js'
import { UserSeed } from '../../src/world/kinds/users.js'
import { startWorld } from '../../src/world/start.js'
import { type Served, serveSnapshot } from './served.js'

/**
 * A kind of row is one file and one line of the registry. Here is one that no part of the mock has heard of: fixtures,
 * references, the control API, deletions, counts, export and reset know it all the same.
 */

interface Badge {
  pk: number
  code: string
  colour: string
  user: number
}

const BadgeSeed = object(
  { pk: key(), code: text(), colour: text(), user: reference(key(), 'username', UserSeed) },
  'a badge',
)

const badges: Kind<number, Badge, typeof BadgeSeed> = {
  word: 'badge',
  seed: BadgeSeed,
  key: 'pk',
  keys: 'counted',
  form: 'list',
  natural: 'code',
  unique: ['colour'],
  references: { user: { kind: 'users', onDelete: 'cascade' } },
  columns: { pk: (row) => row.pk, code: (row) => row.code, user: (row) => row.user },
  complete: (given, pk, _, before) =>
    ({ ...(before ?? { pk, code: `badge-${pk}`, colour: `#${pk}` }), ...given }) as Badge,
  seedOf: (badge) => ({ ...badge }),
}

const FIXTURE = {
  users: [{ pk: 11, username: 'jane' }],
  badges: [
    { pk: 4, code: 'blue', colour: 'b', user: 'jane' },
    { code: 'red', colour: 'r', user: { username: 'joe' } },
  ],
}

async function serveBadges(fixture: object = FIXTURE): Promise<Served> {
  const { snapshot } = await startWorld({
    sources: [{ file: 'badges.json', json: fixture }],
    ...{ generate: 0, seed: 1, token: 'root', begin: 0, kinds: { ...KINDS, badges } },
  })
  return serveSnapshot(snapshot)
}

async function control(served: Served, method: string, path: string, body?: object) {
  const answer = await served.ask({
    method,
    path: `/_mock${path}`,
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: answer.body === '' ? undefined : JSON.parse(answer.body) }
}

const codes = ({ world: { database } }: Served, user?: number) => {
  const where: [string, number][] = user === undefined ? [] : [['user', user]]
  const keys = database.select('badges', { order: [{ by: 'code', descending: true }], where })
  return Array.from(keys, (pk) => (database.table('badges').get(pk) as Badge).code)
}

t.test('rows come from fixtures, with their references and what is left out', async (t) => {
  await using served = await serveBadges()
  t.strictSame(codes(served), ['red', 'blue'])
  t.strictSame(codes(served, 11), ['blue'])
  t.match(await control(served, 'GET', '/badges/red'), { status: 200, body: { pk: 1, colour: 'r', user: Number } })
  t.match(await control(served, 'GET', '/badges/4'), { status: 200, body: { code: 'blue' } })
})

t.test('the control API creates, changes and deletes them', async (t) => {
  await using served = await serveBadges()
  t.match(await control(served, 'POST', '/badges', { code: 'green', colour: 'g', user: 'jane' }), {
    status: 201,
    body: { code: 'green', user: 11 },
  })
  t.match(await control(served, 'PATCH', '/badges/green', { code: 'lime' }), { status: 200, body: { code: 'lime' } })
  t.strictSame(codes(served, 11), ['lime', 'blue'])
  t.equal((await control(served, 'DELETE', '/badges/blue')).status, 204)
  t.strictSame(codes(served, 11), ['lime'])
  t.match(await control(served, 'POST', '/badges', { code: 'other', colour: 'g', user: 'jane' }), {
    status: /400|409/,
    body: { mistakes: [{ path: 'colour' }] },
  })
  t.match(await control(served, 'POST', '/badges', { user: 'nobody' }), {
    status: 400,
    body: { mistakes: [{ path: 'user' }] },
  })
})

t.test('they go with what they refer to, are counted and exported, and come back', async (t) => {
  await using served = await serveBadges()
  t.match((await control(served, 'GET', '/')).body, { counts: { badges: 2 } })
  const before = (await control(served, 'GET', '/fixtures')).body
  t.match(before.badges, [
    { pk: 4, code: 'blue', user: 11 },
    { pk: 1, code: 'red' },
  ])
  await using again = await serveBadges(before)
  t.strictSame((await control(again, 'GET', '/fixtures')).body, before, 'an export is a fixture')

  await control(served, 'DELETE', '/users/jane')
  t.strictSame(codes(served), ['red'])
  t.match((await control(served, 'GET', '/')).body, { counts: { badges: 1 } })
  await control(served, 'POST', '/reset')
  t.strictSame(codes(served), ['red', 'blue'])
})

t.test('mistakes are told as for any kind', async (t) => {
  const mistakes: [badges: object[], said: RegExp][] = [
    [[{ size: 3 }], /badges\[0\]\.size.*unknown field/],
    [[{ user: 'nobody' }], /badges\[0\]\.user.*nobody/],
    [
      [
        { colour: 'x', user: 'jane' },
        { colour: 'x', user: 'jane' },
      ],
      /badges\[1\]\.colour/,
    ],
  ]
  for (const [badges, said] of mistakes) {
    const error = await serveBadges({ users: [{ username: 'jane' }], badges }).catch((error) => error)
    t.match(error.message, said)
  }
})
