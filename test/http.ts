import { connect } from 'node:net'
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
}

const DEFAULTS = { Accept: 'application/json', Connection: 'close' }

/** Sends one request over a connection of its own. */
export function send(
  base: string,
  { method = 'GET', path, headers = {}, body = '', version = '1.1' }: WireRequest,
): Promise<WireAnswer> {
  const { host } = new URL(base)
  const all: Record<string, string | string[] | null> = { Host: host, ...DEFAULTS, ...headers }
  if (body !== '') all['Content-Length'] ??= String(Buffer.byteLength(body))
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().map((one) => `${name}: ${one}\r\n`),
  )
  return sendRaw(base, `${method} ${path} HTTP/${version}\r\n${lines.join('')}\r\n${body}`)
}

export function sendRaw(base: string, text: string): Promise<WireAnswer> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''))
    socket.setTimeout(15_000, () => socket.destroy(new Error('no answer in 15 s')))
    socket.on('data', (part) => parts.push(part))
    socket.on('error', reject)
    socket.on('close', () => resolve(parseAnswer(Buffer.concat(parts))))
    socket.write(Buffer.from(text, 'latin1'))
  })
}

function parseAnswer(all: Buffer): WireAnswer {
  const end = all.indexOf('\r\n\r\n')
  const [first = '', ...lines] = all.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n')
  const rawHeaders = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  const headers: WireAnswer['headers'] = {}
  for (const [name, value] of rawHeaders) {
    const key = name.toLowerCase()
    const known = headers[key]
    headers[key] = known === undefined ? value : [known, value].flat()
  }
  const sent = end === -1 ? Buffer.alloc(0) : all.subarray(end + 4)
  const bytes = headers['transfer-encoding'] === 'chunked' ? dechunk(sent) : sent
  return {
    status: Number(first.split(' ')[1] ?? 0),
    headers,
    rawHeaders,
    body: decode(bytes, headers['content-encoding']),
    bytes,
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
