import { readdirSync, readFileSync } from 'node:fs'
import { Server as HttpServer, IncomingMessage, type RequestListener, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { breakBody } from '../authentik/body-bytes.js'
import { RESERVED_DESCRIPTORS } from '../world/lazy.js'
import { headSent } from './send.js'
import type { ClientError } from './unreadable.js'

/** The connections of a server: what is owed on each of them, what comes that is no request, and how they end. */

declare module 'node:net' {
  interface Socket {
    /** The latest answer that is owed on it. Answers finish in their order, so it is the last one to finish. */
    latest?: ServerResponse
    /** The answer that is being given on it. */
    current?: ServerResponse
    /** Something came that the HTTP parser does not take. What follows is not read. */
    isBroken?: boolean
    /** How many requests wait on it until those before them are answered. */
    queued?: number
    /** Whether Node itself reads nothing from it, until answers are on their way. */
    _paused?: boolean
  }
}

/** How a server treats what it does not take. */
export interface Refusals {
  /** Answers it, on a connection that owes nothing else. */
  refuse(error: ClientError, request: IncomingMessage, response: ServerResponse): void
  /** Answers a request whose body broke off, if nothing but the body would have answered it. */
  refuseBody(response: ServerResponse): void
  /** Is told of a connection that is one too many, and was closed. */
  refuseConnection(limit: number): void
}

export interface Connections {
  /** Accepts no more connections, and ends each as soon as it owes nothing; all of them after so many milliseconds. */
  close(graceMs: number): Promise<void>
  /** Ends all of them now. */
  cut(): void
}

/** While more requests wait on a connection, nothing is read from it. Each takes many times the memory that it came in. */
const MAX_QUEUED = 100

const CLOSING = /\r\nconnection: close\r\n/i

/** To close a connection on which something unread lies would take back what was just sent. As long as Go waits. */
const LINGER_MS = 500

/** @param servers those that answer over the same application: what is allowed, they share */
export function manageConnections(servers: Server[], { refuse, refuseBody, refuseConnection }: Refusals): Connections {
  /** Those that answers go out on. */
  const sockets = new Set<Socket>()
  /** Those below, some of which only become such after a handshake. */
  const open = new Map<string, Socket>()
  let closed: Promise<void> | undefined
  let limit: number | undefined

  for (const server of servers) manage(server)

  function manage(server: Server): void {
    server.once('listening', () => {
      limit ??= connectionLimit()
    })
    server.on('connection', (socket: Socket) => {
      if (limit !== undefined && open.size >= limit) {
        socket.destroy()
        return refuseConnection(limit)
      }
      const key = peerOf(socket)
      open.set(key, socket)
      socket.once('close', () => open.delete(key))
    })
    const isPlain = server instanceof HttpServer
    server.on(isPlain ? 'connection' : 'secureConnection', (socket: Socket) => {
      if (socket.destroyed) return
      // Whoever listens takes the connection from Node's parser, which would get decrypted data also while it has paused,
      // and refuse it. From then on the data waits in the stream.
      if (!isPlain) socket.on('data', () => {})
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      // What Node calls behind the last answer would take it back, if more is still to come.
      socket.destroySoon = () => {
        if (!isRefusing(socket)) endGently(socket)
      }
      // Who sends nothing more is answered all the same; what is broken ends by itself.
      socket.once('end', () => {
        if (!socket.isBroken) endAfterAnswers(socket)
      })
      // Node goes on to read behind each request.
      socket.on('resume', () => holdBack(socket))
    })
    // Without it Node would take no more answers from then on. No type tells of it.
    Object.assign(server, { httpAllowHalfOpen: true })
    answerErrors(server)
  }

  function answerErrors(server: Server): void {
    server.on('clientError', (error: ClientError, socket: Socket) => {
      // The parser complains again about each packet that follows.
      if (socket.isBroken) return
      const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      // Nothing is read from it meanwhile.
      if (isLate && (socket.queued ?? 0) > 0) return
      socket.isBroken = true
      const isUnreadable = error.code?.startsWith('HPE_') || isLate
      if (!isUnreadable) return void socket.destroy()
      const { latest } = socket
      const isInBody = latest !== undefined && !latest.req.complete
      if (isInBody) {
        breakBody(latest.req)
        refuseBody(latest)
      }
      afterAnswers(socket, () => {
        if (isInBody || isLate) endGently(socket)
        else answer(socket, (request, response) => refuse(error, request, response))
      })
    })

    // Without a listener Node would cut the connection, and with it the answers that are owed.
    server.on('connect', (_, socket: Socket) => {
      socket.isBroken = true
      socket.on('error', () => socket.destroy())
      socket.on('drain', () => socket.current?.emit('drain'))
      socket.resume()
      afterAnswers(socket, () => answer(socket, (request, response) => refuse({} as ClientError, request, response)))
    })
  }

  function cut(): void {
    for (const socket of [...sockets, ...open.values()]) socket.destroy()
  }

  return {
    close(graceMs) {
      closed ??= closeAll(graceMs)
      return closed
    },
    cut,
  }

  async function closeAll(graceMs: number): Promise<void> {
    const timer = setTimeout(cut, graceMs)
    const ended = servers.map((server) => {
      server.prependListener('request', (_, response) => {
        response.shouldKeepAlive = false
      })
      return new Promise((resolve) => server.close(resolve))
    })
    for (const socket of sockets) {
      if (!isFinished(socket.latest)) endAfterAnswers(socket)
      else if (!socket.writableEnded) socket.destroy()
    }
    const peers = new Set([...sockets].map(peerOf))
    for (const [peer, socket] of open) if (!peers.has(peer)) socket.destroy()
    await Promise.all(ended)
    clearTimeout(timer)
  }
}

/** A connection and the one that is encrypted over it have the same. */
function peerOf({ localPort, remoteAddress, remotePort }: Socket): string {
  return `${localPort} ${remoteAddress} ${remotePort}`
}

/** Node takes a response from its socket when it has finished, and only then another one may be put there. */
function isFinished(response: ServerResponse | undefined): boolean {
  return response === undefined || (response.writableFinished && response.socket === null)
}

/** Whether another answer follows the last one that is owed, unless that said that it is the last. */
function isRefusing({ isBroken, latest }: Socket): boolean {
  return isBroken === true && latest !== undefined && isFinished(latest) && !CLOSING.test(headSent(latest))
}

function afterAnswers({ latest }: Socket, then: () => void): void {
  if (isFinished(latest)) then()
  else latest?.once('finish', then)
}

/** Answers what is no request, as the last thing on a connection. */
function answer(socket: Socket, write: (request: IncomingMessage, response: ServerResponse) => void): void {
  if (!socket.writable) return
  const request = new IncomingMessage(socket)
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.once('finish', () => {
    response.detachSocket(socket)
    endGently(socket)
  })
  socket.latest = response
  socket.current = response
  write(request, response)
}

/**
 * Handles a request once those before it on its connection are answered, as Go does: who sends hundreds at once is one
 * client among others, and holds the memory of one answer.
 */
export function handleInTurn(request: IncomingMessage, response: ServerResponse, handle: RequestListener): void {
  const { socket } = request
  const begin = () => {
    socket.current = response
    handle(request, response)
  }
  if (socket.writableEnded) {
    // Behind the last answer nothing is asked.
    socket.queued = Number.POSITIVE_INFINITY
    return holdBack(socket)
  }
  // Node gives a response its socket at once, unless another one still has it.
  if (response.socket !== null) return begin()
  socket.queued = (socket.queued ?? 0) + 1
  holdBack(socket)
  response.once('socket', () => {
    socket.queued = (socket.queued ?? 0) - 1
    if (socket.queued === MAX_QUEUED && !socket._paused) socket.resume()
    // Other connections get their turn in between.
    setImmediate(() => {
      // It may have been refused meanwhile, for its body.
      if (!response.writableEnded && !socket.destroyed) begin()
    })
  })
}

function holdBack(socket: Socket): void {
  if ((socket.queued ?? 0) > MAX_QUEUED) socket.pause()
}

function endGently(socket: Socket): void {
  if (socket.writableEnded || socket.destroyed) return
  socket.isBroken = true
  socket.end()
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref()
  socket.once('close', () => clearTimeout(timer))
}

function endAfterAnswers(socket: Socket): void {
  const { latest } = socket
  if (latest === undefined || isFinished(latest)) return endGently(socket)
  latest.shouldKeepAlive = false
  latest.once('finish', () => endAfterAnswers(socket))
}

/** How many files the process may hold open: read once, as it does not change. */
let openFiles: number | undefined

/** How many connections a server may hold; undefined: the operating system does not say. */
function connectionLimit(): number | undefined {
  try {
    openFiles ??= Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1])
    // NaN, where there is no limit, is none here either.
    return Math.max(1, openFiles - readdirSync('/proc/self/fd').length - RESERVED_DESCRIPTORS) || undefined
  } catch {
    return undefined
  }
}
