import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { handleInTurn, manageConnections } from '../../src/server/connections.js'
import { connectTo, statusesIn } from '../socket.js'

/** As soon as a server looks after requests that take too long. */
const SOON = 10

/** A server that gives up requests which take longer than that to come. */
async function startServer(handle: RequestListener) {
  const server = createServer(
    { headersTimeout: SOON, requestTimeout: SOON, connectionsCheckingInterval: SOON },
    (request, response) => {
      request.socket.latest = response
      handleInTurn(request, response, handle)
    },
  )
  const ignore = () => {}
  const { close } = manageConnections([server], { refuse: ignore, refuseBody: ignore, refuseConnection: ignore })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: () => close(0) }
}

t.test('who waits for a turn is not given up', async (t) => {
  await using server = await startServer(async (request, response) => {
    let length = 0
    for await (const part of request) length += part.length
    if (request.url === '/slow') await setTimeout(30 * SOON)
    response.end(String(length))
  })
  const request = (path: string, lines = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`
  const long = 1_000_000
  const cases: [name: string, sent: string, count: number][] = [
    ['behind many', request('/slow') + request('/', `X: ${'x'.repeat(400)}\r\n`).repeat(2000), 2001],
    ['with a body', request('/slow') + request('/', `Content-Length: ${long}\r\n`) + 'x'.repeat(long), 2],
  ]
  for (const [name, sent, count] of cases) {
    using connection = await connectTo(server.url)
    await connection.sends(sent + request('/', 'Connection: close\r\n'))
    t.equal(statusesIn(await connection.ends()).length, count + 1, name)
  }
})

t.test('who does not wait is', async (t) => {
  await using server = await startServer((_, response) => void response.end())
  using connection = await connectTo(server.url)
  await connection.sends('GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT')
  t.strictSame(statusesIn(await connection.ends()), [200])
})
