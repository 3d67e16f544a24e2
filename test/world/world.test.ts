import { createHash } from 'node:crypto'
import { generateMersenne53Randomizer } from '@faker-js/faker'
import t from 'tap'
import { Compile } from 'typebox/schema'
import { findRelease, RELEASES, type Release } from '../../src/authentik/releases.js'
import { refreshTokenText } from '../../src/routes/api/v3/oauth2/refresh_tokens/body.js'
import { bodySchemas, type RefreshTokenBody } from '../../src/routes/api/v3/oauth2/refresh_tokens/body-schemas.js'
import { createClock } from '../../src/world/clock.js'
import { avatarOf, isSuperuser, numPkOf, uidOf } from '../../src/world/computed-fields.js'
import { createDatabase, type Database } from '../../src/world/database.js'
import { createMersenneTwister } from '../../src/world/generate/mersenne-twister.js'
import { createHistory } from '../../src/world/history.js'
import type { OrderTerm } from '../../src/world/index/columns.js'
import { ranksOf, sortByRank } from '../../src/world/index/ranks.js'
import { beginRows } from '../../src/world/indexed-rows.js'
import { formatInstant, microsOf, parseDuration, parseInstant, parseIso } from '../../src/world/instant.js'
import { jsonbText, pythonText } from '../../src/world/json.js'
import type { Group } from '../../src/world/kinds/groups.js'
import { KINDS, type Kinds } from '../../src/world/kinds/registry.js'
import type { User } from '../../src/world/kinds/users.js'
import { startWorld } from '../../src/world/start.js'
import { createTable } from '../../src/world/table.js'
import { createWork } from '../../src/world/work.js'
import { random } from '../random.js'

const NOW = microsOf('2026-01-01T00:00:00Z')

async function generated(count: number, seed: number): Promise<Database> {
  const { snapshot } = await startWorld({ sources: [], generate: count, seed, token: 'key', begin: NOW })
  return createDatabase(snapshot, createClock())
}

function bodyOf(world: Database, pk: number, release: Release): RefreshTokenBody {
  const row = world.refresh_tokens.get(pk)
  if (row === undefined) throw new Error(`no row ${pk}`)
  return JSON.parse(refreshTokenText(row, { database: world, release, groups: true, roles: true, language: 'en' }))
}

t.test('moments', async (t) => {
  const moments: Record<string, string | undefined> = {
    '2099-03-05T08:15:07.662391Z': '2099-03-05T08:15:07.662391Z',
    '2099-03-04T08:15:07.5Z': '2099-03-04T08:15:07.500000Z',
    '2099-03-04T08:15:07.000000Z': '2099-03-04T08:15:07Z',
    '2099-03-04': '2099-03-04T00:00:00Z',
    '2099-03-04 08:15': '2099-03-04T08:15:00Z',
    '2025-02-03T08:14:52.5+02:00': '2025-02-03T06:14:52.500000Z',
    '2025-02-03T00:30:00-0130': '2025-02-03T02:00:00Z',
    '2025-02-30': undefined,
    '2025-13-01': undefined,
    '2025-01-01T25:00:00Z': undefined,
    '03.02.2025': undefined,
    yesterday: undefined,
    '': undefined,
  }
  for (const [text, moment] of Object.entries(moments)) t.equal(parseIso(text), moment, text)
  for (const moment of [
    '2025-02-03T08:14:52.318204Z',
    '2024-12-24T23:59:59.000001Z',
    '1969-12-31T23:59:59.999999Z',
    '2020-01-01T00:00:00Z',
  ]) {
    t.equal(formatInstant(microsOf(moment)), moment, moment)
  }
})

