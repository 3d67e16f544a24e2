import t from 'tap'
import { type Mock, startMock } from '../../src/index.js'
import { serve } from '../process.js'
import { LIVING, post, refresh } from './living.js'

/** Rows that clients make are limited: what happens then. */

const rowsOf = async (world: Mock) => (await world.refreshTokens.list()).count + (await world.accessTokens.list()).count
const tokenOf = async (world: Mock) => (await world.tokens.issue({ user: 'jane' })).refresh_token as string

/** Refreshes so many times, each time with the token that came last. */
async function refreshOn(world: Mock, token: string, times: number): Promise<string> {
  let next = token
  for (let i = 0; i < times; i++) next = (await refresh(world, next)).json.refresh_token
  return next
}

t.test('what clients made goes at the limit, what is of no use first, and whoever shows it is told', async (t) => {
  await using mock = await startMock({ fixtures: LIVING, issuedRows: 20, logLevel: 'silent' })
  const begun = await rowsOf(mock)
  const idle = (await refresh(mock, 'janes-refresh-token')).json
  const first = await tokenOf(mock)
  const second = (await refresh(mock, first)).json.refresh_token
  const last = await refreshOn(mock, second, 60)
  t.ok((await rowsOf(mock)) <= begun + 2 + 20, 'those of the control API stay beside them')
  t.ok((await rowsOf(mock)) > 10)

  t.equal((await refresh(mock, last)).status, 200, 'who is under way goes on')
  t.equal((await refresh(mock, idle.refresh_token)).status, 200, 'a good token outlives those that were rotated')
  t.equal((await refresh(mock, second)).json.error, 'invalid_grant')
  const [refused] = await mock.requests({ limit: 1 })
  t.match(refused?.reason, /^refresh token \d+ was deleted at .* by the mock, which keeps 20 rows that clients made$/)

  await mock.reset()
  t.equal(await rowsOf(mock), begun)
  t.equal((await refresh(mock, 'janes-refresh-token')).status, 200)
})

t.test('where all are good, the oldest go', async (t) => {
  await using mock = await startMock({ fixtures: LIVING, issuedRows: 10 })
  const made: string[] = []
  for (let i = 0; i < 30; i++)
    made.push((await post(mock, 'token', { grant_type: 'client_credentials', scope: 'openid' })).json.access_token)
  const active = []
  for (const token of made) active.push((await post(mock, 'introspect', { token })).json.active)
  t.ok(active.filter(Boolean).length <= 10)
  t.notOk(active[0])
  t.ok(active.at(-1))
})

t.test('what has expired goes before anything that is good', async (t) => {
  await using mock = await startMock({ fixtures: LIVING, issuedRows: 12, logLevel: 'silent' })
  const old: string[] = []
  for (let i = 0; i < 3; i++) old.push((await refresh(mock, await tokenOf(mock))).json.refresh_token)
  await mock.clock.advance('days=31')
  const made: string[] = []
  for (let i = 0; i < 12; i++)
    made.push((await post(mock, 'token', { grant_type: 'client_credentials', scope: 'openid' })).json.access_token)
  for (const token of made) t.equal((await post(mock, 'introspect', { token })).json.active, true)
  for (const token of old) t.equal((await refresh(mock, token)).json.error, 'invalid_grant')
  const [refused] = await mock.requests({ limit: 1 })
  t.match(refused?.reason, /was deleted at .* by the mock/)
})

t.test('a row in which a client says much counts as several', async (t) => {
  await using mock = await startMock({ fixtures: LIVING, issuedRows: 10, logLevel: 'silent' })
  const begin = (scope: string) => post(mock, 'device', { scope }).then(({ json }) => json.device_code as string)
  const poll = async (device_code: string) =>
    (await post(mock, 'token', { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code })).json.error
  const first = await begin('openid')
  for (let i = 0; i < 3; i++) await begin('openid')
  t.equal(await poll(first), 'authorization_pending')
  await begin('x'.repeat(9 * 4096))
  t.equal(await poll(first), 'invalid_grant')
})

t.test('worlds share the limit: the one with most of them makes room, and one that ends takes none', async (t) => {
  await using mock = await startMock({ fixtures: LIVING, issuedRows: 40 })
  const [quiet, loud] = [mock.world('quiet'), mock.world('loud')]
  const kept = (await refresh(quiet, await tokenOf(quiet))).json.refresh_token
  await refreshOn(loud, await tokenOf(loud), 100)
  t.equal((await refresh(quiet, kept)).status, 200)
  t.ok((await loud.refreshTokens.list()).count < 40)
  await loud.close()
  const token = (await refresh(mock, 'janes-refresh-token')).json.refresh_token
  await refreshOn(mock, token, 15)
  t.equal((await mock.accessTokens.list()).count, 16, 'nothing had to go')
})

t.test('rows of control requests are nobody else to count', async (t) => {
  await using mock = await startMock({ fixtures: LIVING, issuedRows: 1 })
  const tokens = []
  for (let i = 0; i < 10; i++) tokens.push(await tokenOf(mock))
  for (const token of tokens) t.equal((await refresh(mock, token)).status, 200)
})

t.test('the log says it once, and an impossible limit is refused', async (t) => {
  await using server = await serve(['--issued-rows', '3', '--log-level', 'warn'])
  const ask = () => fetch(`${server.url}/application/o/device/`, { method: 'POST', body: new URLSearchParams(CLIENT) })
  for (let i = 0; i < 10; i++) t.equal((await ask()).status, 200)
  server.process.kill()
  const { stdout, stderr } = await server.ended
  t.equal(
    `${stdout}${stderr}`.split('clients made more than 3 rows, so the oldest go; --issued-rows sets the limit').length,
    2,
  )
  await t.rejects(startMock({ issuedRows: 0 }), /issuedRows/)
})

const CLIENT = { client_id: 'grafana' }
