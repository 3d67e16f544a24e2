import type { FastifyInstance } from 'fastify'
import * as Type from 'typebox'
import { idTokenText } from '../../world/id-token.js'
import { record } from '../../world/kinds/shapes.js'
import { planSource } from '../../world/load/change.js'
import { exportRows } from '../../world/load/export.js'
import { FixtureFile, SeedsSchema } from '../../world/load/grammar.js'
import type { Control } from '../app.js'
import { ControlError } from '../problem.js'
import { inTurn } from '../turn.js'
import { answers, realmAsked } from './route.js'

const MAX_EXPORTED = 20_000

const Merged = Type.Object({
  counts: record(Type.Integer(), { description: 'how many rows were described, by kind' }),
  warnings: Type.Array(Type.String({ description: 'what is odd, but not wrong' })),
})

/** The rows of a world as a fixture. */
export function fixtureRoutes(app: FastifyInstance, { worlds, seed, begin }: Control): void {
  app.get(
    '/_mock/fixtures',
    {
      schema: {
        summary: 'The present rows as seeds; loaded again, they are answered for byte by byte',
        response: answers({ 200: { description: 'seeds', schema: SeedsSchema } }, 422),
      },
    },
    (request) => {
      const { world, release } = realmAsked(request)
      if (world.refresh_tokens.size > MAX_EXPORTED)
        throw new ControlError(
          422,
          `the world has ${world.refresh_tokens.size} refresh tokens; ${MAX_EXPORTED} can be written out`,
        )
      return exportRows(world, (idToken) => idTokenText(idToken, release))
    },
  )

  app.post(
    '/_mock/fixtures',
    {
      schema: {
        summary: 'Merge a fixture in, in any of its forms',
        body: anyFixture,
        response: answers({ 200: { description: 'what was merged', schema: Merged } }),
      },
    },
    async (request) => {
      const realm = realmAsked(request)
      return inTurn(realm, async () => {
        const { entities, changes, warnings } = await planSource(
          realm.world,
          { file: 'body', json: request.body },
          seed,
        )
        realm.world.apply(changes)
        const counts = Object.entries(entities).map(([section, rows]) => [section, rows.size])
        return { counts: Object.fromEntries(counts), warnings }
      })
    },
  )

  app.put(
    '/_mock/fixtures',
    {
      schema: {
        summary: 'Serve a fixture instead; a reset takes it back',
        body: anyFixture,
        response: answers({ 204: { description: 'done' } }),
      },
    },
    async (request, reply) => {
      const realm = realmAsked(request)
      await inTurn(realm, async () =>
        worlds.replace(realm, await begin([{ file: 'body', json: request.body }], realm.world.clock.now())),
      )
      return reply.code(204).send()
    },
  )
}

/** Checked by the loader itself, which tells its forms apart. */
const anyFixture = Type.Unsafe<unknown>({ description: FixtureFile.title })
