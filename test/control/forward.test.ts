import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { startMock } from '../../src/index.js'
import { send } from '../http.js'

const USERS = '/api/v3/outposts/instances/'
const SECRETS = { Authorization: 'Bearer superuser-key', Cookie: 'a=b', 'X-Api-Key': 'hush', 'X-Plain': 'yes' }

async function listen(handler: RequestListener) {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const echo: RequestListener = (request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    response.writeHead(207, { 'X-Own': '1', Connection: 'close, x-hop', 'X-Hop': '1' })
    const { method, url, headers } = request
    response.end(JSON.stringify({ method, url, headers, length: Buffer.concat(parts).length }))
  })
}

t.test('what nothing serves goes to another server, without credentials', async (t) => {
  await using other = await listen(echo)
  for (const forwardCredentials of [false, true]) {
    await using mock = await startMock({ forward: `${other.url}/base/`, forwardCredentials })
    const body = 'x'.repeat(3_000_000)
    const answer = await send(mock.url, { method: 'POST', path: `${USERS}?a=%2F`, headers: SECRETS, body })
    t.match(answer, { status: 207, headers: { 'x-own': '1', 'x-hop': undefined } })
    const { headers, ...got } = JSON.parse(answer.body)
    t.strictSame(got, { method: 'POST', url: `/base${USERS}?a=%2F`, length: body.length })
    t.equal(headers.host, new URL(other.url).host)
    t.match(headers.via, /^1\.1 authentik-mock-[0-9a-f]{12}$/)
    t.equal(headers['x-plain'], 'yes')
    const wanted = forwardCredentials ? ['Bearer superuser-key', 'a=b', 'hush'] : [undefined, undefined, undefined]
    t.strictSame([headers.authorization, headers.cookie, headers['x-api-key']], wanted)
    t.match(await mock.requests(), [
      { status: 207, forwarded: `${other.url}/base`, as: 'superuser', unserved: false, findings: [] },
    ])
    t.equal((await mock.report()).worst, null)
    await mock.stubs.add({ path: USERS, request_body: { a: 1 }, text: 'stub' })
    const json = { 'Content-Type': 'application/json' }
    t.equal((await send(mock.url, { method: 'POST', path: USERS, headers: json, body: '{"a":1}' })).body, 'stub')
    const long = await send(mock.url, { method: 'POST', path: USERS, headers: json, body: JSON.stringify(body) })
    t.equal(JSON.parse(long.body).length, body.length + 2, 'a stub has looked at it, and nothing of it is lost')
    t.equal((await send(mock.url, { path: '/api/v3/oauth2/refresh_tokens/1/' })).status, 404, 'the mock serves this')
    await mock.faults.add({ after: true, status: 503, path: USERS, times: 1 })
    t.equal((await send(mock.url, { path: USERS })).status, 503)
  }
})

t.test('a server that cannot be asked, is silent, or sends the request back', async (t) => {
  await using silent = await listen(() => {})
  await using broken = await listen((_, response) => response.socket?.destroy())
  const gone = await listen(echo)
  await gone[Symbol.asyncDispose]()
  const cases: [forward: string, status: number, line: RegExp][] = [
    [gone.url, 502, /^authentik-mock: http:\S+ could not be asked: nothing listens there\n$/],
    [broken.url, 502, /^authentik-mock: http:\S+ could not be asked: the connection was broken off\n$/],
    [silent.url, 504, /^authentik-mock: http:\S+ did not answer within 0\.1 s\n$/],
  ]
  for (const [forward, status, line] of cases) {
    await using mock = await startMock({ forward, forwardTimeout: 0.1 })
    t.match(await send(mock.url, { path: USERS }), { status, body: line })
    t.match(await mock.requests(), [{ status, forwarded: forward }])
  }
  let second = ''
  await using back = await listen((request, response) => {
    send(second, { path: request.url ?? '', headers: { Via: String(request.headers.via) } }).then(({ status, body }) =>
      response.writeHead(status).end(body),
    )
  })
  await using mock = await startMock({ forward: back.url })
  second = mock.url
  t.match(await send(mock.url, { path: USERS }), { status: 508, body: /--forward leads in a circle/ })
})

t.test('what is not allowed as a server to forward to', async (t) => {
  for (const forward of ['ftp://x', 'http://a:b@c', 'x', 'http://c/?d'])
    t.match(
      await startMock({ forward }).catch((error) => error.message),
      /^forward: found .*; allowed: an http or https URL/,
    )
})
