import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import t from 'tap'
import { keepConnections } from '../http.js'

/** A server that answers by the path: what it sends, and whether it ends the connection then. */
const ANSWERS: Record<string, { head: string; ends?: true }> = {
  '/keeps': { head: 'Content-Length: 2\r\n' },
  '/says-close': { head: 'Content-Length: 2\r\nConnection: close\r\n' },
  '/ends-after': { head: 'Content-Length: 2\r\n', ends: true },
}

async function counting() {
  const seen: Socket[] = []
  const server = createServer((socket) => {
    seen.push(socket)
    socket.on('data', (head) => {
      const { head: more = '', ends } = ANSWERS[String(head).split(' ')[1] ?? ''] ?? {}
      socket.write(`HTTP/1.1 200 OK\r\n${more}\r\n${String(seen.length).padStart(2, '0')}`)
      if (ends) socket.end()
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    seen,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of seen) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const CASES: [name: string, paths: string[], connections: string[]][] = [
  ['requests that follow one another share a connection', ['/keeps', '/keeps', '/keeps'], ['01', '01', '01']],
  ['one that is said to close is not used again', ['/says-close', '/keeps', '/keeps'], ['01', '02', '02']],
  ['one that the server ended is not used again', ['/ends-after', '/keeps', '/keeps'], ['01', '02', '02']],
]

for (const [name, paths, connections] of CASES)
  t.test(name, async (t) => {
    await using server = await counting()
    using sender = keepConnections(server.url)
    const used: string[] = []
    for (const path of paths) {
      used.push((await sender.send({ path })).body)
      // What the server ends, it has ended for both sides.
      if (ANSWERS[path]?.ends) await once(server.seen.at(-1) as Socket, 'close')
    }
    t.strictSame(used, connections)
  })

t.test('requests at once have a connection each, and all end with the sender', async (t) => {
  await using server = await counting()
  const sender = keepConnections(server.url)
  const both = await Promise.all([sender.send({ path: '/keeps' }), sender.send({ path: '/keeps' })])
  t.strictSame(
    both.map(({ status }) => status),
    [200, 200],
  )
  t.equal(server.seen.length, 2)
  const ended = Promise.all(server.seen.map((socket) => once(socket, 'close')))
  sender[Symbol.dispose]()
  await ended
})
