import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'

/** A bare connection, and everything that came over it so far. */
export interface Connection extends Disposable {
  socket: Socket
  /** Sends bytes as they are; returns once they are on their way. */
  sends(text: string): Promise<void>
  /** Waits until what came holds something. */
  receives(pattern: RegExp): Promise<RegExpExecArray>
  /** Waits for the end, and returns all that came. */
  ends(): Promise<string>
}

export async function connectTo(url: string): Promise<Connection> {
  const { protocol, hostname, port } = new URL(url)
  const isSecure = protocol === 'https:'
  const to = { port: Number(port), host: hostname }
  const socket = isSecure ? connectSecurely({ ...to, rejectUnauthorized: false }) : connect(to)
  let text = ''
  const waiting = new Set<() => void>()
  socket.on('data', (part) => {
    text += part.toString('latin1')
    for (const look of waiting) look()
  })
  // A reset is an end, too.
  socket.on('error', () => {})
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  await once(socket, isSecure ? 'secureConnect' : 'connect')
  return {
    socket,
    sends: (bytes) => new Promise((resolve) => socket.write(Buffer.from(bytes, 'latin1'), () => resolve())),
    receives: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(text)
          if (found !== null) resolve(found)
        }
        waiting.add(look)
        look()
        closed.then(() => reject(new Error(`ended before ${pattern}: ${text.slice(0, 500)}`)), reject)
      }),
    async ends() {
      await closed
      return text
    },
    [Symbol.dispose]: () => void socket.destroy(),
  }
}

/** The statuses of all answers in a text. */
export function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
