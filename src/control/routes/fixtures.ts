import type { FastifyInstance } from 'fastify'
import * as Type from 'typebox'
import { type Changed, changeWorld } from '../../world/fixtures/change.js'
import { exportWorld } from '../../world/fixtures/export.js'
import { FixtureFile, Seeds } from '../../world/fixtures/grammar.js'
import { record } from '../../world/fixtures/shapes.js'
import { idTokenText } from '../../world/id-token.js'
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
        response: answers({ 200: { description: 'seeds', schema: Seeds } }, 422),
      },
    },
    (request) => {
      const { world, release } = realmAsked(request)
      if (world.refreshTokens.size > MAX_EXPORTED)
        throw new ControlError(
          422,
          `the world has ${world.refreshTokens.size} refresh tokens; ${MAX_EXPORTED} can be written out`,
        )
      return exportWorld(world, (idToken) => idTokenText(idToken, release))
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
    (request) => {
      const realm = realmAsked(request)
      const document = { file: 'body', json: request.body }
      return inTurn(realm, () => changeWorld(realm, () => ({ document }), seed, mergedOf))
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

function mergedOf({ entities, warnings }: Changed) {
  const { groups, users, providers, refreshTokens, tokens } = entities
  const counts = {
    groups: groups.size,
    users: users.size,
    providers: providers.size,
    refresh_tokens: refreshTokens.size,
    tokens: tokens.size,
  }
  return { counts, warnings }
}

/** Checked by the loader itself, which tells its forms apart. */
const anyFixture = Type.Unsafe<unknown>({ description: FixtureFile.title })