t.test('durations, and moments that count from now', async (t) => {
  const day = 8.64e10
  const durations: Record<string, number | undefined> = {
    'days=30': 30 * day,
    'weeks=1;hours=2': 7 * day + 7.2e9,
    'seconds=90': 9e7,
    'Minutes=1.5': 9e7,
    'hours=-1': -3.6e9,
    '-hours=1;minutes=5': -3.9e9,
    'microseconds=1;milliseconds=1': 1001,
    'day=30': undefined,
    days: undefined,
    'days=': undefined,
    '30': undefined,
    '': undefined,
  }
  for (const [text, micros] of Object.entries(durations)) t.equal(parseDuration(text, { strict: true }), micros, text)
  t.equal(parseDuration('days=1;fortnights=2'), day, 'authentik skips what it does not know')
  t.equal(parseInstant('-days=1', NOW), '2025-12-31T00:00:00Z')
  t.equal(parseInstant('hours=1.5', NOW), '2026-01-01T01:30:00Z')
  t.equal(parseInstant('2025-01-01', NOW), '2025-01-01T00:00:00Z')
  t.equal(parseInstant('weeks=999999', NOW), undefined, 'beyond the year 9999')
})

t.test('JSON as PostgreSQL and as Python write it', async (t) => {
  t.equal(
    jsonbText({ bb: 1, a: { z: null, ä: true, y: [2, { c: 'x', 10: 1, 9: 2 }] }, '': 0 }),
    '{"":0,"a":{"y":[2,{"9":2,"c":"x","10":1}],"z":null,"ä":true},"bb":1}',
  )
  t.equal(
    pythonText({
      text: 'é🚀"\\\n\u007f',
      list: [1, []],
      empty: {},
      none: null,
      yes: true,
      tiny: 0.00001,
      big: 1e21,
      half: 0.5,
    }),
    '{\n    "text": "\\u00e9\\ud83d\\ude80\\"\\\\\\n\\u007f",\n    "list": [\n        1,\n        []\n    ],\n    "empty": {},\n    "none": null,\n    "yes": true,\n    "tiny": 1e-05,\n    "big": 1000000000000000000000,\n    "half": 0.5\n}',
  )
})

