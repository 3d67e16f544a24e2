import { connect, type Socket } from 'node:net'

/**
 * One attack of a hostile client. It takes seconds at the most, and never fails: whatever the server does to it is fine,
 * as long as others notice nothing.
 */
export type Attack = (target: Target) => Promise<void>

export interface Target {
  port: number
  /** How long a connection that is left open stays so, in milliseconds. */
  hold: number
}

const PATIENCE_MS = 5000
const MAX_READ_BYTES = 4 * 1024 * 1024

/** Sends bytes, in as many packets as there are texts, and reads until the server ends the connection or says no more. */
export function sends(...packets: string[]): Attack {
  return async ({ port }) => {
    const socket = open(port)
    for (const packet of packets) {
      socket.write(packet, 'latin1')
      if (packets.length > 1) await pause(5)
    }
    await quiet(socket)
  }
}

/** Sends bytes, and leaves the connection open without reading a byte of the answer. */
export function leaves(text: string): Attack {
  return async ({ port, hold }) => {
    const socket = open(port).pause()
    socket.write(text, 'latin1')
    await closed(socket, hold)
  }
}

/** Sends bytes, and is gone in the middle of the answer: without a word, as a program that was killed. */
export function vanishes(text: string, after = 30): Attack {
  return async ({ port }) => {
    const socket = open(port)
    socket.write(text, 'latin1')
    await pause(after)
    socket.resetAndDestroy()
  }
}

/** Sends bytes for as long as the server takes them, up to `bytes`. */
export function floods(head: string, part: string, bytes: number): Attack {
  return async ({ port }) => {
    const socket = open(port)
    const end = closed(socket, PATIENCE_MS)
    socket.write(head, 'latin1')
    for (let sent = 0; sent < bytes && socket.writable; sent += part.length)
      if (!socket.write(part, 'latin1')) await Promise.race([once(socket, 'drain'), end])
    await quiet(socket)
  }
}

/** One attack after the other. */
export function inTurn(...attacks: Attack[]): Attack {
  return async (target) => {
    for (const attack of attacks) await attack(target)
  }
}

/** Many at once. */
export function many(count: number, attack: (i: number) => Attack): Attack {
  return async (target) => {
    await Promise.all(Array.from({ length: count }, (_, i) => attack(i)(target)))
  }
}

/** A whole request, as text. */
export function request(method: string, path: string, headers: Record<string, string> = {}, body = ''): string {
  const all = { Host: 'localhost', ...headers, ...(body === '' ? {} : { 'Content-Length': String(body.length) }) }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

function open(port: number): Socket {
  // That the server cuts a connection is what it is there for.
  return connect(port, '127.0.0.1').on('error', () => {})
}

/** Reads until the connection ends, nothing came for a while, or it is too much. */
function quiet(socket: Socket): Promise<void> {
  let read = 0
  socket.setTimeout(100)
  socket.once('timeout', () => socket.destroy())
  socket.on('data', (part) => {
    read += part.length
    if (read > MAX_READ_BYTES) socket.destroy()
  })
  return closed(socket, PATIENCE_MS)
}

/** Waits until the connection is closed, and closes it after some time. */
function closed(socket: Socket, within: number): Promise<void> {
  const timer = Number.isFinite(within) ? setTimeout(() => socket.destroy(), within) : undefined
  return once(socket, 'close').finally(() => clearTimeout(timer))
}

function once(socket: Socket, event: 'close' | 'drain'): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.once(event, () => resolve())
  })
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
