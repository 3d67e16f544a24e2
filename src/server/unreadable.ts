import type { IncomingMessage, ServerResponse } from 'node:http'
import { KNOWN_METHODS, refuse } from './front.js'

/** What the HTTP parser does not take: a method that it does not know, bytes in a target, or no request at all. */

/** What Node says of it, and where in the packet the parser stopped. */
export type ClientError = NodeJS.ErrnoException & { rawPacket?: Buffer; bytesParsed?: number }

const NOT_ASCII = /[\x80-\xff]/g
/** The parser stopped in the first line of a request. */
const IN_FIRST_LINE = new Set(['HPE_INVALID_METHOD', 'HPE_INVALID_URL', 'HPE_INVALID_CONSTANT'])

/** @param handle answers what is a request after all */
export function answerUnreadable(
  { code, rawPacket, bytesParsed }: ClientError,
  request: IncomingMessage,
  response: ServerResponse,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): void {
  if (code === 'HPE_HEADER_OVERFLOW') refuse(response, 431, 'Request Header Fields Too Large')
  else if (IN_FIRST_LINE.has(code ?? '') && readRequest(request, rawPacket, bytesParsed)) handle(request, response)
  else refuse(response, 400, 'Bad Request')
}

/**
 * Reads a request whose method, or bytes in its target, the parser does not take. False: something else is wrong.
 *
 * @param stop where in the packet the parser stopped: in the first line of the request, which others may stand before
 */
function readRequest(request: IncomingMessage, packet: Buffer = Buffer.alloc(0), stop = 0): boolean {
  const begin = stop === 0 ? 0 : packet.lastIndexOf('\n', stop - 1) + 1
  const [head = ''] = packet.toString('latin1', begin).split('\r\n\r\n', 1)
  const [first = '', ...lines] = head.split('\r\n')
  const [, method, target = '', version] = /^([!#$%&'*+.^_`|~\w-]+) (\S+) HTTP\/(1\.[01])$/.exec(first) ?? []
  if (method === undefined || (KNOWN_METHODS.has(method) && !NOT_ASCII.test(target))) return false
  const url = target.replace(NOT_ASCII, (byte) => `%${byte.charCodeAt(0).toString(16)}`)
  Object.assign(request, { method, url, httpVersion: version })
  for (const line of lines) {
    const colon = line.indexOf(':')
    request.headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  return true
}