t.test('computed values', async (t) => {
  t.equal(
    uidOf(101, '5f1d7c0e-8f8a-4e0b-9a44-2b8d0f6e7c11'),
    '7c65f9ab91ec6a66754e86a517210a5282e57932ffd25923cbbf888f43a13b3d',
  )
  t.equal(numPkOf('6c1b2f7e-3a4d-4e5f-8a9b-0c1d2e3f4a5b'), 14369)
  const svg = (name: string, username: string) =>
    Buffer.from(avatarOf(name, username).split(',')[1] ?? '', 'base64').toString()
  t.match(svg('Ada Lovelace', 'ada'), /fill="#3961c8".*color: #fff.*>AL<\/text>/)
  t.match(svg('', 'ext.partner'), /fill="#37713b".*>EX<\/text>/)
  t.match(svg(' \n', ' '), />AK<\/text>/, 'nobody')
  t.match(svg('ähm & <x>', 'u'), />&#196;&lt;<\/text>/, 'entities')
  t.match(svg('🚀 Ża', 'u'), />&#128640;&#379;<\/text>/, 'whole characters')
})

t.test('a superuser is a member of a superuser group, or of one below it', async (t) => {
  const group = (pk: string, parents: string[] = [], is_superuser = false): [string, Group] => [
    pk,
    { pk, name: pk, parents, is_superuser, attributes: {} },
  ]
  const chain = Array.from({ length: 23 }, (_, i) => group(`g${i}`, [`g${i + 1}`], i === 22))
  const groups = new Map([
    group('top', [], true),
    group('middle', ['top']),
    group('low', ['other', 'middle']),
    group('loop', ['loop']),
    group('lost', ['gone']),
    ...chain,
  ])
  const memberships: [string[], boolean][] = [
    [['top'], true],
    [['low'], true],
    [['loop'], false],
    [['lost'], false],
    [[], false],
    [['g2'], true],
    [['g1'], false],
  ]
  for (const [member, is] of memberships) t.equal(isSuperuser({ groups: member } as User, groups), is, String(member))
  t.equal(isSuperuser({ groups: [], is_superuser: true } as unknown as User, groups), true, 'as captured')
})

t.test('a table lays changes over what it began with', async (t) => {
  const row = (pk: number, name: string) => ({ pk, name })
  const begun = new Map([
    [1, row(1, 'a')],
    [2, row(2, 'b')],
  ])
  const table = createTable(beginRows(begun), { key: 'pk', unique: ['name'] })
  table.set(2, row(2, 'B'))
  table.set(3, row(3, 'c'))
  t.ok(table.delete(1))
  t.notOk(table.delete(1), 'gone already')
  t.notOk(table.delete(9), 'never there')
  t.strictSame(
    [...table.keys()].map((key) => table.get(key)),
    [row(2, 'B'), row(3, 'c')],
  )
  t.equal(table.size, 2)
  const found = (...names: string[]) => names.map((name) => table.find('name', name)?.pk)
  t.strictSame(found('a', 'b', 'B', 'c'), [undefined, undefined, 2, 3])
  t.ok(table.delete(3))
  table.set(1, row(1, 'again'))
  t.strictSame(found('a', 'again', 'c'), [undefined, 1, undefined])
  t.strictSame([...table.keys()], [1, 2])
  table.reset()
  t.strictSame(
    [...table.keys()].map((key) => table.get(key)?.name),
    ['a', 'b'],
  )
  t.strictSame(found('a', 'b', 'again'), [1, 2, undefined])
  t.equal(table.size, 2)
})

t.test('a history knows the latest 50,000 rows, and of the oldest nothing', async (t) => {
  const history = createHistory(KINDS as unknown as Kinds)
  const issue = (pk: number) => {
    history.begin(undefined)
    history.put('refresh_tokens', pk, undefined, { pk, revoked: false })
    history.end()
  }
  for (let pk = 1; pk <= 200_000; pk++) {
    issue(pk)
    if (pk % 20_011 !== 0) continue
    t.ok(history.of('refresh_tokens', Math.max(1, pk - 49_999)), `the oldest of the latest 50,000 of ${pk}`)
    t.notOk(history.of('refresh_tokens', pk - 55_000), `the oldest of ${pk}`)
    t.ok(history.size <= 55_000)
  }
})

t.test('sorting is stable, in both directions', async (t) => {
  const next = random(4)
  const draws = {
    'few and small': () => next(5),
    'as many as there are': () => next(6000),
    'of all sizes': () => [next(5), next(2 ** 31) * 2 ** 20, Number.POSITIVE_INFINITY][next(3)] as number,
  }
  for (const [name, draw] of Object.entries(draws))
    for (const length of [0, 1, 2, 100, 3000]) {
      const keys = Float64Array.from({ length }, draw)
      for (const descending of [false, true]) {
        const order = Uint32Array.from({ length }, (_, i) => i)
        const wanted = [...order].sort((a, b) => {
          const [x, y] = [keys[a] as number, keys[b] as number]
          return x === y ? a - b : x < y === descending ? 1 : -1
        })
        t.strictSame([...sortByRank(order, ranksOf(keys), descending)], wanted, `${length} ${name}, ${descending}`)
      }
    }
})

for (const many of [0, 1500])
  t.test(`selections of a changed world agree with a naive model, ${many} changes ahead`, async (t) => {
    const world = await generated(200, 5)
    const ahead = world.refresh_tokens.get(1)
    world.apply(
      Array.from({ length: many }, (_, i) => ({
        type: 'put',
        section: 'refresh_tokens',
        row: { ...ahead, pk: 1000 + i, user: 1 + (i % 7), expires: formatInstant(NOW + (i % 100) * 1e6) },
      })),
    )
    const next = random(6)
    const terms = ['pk', 'provider', 'user', 'expires', 'revoked'] as const
    for (let i = 0; i < 200; i++) {
      const pk = 1 + next(205)
      const row = world.refresh_tokens.get(1 + next(200))
      const section = 'refresh_tokens'
      if (next(2) === 0) world.apply([{ type: 'delete', section, key: pk }])
      else if (row !== undefined)
        world.apply([
          {
            type: 'put',
            section,
            row: { ...row, pk, expires: next(9) === 0 ? null : row.expires, revoked: next(2) === 0 },
          },
        ])
      const order: OrderTerm[] = [{ by: terms[next(5)] ?? 'pk', descending: next(2) === 0 }]
      const user = next(2) === 0 ? row?.user : undefined
      const selected = [...world.select(section, { order, where: user === undefined ? [] : [['user', user]] })]
      const key = (row: { expires: string | null; pk: number }) =>
        row.expires === null ? Number.POSITIVE_INFINITY : microsOf(row.expires)
      const wanted = [...world.refresh_tokens.keys()]
        .flatMap((pk) => world.refresh_tokens.get(pk) ?? [])
        .filter((row) => user === undefined || row.user === user)
        .sort((a, b) => {
          const { by, descending } = order[0] as OrderTerm
          const cellOf = (row: typeof a) => (by === 'expires' ? key(row) : Number(row[by as 'pk']))
          const [x, y] = [cellOf(a), cellOf(b)]
          return x === y ? a.pk - b.pk : x < y === descending ? 1 : -1
        })
      if (String(selected) !== String(wanted.map((row) => row.pk))) t.fail(`step ${i}`)
    }
    world.reset()
    t.equal(world.select('refresh_tokens', { order: [], where: [] }).length, 200)
  })

t.test('work that is spread is done once, and at once by whoever cannot wait', async (t) => {
  let steps = 0
  const work = createWork(function* () {
    for (; steps < 1000; steps++) {
      yield
      const until = performance.now() + 0.05
      while (performance.now() < until);
    }
    return {}
  })
  const spread = work.spread()
  t.equal(work.done, undefined)
  const done = work.finish()
  t.equal(steps, 1000)
  t.equal(await spread, done)
  t.equal(work.finish(), done)
})

t.test('a quicker source of random numbers draws what that of faker draws', (t) => {
  const [ours, fakers] = [createMersenneTwister(), generateMersenne53Randomizer()]
  const long = Array.from({ length: 700 }, (_, i) => i * 7919)
  for (const seed of [[0, 1, 1], [4_294_967_295, 2, 2 ** 31 - 1], [7], long, 0, 5, 123_456_789_012]) {
    for (const each of [ours, fakers]) each.seed(seed)
    const drawn = [ours, fakers].map((each) => Array.from({ length: 1500 }, () => each.next()))
    t.ok(
      drawn[0]?.every((number, i) => number === drawn[1]?.[i]),
      String(seed).slice(0, 30),
    )
  }
  t.end()
})

t.test('a row that was made up is a function of seed and key', async (t) => {
  const release = findRelease('2025.2') as Release
  const [few, many, other] = await Promise.all([generated(20, 7), generated(1_000_000, 7), generated(20, 8)])
  for (let pk = 1; pk <= 20; pk++) {
    t.strictSame(bodyOf(few, pk, release), bodyOf(many, pk, release), `row ${pk} of few and of many`)
    t.notSame(bodyOf(few, pk, release), bodyOf(other, pk, release), `row ${pk} of another seed`)
  }
  const texts = Array.from({ length: 100 }, (_, i) => JSON.stringify(bodyOf(many, 1 + i * 10_000, release)))
  // Another hash means that made-up rows are others than before: a breaking change, to be said in the CHANGELOG.
  t.equal(
    createHash('sha256').update(texts.join('\n')).digest('hex'),
    '83543dce72fa67f9f90c06088196ecfcde4026586dfc2d641787da55602bd71a',
  )
  t.equal(many.refresh_tokens.get(1_000_001), undefined)
  t.equal(many.users.get(1_000_000), undefined)
})

t.test('10,000 rows of several seeds meet the schema and the invariants', async (t) => {
  const release = findRelease('2025.2') as Release
  const row = Compile(bodySchemas(release).RefreshToken)
  for (const seed of [1, 2, 3, 4, 5]) {
    const world = await generated(10_000, seed)
    const clientIds = new Map<string, number>()
    const usernames = new Map<string, number>()
    const chains = new Map<string, RefreshTokenBody>()
    const counts = { revoked: 0, expired: 0, live: 0, public: 0, noApplication: 0, service: 0 }
    for (let pk = 1 + seed; pk <= 10_000; pk += 5) {
      const body = bodyOf(world, pk, release)
      const { provider, user } = body
      const token = JSON.parse(body.id_token)
      const problems = [
        !row.Check(body) && 'schema',
        token.aud !== provider.client_id && 'aud',
        token.exp !== Math.floor(microsOf(body.expires ?? '') / 1e6) && 'exp',
        token.exp - token.iat !== (parseDuration(provider.refresh_token_validity ?? '') ?? 0) / 1e6 && 'validity',
        token.auth_time > token.iat && 'auth_time',
        microsOf(user.last_login ?? '') / 1e6 < token.auth_time && 'last_login',
        !body.scope.includes('offline_access') && 'offline_access',
        token.sub !== subjectOf(body) && 'sub',
        token.iss !== issuerOf(body) && 'iss',
        'email' in token !== (provider.include_claims_in_id_token && body.scope.includes('email')) && 'claims',
        'email' in token && token.email !== user.email && 'email',
        user.email !== '' && user.email !== `${user.username}@example.com` && 'address',
        user.avatar !== avatarOf(user.name, user.username) && 'avatar',
        (clientIds.get(provider.client_id ?? '') ?? provider.pk) !== provider.pk && 'client_id twice',
        (usernames.get(user.username) ?? user.pk) !== user.pk && 'username twice',
      ].filter(Boolean)
      if (problems.length > 0) t.fail(`seed ${seed}, row ${pk}`, { problems })
      clientIds.set(provider.client_id ?? '', provider.pk)
      usernames.set(user.username, user.pk)
      const before = chains.get(token.sid)
      if (before !== undefined && (before.expires ?? '') >= (body.expires ?? '')) t.fail(`chain of ${pk} falls`)
      chains.set(token.sid, body)
      counts.revoked += Number(body.revoked)
      counts.expired += Number(body.is_expired)
      counts.live += Number(!body.revoked && !body.is_expired)
      counts.public += Number(provider.client_type === 'public')
      counts.noApplication += Number(provider.assigned_application_slug === null)
      counts.service += Number(user.type === 'service_account')
    }
    for (const [kind, count] of Object.entries(counts))
      t.ok(count > 0, `seed ${seed} has rows that are ${kind}: ${count}`)
  }
})

t.test('a chain ends in one row that is not revoked', async (t) => {
  const world = await generated(400, 9)
  const heads = new Map<string, number>()
  for (let pk = 1; pk <= 400; pk++) {
    const row = world.refresh_tokens.get(pk)
    const sid = typeof row?.id_token === 'object' ? String(row.id_token.base['sid']) : ''
    heads.set(sid, (heads.get(sid) ?? 0) + Number(row?.revoked === false))
  }
  t.strictSame(new Set(heads.values()), new Set([1]))
})

t.test('made-up rows meet the schema of every release', async (t) => {
  const world = await generated(1000, 10)
  for (const release of RELEASES) {
    const row = Compile(bodySchemas(release).RefreshToken)
    for (let pk = 1; pk <= 1000; pk += 13)
      if (!row.Check(bodyOf(world, pk, release))) t.fail(`${release.name}, row ${pk}`)
  }
  t.pass(`${RELEASES.length} releases`)
})

function subjectOf({ provider, user }: RefreshTokenBody): string {
  const upn = user.attributes['upn']
  const subjects: Record<string, string> = {
    hashed_user_id: user.uid,
    user_id: String(user.pk),
    user_uuid: user.uuid,
    user_username: user.username,
    user_email: user.email,
    user_upn: typeof upn === 'string' ? upn : user.uid,
  }
  return subjects[provider.sub_mode ?? ''] ?? ''
}

function issuerOf({ provider }: RefreshTokenBody): string | undefined {
  if (provider.issuer_mode === 'global') return 'http://localhost:9000/'
  return provider.assigned_application_slug === null
    ? undefined
    : `http://localhost:9000/application/o/${provider.assigned_application_slug}/`
}
