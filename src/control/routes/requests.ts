import type { FastifyInstance } from 'fastify'
import type { Control } from '../app.js'
import { JournalAnswer, JournalQuery } from '../schema.js'
import { answers, realmAsked } from './route.js'

/** The journal. */
export function requestRoutes(app: FastifyInstance, { waits }: Control): void {
  app.get<{ Querystring: JournalQuery }>(
    '/_mock/requests',
    {
      schema: {
        summary: 'What was asked and how it was answered; with wait, once there is enough of it',
        querystring: JournalQuery,
        response: answers({ 200: { description: 'what the filter found', schema: JournalAnswer } }),
      },
    },
    (request) => {
      const { journal } = realmAsked(request)
      return request.query.wait === undefined ? journal.find(request.query) : journal.wait(request.query, waits)
    },
  )

  app.delete(
    '/_mock/requests',
    { schema: { summary: 'Forget all requests', response: answers({ 204: { description: 'done' } }) } },
    (request, reply) => {
      realmAsked(request).journal.clear()
      return reply.code(204).send()
    },
  )
}
