import type { FastifyInstance } from 'fastify'
import * as Type from 'typebox'
import { FixtureError, type Mistake } from '../../world/load/mistakes.js'
import { stubBytes, tooManyStubs } from '../../world/stubs/limits.js'
import { prepareStub } from '../../world/stubs/prepare.js'
import { Stub, StubSeed } from '../bodies.js'
import { ControlError } from '../problem.js'
import type { World } from '../world.js'
import { answers, IdParams } from './route.js'

/** Answers for what the mock does not serve, or in the place of what it serves. */
export function stubRoutes(app: FastifyInstance): void {
  const one = { description: 'the stub, and how often it answered', schema: Stub }
  const missing = (id: string) => new ControlError(404, `there is no stub ${id}`)

  app.get(
    '/_mock/stubs',
    {
      schema: {
        summary: 'All stubs, the oldest first; the newest that matches answers',
        response: answers({ 200: { description: 'the stubs', schema: Type.Array(Stub) } }),
      },
    },
    (request) => request.findWorld().stubs.list,
  )

  app.post<{ Body: StubSeed }>(
    '/_mock/stubs',
    { schema: { summary: 'Add a stub', body: StubSeed, response: answers({ 201: one }, 422) } },
    async (request, reply) => {
      const mistakes: Mistake[] = []
      const place = { file: 'body', path: '' }
      const seed = await prepareStub(request.body, place, undefined, (mistake) => mistakes.push(mistake))
      if (mistakes.length > 0) throw new FixtureError(mistakes)
      const world = request.findWorld()
      refuseTooMany(world, [seed])
      const id = world.stubs.nextId()
      world.apply({ type: 'stub added', id, seed })
      return reply.code(201).send(world.stubs.list.at(-1))
    },
  )

  app.delete(
    '/_mock/stubs',
    {
      schema: {
        summary: 'Take all stubs away, those of the fixtures too; a reset has these again',
        response: answers({ 204: { description: 'done' } }),
      },
    },
    (request, reply) => {
      request.findWorld().apply({ type: 'stubs cleared' })
      return reply.code(204).send()
    },
  )

  app.get<{ Params: { id: string } }>(
    '/_mock/stubs/:id',
    { schema: { summary: 'One stub', params: IdParams, response: answers({ 200: one }, 404) } },
    (request) => {
      const stub = request.findWorld().stubs.list.find(({ id }) => id === request.params.id)
      if (stub === undefined) throw missing(request.params.id)
      return stub
    },
  )

  app.delete<{ Params: { id: string } }>(
    '/_mock/stubs/:id',
    {
      schema: {
        summary: 'Take a stub away',
        params: IdParams,
        response: answers({ 204: { description: 'done' } }, 404),
      },
    },
    (request, reply) => {
      const world = request.findWorld()
      const { id } = request.params
      if (!world.stubs.has(id)) throw missing(id)
      world.apply({ type: 'stub removed', id })
      return reply.code(204).send()
    },
  )
}

/** @throws ControlError where a world may not have so many more stubs */
export function refuseTooMany({ stubs }: World, more: StubSeed[]): void {
  const bytes = more.reduce((sum, seed) => sum + stubBytes(seed), stubs.bytes)
  const tooMany = tooManyStubs(stubs.size + more.length, bytes)
  if (tooMany === undefined) return
  throw new ControlError(422, `with it there would be ${tooMany.found} in this world; allowed: ${tooMany.allowed}`)
}
