import { AnswerError } from './error.js'

/** The first lines of an answer. */
export interface Head {
  status: number
  /** By lower-case name; two headers of one name are an array. */
  headers: Record<string, string | string[]>
  /** Names and values in the order and spelling of the wire. */
  rawHeaders: [string, string][]
}

const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/
const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/

/** @throws AnswerError for what is no HTTP */
export function parseHead(text: string): Head {
  const [first = '', ...lines] = text.split('\r\n')
  const status = STATUS_LINE.exec(first)?.[1]
  if (status === undefined) throw new AnswerError('its answer is not HTTP/1.1')
  const rawHeaders = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon))
    if (!HEADER_NAME.test(name)) throw new AnswerError('it answers with a header that has no name')
    return [name, line.slice(colon + 1).trim()]
  })
  return { status: Number(status), headers: headersOf(rawHeaders), rawHeaders }
}

function headersOf(rawHeaders: [string, string][]): Head['headers'] {
  const valuesOf = new Map<string, string[]>()
  for (const [name, value] of rawHeaders) {
    const key = name.toLowerCase()
    const values = valuesOf.get(key)
    if (values === undefined) valuesOf.set(key, [value])
    else values.push(value)
  }
  return Object.fromEntries(
    [...valuesOf].map(([key, values]) => [key, values.length === 1 ? values[0] : values]),
  ) as Head['headers']
}

/** How the body of an answer ends: with the head, after so many bytes, with its last chunk, or with the connection. */
export type Framing = number | 'chunked' | 'close'

/** @throws AnswerError for a length or an encoding that cannot be followed */
export function framingOf({ status, headers }: Head, isHead: boolean): Framing {
  if (isHead || status === 204 || status === 304) return 0
  const encoding = headers['transfer-encoding']
  if (encoding !== undefined) {
    if (String(encoding).toLowerCase() === 'chunked') return 'chunked'
    throw new AnswerError('its Transfer-Encoding is not "chunked"')
  }
  const lengths = new Set([headers['content-length'] ?? []].flat())
  if (lengths.size === 0) return 'close'
  const [length = ''] = lengths
  if (lengths.size > 1 || !/^\d{1,15}$/.test(length))
    throw new AnswerError('its Content-Length is not a number of bytes')
  return Number(length)
}
