import type { FastifyInstance } from 'fastify'
import { endedByCleanUp } from '../../oauth2/lifecycle.js'
import { changeRows } from '../change-rows.js'
import { CleanUp } from '../issue-bodies.js'
import { answers } from './route-schemas.js'

/** What tasks of authentik do from time to time, done now. */
export function cleanUpRoutes(app: FastifyInstance): void {
  app.post(
    '/_mock/clean-up',
    {
      schema: {
        summary: 'Delete what has expired, as a task of authentik does from time to time',
        response: answers({ 200: { description: 'what went', schema: CleanUp } }),
      },
    },
    (request) => {
      const { database } = request.findWorld()
      const ended = endedByCleanUp(database, database.clock.now())
      if (ended.length > 0)
        changeRows(
          request,
          ended.map((row) => ({ type: 'delete', ...row })),
        )
      const deleted: Record<string, number> = {}
      for (const { section } of ended) deleted[section] = (deleted[section] ?? 0) + 1
      return { deleted }
    },
  )
}
