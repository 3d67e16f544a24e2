import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { PacedRequest } from '../../src/server/paced-request.js'
import { connectTo, statusesIn } from '../socket.js'

/** As much as Node reads at a time. */
const PIECE = 65_536
const LENGTH = 8_000_000

const READERS: Record<string, RequestListener> = {
  'that is read': async (request, response) => {
    let length = 0
    for await (const part of request) length += part.length
    response.end(String(length))
  },
  'that is answered before it is read': (_, response) => {
    response.end()
  },
  'that is answered late, and not read': async (_, response) => {
    for (let i = 0; i < 20; i++) await turn()
    response.end()
  },
  'that is read late': async (request, response) => {
    for (let i = 0; i < 20; i++) await turn()
    request.resume().once('end', () => response.end())
  },
}

const BODIES: Record<string, string> = {
  'of a known length': `Content-Length: ${LENGTH}\r\n\r\n${'x'.repeat(LENGTH)}`,
  'in chunks': `Transfer-Encoding: chunked\r\n\r\n${`8000\r\n${'x'.repeat(0x8000)}\r\n`.repeat(LENGTH / 0x8000)}0\r\n\r\n`,
}

for (const [how, reader] of Object.entries(READERS))
  for (const [kind, body] of Object.entries(BODIES))
    t.test(`of a body ${kind} ${how}, one piece is read in each turn`, async (t) => {
      let most = 0
      let isOver = false
      const server = createServer({ IncomingMessage: PacedRequest }, (request, response) => {
        if (request.url === '/first') void watch(() => request.socket.bytesRead)
        reader(request, response)
      }).listen(0, '127.0.0.1')
      async function watch(bytesRead: () => number): Promise<void> {
        for (let before = bytesRead(); !isOver; before = bytesRead()) {
          await turn()
          most = Math.max(most, bytesRead() - before)
        }
      }
      await once(server, 'listening')
      using connection = await connectTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      const sent = `POST /first HTTP/1.1\r\nHost: a\r\n${body}`
      // A little first, of which nobody says that it is enough for now.
      const little = 1000
      await connection.sends(sent.slice(0, little))
      for (let i = 0; i < 5; i++) await turn()
      void connection.sends(sent.slice(little))
      void connection.sends('GET /second HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      t.strictSame(statusesIn(await connection.ends()), [200, 200], 'what follows is read, too')
      isOver = true
      t.ok(most > 0 && most <= PIECE, `${most} bytes in one turn`)
      server.close()
    })
