import t from 'tap'
import { type Mock, startMock } from '../../src/index.js'
import { send } from '../http.js'
import { random } from '../random.js'

/**
 * Random changes of rows over HTTP, held against a small model of them: a good change does all that it says and nothing
 * else, and one in which a single thing is wrong does nothing.
 */

type Row = Record<string, unknown>
type Section = 'groups' | 'users' | 'providers' | 'refresh_tokens' | 'tokens'
/** What is known of each row, by key. */
type Model = Record<Section, Map<unknown, Row>>

const SECTIONS: Section[] = ['groups', 'users', 'providers', 'refresh_tokens', 'tokens']
const KEYS: Record<Section, string> = {
  groups: 'pk',
  users: 'pk',
  providers: 'pk',
  refresh_tokens: 'pk',
  tokens: 'name',
}
const SEEDS = [1, 2, 3]
const STEPS = 150
/** Of the rows that are made here; those that the world begins with stay. */
const FIRST_KEY = 100

async function ask({ url }: Mock, method: string, path: string, json?: unknown) {
  if (json === undefined) return send(url, { method, path: `/_mock${path}` })
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  const body = JSON.stringify(json).replace(/[^ -~]/g, escaped)
  return send(url, { method, path: `/_mock${path}`, headers: { 'Content-Type': 'application/json' }, body })
}

async function rowsOf(mock: Mock): Promise<{ text: string; model: Model }> {
  const { body } = await ask(mock, 'GET', '/fixtures')
  const rows = JSON.parse(body)
  const named = Object.entries((rows.tokens ?? {}) as Record<string, Row>).map(([name, row]) => ({ name, ...row }))
  const listed: Record<string, Row[]> = { ...rows, tokens: named }
  const model = SECTIONS.map((section) => [
    section,
    new Map((listed[section] ?? []).map((row) => [row[KEYS[section]], row])),
  ])
  return { text: body, model: Object.fromEntries(model) }
}

/** The rows of a model as they are seen, as far as the model knows them. */
function seenAs(model: Model, seen: Model): unknown {
  return SECTIONS.map((section) => [
    section,
    Array.from(seen[section], ([key, row]) => {
      const known = model[section].get(key)
      return [key, known && Object.fromEntries(Object.keys(known).map((field) => [field, row[field]]))]
    }).sort(),
  ])
}

function drawer(next: (below: number) => number, model: Model) {
  const pick = <T>(list: T[]): T => list[next(list.length)] as T
  const keys = (section: Section) => [...model[section].keys()]
  let drawn = FIRST_KEY
  const fields: Record<Section, (n: number) => Row> = {
    groups: (n) => ({
      name: `g${n}`,
      is_superuser: next(2) === 0,
      attributes: { a: n, 'é\u{1f680}': [null, { b: 'x' }] },
    }),
    users: (n) => ({
      username: `u${n}`,
      name: pick(['', 'Jane', '日本 \u{1f680}']),
      email: `u${n}@example.com`,
      groups: keys('groups').filter(() => next(3) === 0),
      attributes: { n },
    }),
    providers: (n) => ({ name: `p${n}`, client_id: `c${n}`, access_token_validity: `hours=${n}` }),
    refresh_tokens: () => ({
      user: pick(keys('users')),
      provider: pick(keys('providers')),
      revoked: next(2) === 0,
      scope: pick([['openid'], ['openid', 'email']]),
      expires: pick([null, '2027-01-01T00:00:00Z']),
    }),
    tokens: () => ({ user: pick(keys('users')), expires: pick([null, '2030-01-01T00:00:00Z']) }),
  }
  const other = (section: Section, field: string, key: unknown) =>
    [...model[section]].find(([other, row]) => other !== key && row[field] !== undefined)?.[1][field] ?? 5
  /** What makes a good row a bad one. */
  const spoils: Record<Section, (key: unknown) => Row[]> = {
    groups: (key) => [
      { name: 'a\0' },
      { name: 5 },
      { attributes: 'x' },
      { attributes: { a: '\ud800' } },
      { parent: 'nobody' },
      { name: other('groups', 'name', key) },
    ],
    users: (key) => [
      { username: other('users', 'username', key) },
      { email: 'nope' },
      { groups: ['nobody'] },
      { attributes: { '\0': 1 } },
      { zz: 1 },
    ],
    providers: (key) => [
      { client_id: other('providers', 'client_id', key) },
      { client_type: 'x' },
      { access_token_validity: 'soon' },
      { application: { slug: 's' } },
    ],
    refresh_tokens: () => [
      { user: 999 },
      { provider: 'nobody' },
      { scope: 'x' },
      { expires: '0000-01-01' },
      { expires: 'days=9999999' },
    ],
    tokens: () => [{ user: 'nobody' }, { key: 'a b' }, { expires: 'tomorrow' }, { intent: 'none' }],
  }
  const newKey = (section: Section, n: number) =>
    section === 'groups' ? `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` : section === 'tokens' ? `t${n}` : n

  function created(section: Section): [key: unknown, row: Row] {
    const n = drawn++
    const key = newKey(section, n)
    return [key, { [KEYS[section]]: key, ...fields[section](n) }]
  }

  /** Of a row that was made here. */
  function changed(section: Section): [key: unknown, row: Row] {
    const made = keys(section).filter((key) => Number(/\d+$/.exec(String(key))?.[0]) >= FIRST_KEY)
    const key = pick(made)
    return [
      key,
      key === undefined ? {} : Object.fromEntries(Object.entries(fields[section](drawn++)).filter(() => next(2) === 0)),
    ]
  }

  return { pick, created, changed, spoils: (section: Section, key: unknown) => pick(spoils[section](key)) }
}

