import type { FastifyInstance } from 'fastify'
import { JournalAnswer, JournalDetail, JournalQuery } from '../bodies.js'
import { ControlError } from '../problem.js'
import { answers, IdParams } from './route-schemas.js'

/** The journal. */
export function requestRoutes(app: FastifyInstance): void {
  app.get<{ Querystring: JournalQuery }>(
    '/_mock/requests',
    {
      config: { isOfJournal: true },
      schema: {
        summary: 'What was asked and how it was answered; with wait, once there is enough of it',
        querystring: JournalQuery,
        response: answers({ 200: { description: 'what the filter found', schema: JournalAnswer } }, 429),
      },
    },
    (request) => {
      const { journal } = request.findWorld()
      const { socket } = request.raw
      if (request.query.wait === undefined) return journal.find(request.query, socket)
      return journal.wait(request.query, request.control.waits, socket)
    },
  )

  app.get<{ Params: { id: string } }>(
    '/_mock/requests/:id',
    {
      config: { isOfJournal: true },
      schema: {
        summary: 'One request: what was sent, what was answered, and what to do about what is wrong with it',
        params: IdParams,
        response: answers({ 200: { description: 'the request', schema: JournalDetail } }, 404),
      },
    },
    (request) => {
      const { id } = request.params
      const found = request.findWorld().journal.get(/^\d{1,15}$/.test(id) ? Number(id) : 0)
      if (found === undefined) throw new ControlError(404, `the journal has no request ${id}, or has forgotten it`)
      return found
    },
  )

  app.delete(
    '/_mock/requests',
    {
      config: { isOfJournal: true, emptiesJournal: true },
      schema: { summary: 'Forget all requests', response: answers({ 204: { description: 'done' } }) },
    },
    (request, reply) => {
      request.findWorld().journal.clear()
      return reply.code(204).send()
    },
  )
}
