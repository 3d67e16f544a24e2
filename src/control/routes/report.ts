import type { FastifyInstance } from 'fastify'
import { Report, ReportQuery } from '../bodies.js'
import { FORMATS } from '../findings/report-formats.js'
import { answers } from './route-schemas.js'

/** The report about the clients of this mock, of all its worlds. */
export function reportRoutes(app: FastifyInstance): void {
  app.get<{ Querystring: ReportQuery }>(
    '/_mock/report',
    {
      config: { isOutOfTurn: true },
      schema: {
        summary: 'What clients did, in all worlds, and which of it goes against the contract of their release',
        querystring: ReportQuery,
        response: answers({ 200: { description: 'the report', schema: Report } }),
      },
    },
    async (request, reply) => {
      const { reporter } = request.control
      await reporter.catchUp?.()
      const { type, text } = FORMATS[request.query.format ?? 'json']
      return reply.type(type).serializer(String).send(text(reporter.read()))
    },
  )

  app.delete(
    '/_mock/report',
    {
      config: { isOutOfTurn: true },
      schema: { summary: 'Begin the report anew', response: answers({ 204: { description: 'done' } }) },
    },
    async ({ control }, reply) => {
      await control.reporter.clear()
      return reply.code(204).send()
    },
  )
}
