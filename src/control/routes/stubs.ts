import type { FastifyInstance } from 'fastify'
import { FixtureError, type Mistake } from '../../world/load/mistakes.js'
import { prepareStub } from '../../world/stubs/prepare.js'
import { stubBytes, tooManyStubs } from '../../world/stubs/too-many-stubs.js'
import { Stub, StubSeed } from '../bodies.js'
import { ControlError } from '../problem.js'
import type { World } from '../worlds/world.js'
import { addedRoutes } from './added.js'
import { answers } from './route-schemas.js'

/** Answers for what the mock does not serve, or in the place of what it serves. */
export function stubRoutes(app: FastifyInstance): void {
  const one = { description: 'the stub, and how often it answered', schema: Stub }
  addedRoutes(app, {
    name: 'stubs',
    word: 'stub',
    one,
    summaries: {
      list: 'All stubs, the oldest first; the newest that matches answers',
      clear: 'Take all stubs away, those of the fixtures too; a reset has these again',
    },
    clear: { type: 'stubs cleared' },
    remove: (id) => ({ type: 'stub removed', id }),
  })

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
}

/** @throws ControlError where a world may not have so many more stubs */
export function refuseTooMany({ stubs }: World, more: StubSeed[]): void {
  const bytes = more.reduce((sum, seed) => sum + stubBytes(seed), stubs.bytes)
  const tooMany = tooManyStubs(stubs.size + more.length, bytes)
  if (tooMany === undefined) return
  throw new ControlError(422, `with it there would be ${tooMany.found} in this world; allowed: ${tooMany.allowed}`)
}
