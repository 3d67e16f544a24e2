import t from 'tap'
import { startMock } from '../../src/index.js'

const FIXTURES = {
  users: ['jane', 'joe', 'ann'].map((username) => ({ username })),
  providers: ['wiki', 'desk', 'shop', 'hub'].map((name) => ({ name, client_type: 'confidential' as const })),
}
const HEADERS = { 'Content-Type': 'application/json' }

t.test('what is made up for a fixture is no made-up row’s', async (t) => {
  await using mock = await startMock({ fixtures: FIXTURES, generate: 300 })
  const ask = async (path: string, method = 'GET', body?: object) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: HEADERS }
    const response = await fetch(`${mock.url}/_mock/${path}`, { method, ...sent })
    return { status: response.status, text: await response.text() }
  }
  const cases: [section: string, field: string][] = [
    ['users', 'uuid'],
    ['providers', 'client_id'],
    ['providers', 'client_secret'],
  ]
  for (const [section, field] of cases) {
    const { rows } = JSON.parse((await ask(section)).text) as { rows: Record<string, unknown>[] }
    const keys = rows.map(({ pk }) => Number(pk))
    const made = rows.map((row) => row[field]).filter((value) => value !== '')
    t.ok(made.length > 5 && !made.includes(undefined), `${section}: ${field}`)
    t.equal(new Set(made).size, made.length, `${field} of each of ${section} is its own`)
    for (const pk of keys) t.match(await ask(`${section}/${pk}`, 'PATCH', { name: `n${pk}` }), { status: 200 })
  }
  await ask('users/7', 'DELETE')
  t.match(await ask('users', 'POST', { pk: 7, username: 'new' }), { status: 201 }, 'in the place of a made-up one')
})
