import t from 'tap'
import { type Mock, type RefreshTokenBody, type RefreshTokenListBody, startMock } from '../../src/index.js'
import { connectTo, statusesIn } from '../socket.js'

/** Routes are put in place, a part of them at a time, by the first request that asks for one of the part. */

const REFRESH_TOKENS = '/api/v3/oauth2/refresh_tokens/'

t.test('requests have their effects in their order, also where the first one waits for its routes', async (t) => {
  await using mock = await startMock()
  const user = (await firstToken(mock)).user.pk
  using client = await connectTo(mock.url)
  const ask = (method: string, path: string, more = '') =>
    `${method} ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${mock.token}\r\n${more}\r\n`
  await client.sends(
    ask('GET', `${REFRESH_TOKENS}?user=${user}`) +
      ask('DELETE', `/api/v3/core/users/${user}/`) +
      ask('GET', `${REFRESH_TOKENS}?user=${user}`, 'Connection: close\r\n'),
  )
  const answers = await client.ends()
  t.strictSame(statusesIn(answers), [200, 204, 400], 'authentik knows no such user any more')
})

t.test('the first request of a part is answered as all others, and so is what is wrong with it', async (t) => {
  await using mock = await startMock()
  const cases: [name: string, request: string, status: number][] = [
    [
      'a body that breaks off',
      'POST /application/o/token/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
    ],
    ['a path without a route', 'GET /api/v3/providers/saml/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 404],
    ['a method without one', 'FOO /api/v3/root/config/ HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ]
  for (const [name, request, status] of cases) {
    const answers: string[] = []
    for (let turn = 0; turn < 2; turn++) {
      using client = await connectTo(mock.url)
      await client.sends(request)
      answers.push((await client.ends()).replace(/^(?:Date|X-Authentik-Id): .*$/gm, ''))
    }
    t.strictSame(statusesIn(answers[0] ?? ''), [status], name)
    t.equal(answers[0], answers[1], `${name}, again`)
  }
})

async function firstToken({ url, token }: Mock): Promise<RefreshTokenBody> {
  const response = await fetch(url + REFRESH_TOKENS, { headers: { Authorization: `Bearer ${token}` } })
  const { results } = (await response.json()) as RefreshTokenListBody
  return results[0] as RefreshTokenBody
}
