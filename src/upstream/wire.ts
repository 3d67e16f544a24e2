import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { createAnswerReader, type WireAnswer } from './answer-reader.js'
import { TimeoutError } from './error.js'

export type { WireAnswer } from './answer-reader.js'

/** A request as it goes over the wire, byte for byte: odd paths and headers reach the server unchanged. */
export interface WireRequest {
  method?: string
  path: string
  headers?: Record<string, string | string[] | null>
  /** A byte in each character, as in all of the request. */
  body?: string
  version?: string
}

/** How a server is reached. */
export interface Connection {
  /** Milliseconds that an answer may take, from the connection to its last byte. */
  timeout?: number
  /** Bytes that the body of an answer may have, on the wire and once it is unpacked. */
  limit?: number
  tls?: Pick<ConnectionOptions, 'ca' | 'rejectUnauthorized'>
  /** Looks its name up; without it, the system does. */
  lookup?: LookupFunction
}

export const MIB = 2 ** 20

const TIMEOUT_MS = 15_000
const LIMIT = 64 * MIB

const DEFAULTS = { Accept: 'application/json' }
const CLOSING = { Connection: 'close' }

/**
 * Sends one request over a connection of its own, and reads the answer to its end, whatever the server does then.
 *
 * @throws AnswerError, TimeoutError, or what the connection failed with
 */
export function send(base: string, request: WireRequest, connection: Connection = {}): Promise<WireAnswer> {
  const isHead = request.method === 'HEAD'
  return exchange(base, requestText(base, request, CLOSING), connection, { isHead, toTheEnd: false })
}

export interface Sender extends Disposable {
  send(request: WireRequest): Promise<WireAnswer>
}

/** The same over connections that are kept for the requests that follow, as long as the server keeps them. */
export function keepConnections(base: string, connection: Connection = {}): Sender {
  const idle: Socket[] = []
  return {
    send(request) {
      const isHead = request.method === 'HEAD'
      return exchange(base, requestText(base, request), connection, { isHead, toTheEnd: false, idle })
    },
    [Symbol.dispose]() {
      for (const socket of idle) socket.destroy()
    },
  }
}

function requestText(
  base: string,
  { method = 'GET', path, headers = {}, body = '', version = '1.1' }: WireRequest,
  more: Record<string, string> = {},
): string {
  const { host } = new URL(base)
  const all: Record<string, string | string[] | null> = { Host: host, ...DEFAULTS, ...more, ...headers }
  if (body !== '') all['Content-Length'] ??= String(body.length)
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().map((one) => `${name}: ${one}\r\n`),
  )
  return `${method} ${path} HTTP/${version}\r\n${lines.join('')}\r\n${body}`
}

/** Sends what may be no request at all, and reads until the connection ends: all of that is the body. */
export function sendRaw(base: string, text: string, connection: Connection = {}): Promise<WireAnswer> {
  return exchange(base, text, connection, { isHead: false, toTheEnd: true })
}

interface Exchange {
  isHead: boolean
  toTheEnd: boolean
  /** Connections that may be used, and where this one goes if it may be used again. */
  idle?: Socket[]
}

function exchange(
  base: string,
  text: string,
  connection: Connection,
  { isHead, toTheEnd, idle }: Exchange,
): Promise<WireAnswer> {
  const { timeout = TIMEOUT_MS, limit = LIMIT } = connection
  return new Promise((resolve, reject) => {
    const reader = createAnswerReader(limit, isHead, toTheEnd)
    const socket = usable(idle) ?? open(base, connection).on('error', () => {})
    const timer = setTimeout(() => socket.destroy(new TimeoutError(`no answer in ${timeout / 1000} s`)), timeout)
    const settle = () => {
      clearTimeout(timer)
      try {
        resolve(reader.end())
      } catch (error) {
        reject(error)
      }
    }
    const take = (part: Buffer) => {
      try {
        if (!reader.take(part) || toTheEnd) return
        if (idle === undefined || reader.isLast()) return void socket.destroy()
        idle.push(socket.off('data', take).off('error', reject).off('close', settle))
        settle()
      } catch (error) {
        socket.destroy(error as Error)
      }
    }
    socket.on('data', take).on('error', reject).on('close', settle)
    socket.write(Buffer.from(text, 'latin1'))
  })
}

/** The server may have ended some meanwhile. */
function usable(idle: Socket[] = []): Socket | undefined {
  for (let socket = idle.pop(); socket !== undefined; socket = idle.pop()) if (socket.writable) return socket
  return undefined
}

function open(base: string, { tls, lookup }: Connection) {
  const { protocol, hostname, port } = new URL(base)
  const host = hostname.replace(/^\[|\]$/g, '')
  const address = { host, port: Number(port || (protocol === 'https:' ? 443 : 80)), ...(lookup && { lookup }) }
  if (protocol !== 'https:') return connect(address)
  return connectTls({ ...tls, ...address, ...(isIP(host) === 0 && { servername: host }) })
}
