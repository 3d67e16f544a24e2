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
  t.strictSame(await rules(), ['ignored-token', 'rotated-token'])
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
  await authorize('scope=openid&state=s')
  t.strictSame(await rules(), [])
  await authorize('state=s')
  t.strictSame(await rules(), ['wide-scope'])
  await authorize('scope=openid')
  t.strictSame(await rules(), ['no-state'])
  await mock.providers.change(1, { client_type: 'public' })
  await authorize('scope=openid&state=s')
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

t.test('what takes several requests to see is seen, in each world and once more after a reset', async (t) => {
  await using mock = await startMock({ release: '2025.10', fixtures: LIVING })
  const soFar = async () => (await mock.report()).findings.map(({ rule, found }) => `${rule} ${found}`).sort()
  const rules = async () => {
    const found = await soFar()
    await mock.clearReport()
    return found
  }
  const tokenOf = async () => (await mock.tokens.issue({ user: 'jane' })).refresh_token as string
  const late = () => mock.clock.advance('minutes=40')

  await t.test('an old token, once the new one is in use', async (t) => {
    const old = await tokenOf()
    await late()
    const next = (await refresh(mock, old)).json.refresh_token
    await late()
    await refresh(mock, next)
    await refresh(mock, old)
    t.strictSame(await rules(), ['rotated-token refresh token 4'])
  })

  await t.test(
    'a client that never heard of the new token has done nothing wrong by sending the old one',
    async (t) => {
      const old = await tokenOf()
      await late()
      await mock.faults.add({ preset: 'lost-rotation', times: 1 })
      await refresh(mock, old).catch(() => undefined)
      t.equal((await refresh(mock, old)).status, 400)
      t.strictSame(await rules(), [])
    },
  )

  await t.test('the same again after invalid_grant', async (t) => {
    await refresh(mock, 'nonsense')
    t.strictSame(await soFar(), [])
    await refresh(mock, 'nonsense')
    t.strictSame(await rules(), ['retried-grant refresh_token of grafana'])
    await refresh(mock, 'other nonsense')
    await post(mock, 'token', {
      grant_type: 'authorization_code',
      code: 'nonsense',
      redirect_uri: 'https://grafana.test/callback',
    })
    await mock.reset()
    await refresh(mock, 'nonsense')
    t.strictSame(await rules(), [])
  })

  await t.test('a kept token that is not kept', async (t) => {
    await refresh(mock, 'undefined')
    t.strictSame(await rules(), [], 'there was no answer before')
    await mock.providers.change(1, { refresh_token_threshold: 'days=1' })
    const kept = await tokenOf()
    await late()
    const { json } = await refresh(mock, kept)
    t.notOk('refresh_token' in json)
    await late()
    await refresh(mock, kept)
    t.strictSame(await soFar(), [], 'whoever keeps it is right')
    for (const nothing of ['', 'null']) await refresh(mock, nothing)
    t.strictSame(await rules(), ['dropped-token grafana'])
  })

  await t.test('scopes that were granted and not used', async (t) => {
    await mock.providers.change(1, { scopes: ['openid', 'offline_access', 'goauthentik.io/api'] })
    await mock.providers.change(1, { refresh_token_threshold: 'seconds=0' })
    const redirect_uri = 'https://grafana.test/callback'
    const { code } = await mock.codes.issue({ user: 'jane' })
    const { json } = await post(mock, 'token', { grant_type: 'authorization_code', code, redirect_uri })
    const unused = [
      'wide-scope grafana: goauthentik.io/api, never used',
      'wide-scope grafana: offline_access, never used',
    ]
    t.strictSame(await soFar(), unused)
    await send(mock.url, { path: '/api/v3/core/users/me/', headers: { Authorization: `Bearer ${json.access_token}` } })
    await late()
    await refresh(mock, json.refresh_token)
    t.strictSame(await rules(), [])
  })
})
