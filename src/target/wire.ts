import { connect, isIP } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { gunzipSync, inflateRawSync } from 'node:zlib'

/** A request as it goes over the wire, byte for byte: odd paths and headers reach the server unchanged. */
export interface WireRequest {
  method?: string
  path: string
  headers?: Record<string, string | string[] | null>
  body?: string
  version?: string
}

export interface WireAnswer {
  status: number
  /** By lower-case name; two headers of one name are an array. */
  headers: Record<string, string | string[]>
  /** Names and values in the order and spelling of the wire. */
  rawHeaders: [string, string][]
  body: string
  bytes: Buffer
  /** The connection did not end in the middle of it. */
  whole: boolean
}

/** How a server is reached. */
export interface Connection {
  /** Milliseconds that an answer may take, from the connection to its last byte. */
  timeout?: number
  tls?: Pick<ConnectionOptions, 'ca' | 'rejectUnauthorized'>
}

const TIMEOUT_MS = 15_000

const DEFAULTS = { Accept: 'application/json', Connection: 'close' }

/** Sends one request over a connection of its own. */
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
  return sendRaw(base, text, connection, method === 'HEAD')
}

/** Sends what may be no request at all. */
export function sendRaw(base: string, text: string, connection: Connection = {}, isHead = false): Promise<WireAnswer> {
  const { timeout = TIMEOUT_MS } = connection
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    const socket = open(base, connection)
    const timer = setTimeout(() => socket.destroy(new Error(`no answer in ${timeout / 1000} s`)), timeout)
    socket.on('data', (part) => parts.push(part))
    socket.on('error', reject)
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(parseAnswer(Buffer.concat(parts), isHead))
    })
    socket.write(Buffer.from(text, 'latin1'))
  })
}

function open(base: string, { tls }: Connection) {
  const { protocol, hostname, port } = new URL(base)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (protocol !== 'https:') return connect(Number(port || 80), host)
  return connectTls({ ...tls, host, port: Number(port || 443), ...(isIP(host) === 0 && { servername: host }) })
}

function parseAnswer(all: Buffer, isHead: boolean): WireAnswer {
  const end = all.indexOf('\r\n\r\n')
  const [first = '', ...lines] = all.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n')
  const rawHeaders = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  const headers: WireAnswer['headers'] = Object.create(null)
  for (const [name, value] of rawHeaders) {
    const key = name.toLowerCase()
    const known = headers[key]
    headers[key] = known === undefined ? value : [known, value].flat()
  }
  const sent = end === -1 ? Buffer.alloc(0) : all.subarray(end + 4)
  const isChunked = headers['transfer-encoding'] === 'chunked'
  const bytes = isChunked ? dechunk(sent) : sent
  const length = headers['content-length']
  const isEnded = isChunked
    ? sent.toString('latin1').endsWith('0\r\n\r\n')
    : sent.length === Number(length ?? sent.length)
  const whole = end !== -1 && (isHead || isEnded)
  return {
    status: Number(first.split(' ')[1] ?? 0),
    headers,
    rawHeaders,
    body: whole ? decode(bytes, headers['content-encoding']) : bytes.toString('utf8'),
    bytes,
    whole,
  }
}

function dechunk(sent: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < sent.length; ) {
    const line = sent.indexOf('\r\n', at)
    const length = Number.parseInt(sent.subarray(at, line).toString('latin1'), 16)
    if (!(length > 0)) break
    parts.push(sent.subarray(line + 2, line + 2 + length))
    at = line + 2 + length + 2
  }
  return Buffer.concat(parts)
}

function decode(bytes: Buffer, encoding: string | string[] | undefined): string {
  if (bytes.length === 0) return ''
  if (encoding === 'gzip') return gunzipSync(bytes).toString('utf8')
  if (encoding === 'deflate') return inflateRawSync(bytes).toString('utf8')
  return bytes.toString('utf8')
}
