import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Replica } from '../../store/replica.js'
import { isForConsole } from '../routes/console.js'

/**
 * The same for control requests: one that reads waits until all is known here, one that changes something does so in a
 * turn, and is answered once that stands in the log.
 */

declare module 'fastify' {
  interface FastifyRequest {
    /** Ends the reading, or the turn, that a request is in; resolves once it may be answered. */
    endTurn: (() => Promise<void>) | null
  }

  interface FastifyContextConfig {
    /** The request is not about the rows, clock, faults and stubs of a world. */
    isOutOfTurn?: boolean
    /** It is about the journal alone, and may wait for long. */
    isOfJournal?: boolean
    emptiesJournal?: boolean
  }
}

/** Before a request is handled. */
export async function beginTurn(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { isOutOfTurn, isOfJournal } = request.routeOptions.config
  if (isOutOfTurn || request.is404 || isForConsole(request)) return
  const { replica, journal } = request.findWorld()
  if (replica === undefined) return
  if (request.method === 'GET') await Promise.all([replica.current('look'), journal.catchUp?.()])
  if (isOfJournal) return
  request.endTurn = request.method === 'GET' ? await beginReading(replica) : await beginWriting(replica)
  // Whoever is gone holds nobody up.
  reply.raw.once('close', () => void end(request).catch(() => {}))
}

/** Before its answer is sent. */
export async function endTurn(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  await end(request)
  if (reply.statusCode >= 400) return
  const { controlledWorld } = request
  // What was forgotten is so everywhere before that is answered.
  if (request.routeOptions.config.emptiesJournal) await controlledWorld?.journal.catchUp?.()
  // It was asked for with success, and is there from now on.
  if (controlledWorld?.replica?.hasBegun === false) await controlledWorld.replica.current('use')
}

/** What fails here is answered as a problem, which is sent without a turn. */
async function end(request: FastifyRequest): Promise<void> {
  const { endTurn } = request
  request.endTurn = null
  await endTurn?.()
}

async function beginReading(replica: Replica): Promise<() => Promise<void>> {
  const end = await replica.read()
  return async () => end()
}

async function beginWriting(replica: Replica): Promise<() => Promise<void>> {
  let finish: () => void = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  let written: Promise<void> | undefined
  await new Promise<void>((begun, failed) => {
    written = replica.write(() => {
      begun()
      return finished
    })
    written.catch(failed)
  })
  return () => {
    finish()
    return written as Promise<void>
  }
}
