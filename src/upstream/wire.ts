import { connect, isIP, type LookupFunction } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { createAnswerReader, type WireAnswer } from './answer-reader.js'
import { TimeoutError } from './error.js'

export type { WireAnswer } from './answer-reader.js'

/** A request as it goes over the wire, byte for byte: odd paths and headers reach the server unchanged. */
export interface WireRequest {
  method?: string
  path: string
  headers?: Record<string, string | string[] | null>
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

const DEFAULTS = { Accept: 'application/json', Connection: 'close' }

/**
 * Sends one request over a connection of its own, and reads the answer to its end, whatever the server does then.
 *
 * @throws AnswerError, TimeoutError, or what the connection failed with
 */
export function send(
  base: string,
  { method = 'GET', path, headers = {}, body = '', version = '1.1' }: WireRequest,
  connection: Connection = {},
): Promise<WireAnswer> {
  const { host } = new URL(base)
  const all: Record<string, string | string[] | null> = { Host: host, ...DEFAULTS, ...headers }
  if (body !== '') all['Content-Length'] ??= String(Buffer.byteLength(body))
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().map((one) => `${name}: ${one}\r\n`),
  )
  const text = `${method} ${path} HTTP/${version}\r\n${lines.join('')}\r\n${body}`
  return exchange(base, text, connection, { isHead: method === 'HEAD', toTheEnd: false })
}

/** Sends what may be no request at all, and reads until the connection ends: all of that is the body. */
export function sendRaw(base: string, text: string, connection: Connection = {}): Promise<WireAnswer> {
  return exchange(base, text, connection, { isHead: false, toTheEnd: true })
}

function exchange(
  base: string,
  text: string,
  connection: Connection,
  { isHead, toTheEnd }: { isHead: boolean; toTheEnd: boolean },
): Promise<WireAnswer> {
  const { timeout = TIMEOUT_MS, limit = LIMIT } = connection
  return new Promise((resolve, reject) => {
    const reader = createAnswerReader(limit, isHead, toTheEnd)
    const socket = open(base, connection)
    const timer = setTimeout(() => socket.destroy(new TimeoutError(`no answer in ${timeout / 1000} s`)), timeout)
    socket.on('data', (part) => {
      try {
        if (reader.take(part) && !toTheEnd) socket.destroy()
      } catch (error) {
        socket.destroy(error as Error)
      }
    })
    socket.on('error', reject)
    socket.on('close', () => {
      clearTimeout(timer)
      try {
        resolve(reader.end())
      } catch (error) {
        reject(error)
      }
    })
    socket.write(Buffer.from(text, 'latin1'))
  })
}

function open(base: string, { tls, lookup }: Connection) {
  const { protocol, hostname, port } = new URL(base)
  const host = hostname.replace(/^\[|\]$/g, '')
  const address = { host, port: Number(port || (protocol === 'https:' ? 443 : 80)), ...(lookup && { lookup }) }
  if (protocol !== 'https:') return connect(address)
  return connectTls({ ...tls, ...address, ...(isIP(host) === 0 && { servername: host }) })
}
