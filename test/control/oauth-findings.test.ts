import t from 'tap'
import { startMock } from '../../src/index.js'
import { send } from '../http.js'
import { LIVING, post, refresh } from './living.js'

/** What the report says of clients of the OAuth2 endpoints. */

t.test('offences of OAuth2 clients are found, and nothing is blamed on a good one', async (t) => {
  await using mock = await startMock({ fixtures: LIVING })
  const rules = async () => {
    const { findings } = await mock.report()
    await mock.clearReport()
    return findings.map(({ rule }) => rule).sort()
  }
  const tokenOf = async () => (await mock.tokens.issue({ user: 'jane' })).refresh_token as string
  const late = () => mock.clock.advance('minutes=40')

  const first = await tokenOf()
  await late()
  t.equal((await refresh(mock, first)).status, 200)
  t.strictSame(await rules(), [], 'a good one')
  await refresh(mock, first)
  t.strictSame(await rules(), ['rotated-token'])
  await refresh(mock, await tokenOf())
  t.strictSame(await rules(), ['early-refresh'])

  const raced = await tokenOf()
  await late()
  await mock.faults.add({ grant: 'refresh_token', barrier: 2, times: 2 })
  await Promise.all([refresh(mock, raced), refresh(mock, raced)])
  t.ok((await rules()).includes('parallel-refresh'))
  await mock.faults.clear()

  const authorize = (query: string) =>
    send(mock.url, { path: `/application/o/authorize/?client_id=grafana&response_type=code&${query}` })
  await authorize('state=s')
  t.strictSame(await rules(), [])
  await authorize('scope=openid')
  t.strictSame(await rules(), ['no-state'])
  await mock.providers.change(1, { client_type: 'public' })
  await authorize('state=s')
  t.strictSame(await rules(), ['no-pkce'])

  await send(mock.url, { method: 'POST', path: '/application/o/token/?client_secret=grafana-secret' })
  t.strictSame(await rules(), ['secret-in-query'])
  await send(mock.url, {
    method: 'POST',
    path: '/application/o/token/',
    headers: {
      Authorization: `Basic ${Buffer.from('grafana:grafana-secret').toString('base64')}`,
      'Content-Type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials&client_secret=grafana-secret',
  })
  t.strictSame(await rules(), ['two-credentials'])
  await post(mock, 'token', { grant_type: 'client_credentials' })
  t.strictSame(await rules(), [])
})
