import type { FastifyInstance } from 'fastify'
import * as Type from 'typebox'
import { WorldState } from '../bodies.js'
import { ControlError } from '../problem.js'
import { answers, NameParams } from './route-schemas.js'

/** The worlds beside the one without a prefix; one is born by a request under `/@name/`. */
export function worldRoutes(app: FastifyInstance): void {
  app.get(
    '/_mock/worlds',
    {
      config: { isOutOfTurn: true },
      schema: {
        summary: 'The worlds with a name, the most recently used first',
        response: answers({ 200: { description: 'the worlds', schema: Type.Array(WorldState) } }),
      },
    },
    async ({ control }) =>
      (await control.worlds.list()).map(({ name, database, journal }) => ({
        name,
        changed: !database.isPristine(Object.keys(database.kinds)),
        requests: journal.size,
      })),
  )

  app.delete<{ Params: { name: string } }>(
    '/_mock/worlds/:name',
    {
      config: { isOutOfTurn: true },
      schema: { summary: 'End a world', params: NameParams, response: answers({ 204: { description: 'done' } }, 404) },
    },
    async ({ control, params: { name } }, reply) => {
      if (!(await control.worlds.delete(name))) throw new ControlError(404, `there is no world ${name}`)
      return reply.code(204).send()
    },
  )
}
