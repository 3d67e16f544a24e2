import type { FastifyInstance } from 'fastify'
import * as Type from 'typebox'
import type { Change } from '../../world/change.js'
import { ControlError } from '../problem.js'
import type { World } from '../worlds/world.js'
import { answers, IdParams } from './route-schemas.js'

/** What tests add to a world and take away again: faults, stubs. How it is added is its own; the rest is here. */
export interface Added {
  /** The last part of the path. */
  name: 'faults' | 'stubs'
  word: string
  one: { description: string; schema: Type.TSchema }
  /** What all of it is, and what taking all of it away does. */
  summaries: { list: string; clear: string }
  clear: Change
  remove(id: string): Change
}

export function addedRoutes(app: FastifyInstance, added: Added): void {
  const { name, word, one, summaries, clear, remove } = added

  app.get(
    `/_mock/${name}`,
    {
      schema: {
        summary: summaries.list,
        response: answers({ 200: { description: `the ${name}`, schema: Type.Array(one.schema) } }),
      },
    },
    (request) => request.findWorld()[name].list,
  )

  app.delete(
    `/_mock/${name}`,
    { schema: { summary: summaries.clear, response: answers({ 204: { description: 'done' } }) } },
    (request, reply) => {
      request.findWorld().apply(clear)
      return reply.code(204).send()
    },
  )

  app.get<{ Params: { id: string } }>(
    `/_mock/${name}/:id`,
    {
      schema: { summary: `One ${word}`, params: IdParams, response: answers({ 200: one }, 404) },
    },
    (request) => existing(request.findWorld(), request.params.id),
  )

  app.delete<{ Params: { id: string } }>(
    `/_mock/${name}/:id`,
    {
      schema: {
        summary: `Take a ${word} away`,
        params: IdParams,
        response: answers({ 204: { description: 'done' } }, 404),
      },
    },
    (request, reply) => {
      const world = request.findWorld()
      const { id } = existing(world, request.params.id)
      world.apply(remove(id))
      return reply.code(204).send()
    },
  )

  function existing(world: World, id: string): { id: string } {
    const found = world[name].list.find((each) => each.id === id)
    if (found === undefined) throw new ControlError(404, `there is no ${word} ${id}`)
    return found
  }
}
