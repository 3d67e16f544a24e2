import type { FastifyInstance } from 'fastify'
import { JournalAnswer, JournalQuery } from '../bodies.js'
import type { Control } from '../port.js'
import { answers } from './route.js'

/** The journal. */
export function requestRoutes(app: FastifyInstance, { waits }: Control): void {
  app.get<{ Querystring: JournalQuery }>(
    '/_mock/requests',
    {
      schema: {
        summary: 'What was asked and how it was answered; with wait, once there is enough of it',
        querystring: JournalQuery,
        response: answers({ 200: { description: 'what the filter found', schema: JournalAnswer } }, 429),
      },
    },
    (request) => {
      const { journal } = request.findWorld()
      if (request.query.wait === undefined) return journal.find(request.query)
      return journal.wait(request.query, waits, request.raw.socket)
    },
  )

  app.delete(
    '/_mock/requests',
    { schema: { summary: 'Forget all requests', response: answers({ 204: { description: 'done' } }) } },
    (request, reply) => {
      request.findWorld().journal.clear()
      return reply.code(204).send()
    },
  )
}
