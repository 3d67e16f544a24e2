import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { hostPort } from '../format/host-port.js'
import { handleInTurn } from './connections.js'
import { PacedRequest } from './paced-request.js'
import type { Handler, Owner } from './router.js'
import type { TlsFiles } from './tls.js'

/** The servers of Node that listen for a mock, by http and by https. */

/** As much as authentik's front server takes. */
const MAX_HEADER_BYTES = 1024 * 1024

const SERVER_OPTIONS = {
  IncomingMessage: PacedRequest,
  maxHeaderSize: MAX_HEADER_BYTES,
  requireHostHeader: false,
  joinDuplicateHeaders: true,
  // A connection waits for its client's next request as long as the client is there: no request can meet a
  // connection that is just being closed, and none has a timer to set.
  keepAliveTimeout: 0,
  keepAlive: true,
}

export function createHttpServer(owner: Owner, handler: Handler): Server {
  return readRequests(createServer(SERVER_OPTIONS), 'connection', owner, handler)
}

export async function createHttpsServer(owner: Owner, handler: Handler, { cert, key }: TlsFiles): Promise<Server> {
  const https = await import('node:https')
  return readRequests(
    https.createServer({ ...SERVER_OPTIONS, allowHalfOpen: true, cert, key }),
    'secureConnection',
    owner,
    handler,
  )
}

/** @param connected the event that tells of a connection which requests come on */
function readRequests(server: Server, connected: string, owner: Owner, handler: Handler): Server {
  server.prependListener(connected, (socket: Socket) => {
    socket.owner = owner
  })
  server.on('request', (request, response) => {
    request.socket.latest = response
    // Node drops what follows such a request in its packet.
    if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false
    handleInTurn(request, response, handler)
  })
  server.on('checkExpectation', (request, response) => {
    request.socket.latest = response
    response.writeHead(417, ['Connection', 'close', 'Content-Length', '0']).end()
  })
  return server
}

/** An address cannot be served. */
export class ListenError extends Error {
  override name = 'ListenError'
  readonly code: string | undefined
  constructor(url: string, cause: NodeJS.ErrnoException) {
    super(`cannot serve ${url}: ${REASONS[cause.code ?? ''] ?? cause.message}`, { cause })
    this.code = cause.code
  }
}

const UNKNOWN_HOST = 'no such host is known'

const REASONS: Record<string, string> = {
  EADDRINUSE: 'the port is in use; port 0 takes any free one',
  EACCES: 'ports below 1024 need root',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: UNKNOWN_HOST,
  EAI_AGAIN: UNKNOWN_HOST,
}

/** @throws ListenError */
export function listen(server: Server, scheme: string, { port, host }: { port: number; host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) => reject(new ListenError(`${scheme}://${hostPort(host, port)}`, error))
    server.once('error', refuse)
    server.listen(port, host, () => {
      server.off('error', refuse)
      resolve()
    })
  })
}

export function urlOf(scheme: string, server: Server): string {
  const { address, port } = server.address() as AddressInfo
  return `${scheme}://${hostPort(address, port)}`
}