/** What goes with a row that goes. */
function forget(model: Model, section: Section, key: unknown): void {
  model[section].delete(key)
  const field = { users: 'user', providers: 'provider' }[section as string]
  for (const of of ['refresh_tokens', 'tokens'] as const)
    for (const [other, row] of model[of]) if (field !== undefined && row[field] === key) model[of].delete(other)
  if (section === 'groups')
    for (const row of model.users.values()) row['groups'] = (row['groups'] as unknown[]).filter((pk) => pk !== key)
}

t.test('a good change does all that it says, and a bad one nothing', async (t) => {
  for (const seed of SEEDS) {
    await using mock = await startMock({ fixtures: { users: [{ username: 'first' }], providers: [{ name: 'first' }] } })
    await mock.clock.freeze()
    const next = random(seed)
    const counts = { made: 0, refused: 0 }
    let { text, model } = await rowsOf(mock)
    const { pick, created, changed, spoils } = drawer(next, model)
    const put = (section: Section, key: unknown, row: Row) =>
      model[section].set(key, { ...model[section].get(key), ...row })
    for (let step = 0; step < STEPS; step++) {
      const section = pick(SECTIONS)
      const isBad = next(3) === 0
      const [key, row] = next(2) === 0 ? created(section) : changed(section)
      if (key === undefined) continue
      const isNew = !model[section].has(key)
      const body = isBad ? { ...row, ...spoils(section, key) } : row
      const path = isNew ? `/${section}` : `/${section}/${key}`
      const secret = section === 'tokens' && isNew ? { key: `key-${key}` } : {}
      const kind = next(5)
      const [beside, besideRow] = created('users')
      const name = KEYS[section]
      const seeds = {
        users: [besideRow],
        [section]:
          section === 'tokens'
            ? { [String(key)]: { key: `key-${key}`, user: beside, ...body, name: undefined } }
            : [...(section === 'users' ? [besideRow] : []), { [name]: key, ...body }],
      }
      const request: [method: string, path: string, json?: unknown] =
        kind === 0 && !isNew
          ? ['DELETE', isBad ? `/${section}/nobody` : path]
          : kind === 1
            ? ['POST', '/fixtures', seeds]
            : [isNew ? 'POST' : 'PATCH', path, { ...secret, ...body }]
      const said = `seed ${seed}, step ${step}: ${JSON.stringify(request)}`
      const answer = await ask(mock, ...request)
      const after = await rowsOf(mock)
      counts[isBad ? 'refused' : 'made']++
      if (isBad) {
        if (answer.status < 400 || answer.status >= 500) t.fail(`${said}: ${answer.status}`)
        if (after.text !== text) t.equal(after.text, text, said)
      } else {
        if (answer.status >= 300) t.fail(`${said}: ${answer.status} ${answer.body}`)
        if (request[0] === 'DELETE') forget(model, section, key)
        else if (request[1] !== '/fixtures') put(section, key, row)
        else {
          put('users', beside, besideRow)
          put(section, key, section === 'tokens' ? { user: beside, ...row } : row)
        }
        const [seen, wanted] = [seenAs(model, after.model), seenAs(model, model)]
        if (JSON.stringify(seen) !== JSON.stringify(wanted)) t.strictSame(seen, wanted, said)
      }
      text = after.text
    }
    t.equal((await ask(mock, 'PUT', '/fixtures', JSON.parse(text))).status, 204)
    t.equal((await rowsOf(mock)).text, text, `seed ${seed}: written out and loaded again, it is the same`)
    t.ok(counts.made > 60 && counts.refused > 30, JSON.stringify(counts))
  }
})
