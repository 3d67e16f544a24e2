import type { FastifyInstance } from 'fastify'
import * as Type from 'typebox'
import { madeUpOf } from '../../authentik/missing-fields.js'
import { idTokenText } from '../../world/id-token.js'
import { record } from '../../world/kinds/shared/shapes.js'
import { captureMark, exportRows } from '../../world/load/export.js'
import { checksOf } from '../../world/load/load.js'
import { planSource } from '../../world/load/plan.js'
import { FixtureFile, SeedsSchema } from '../../world/load/sections.js'
import { snapshotData } from '../../world/snapshot.js'
import { changeRows } from '../change-rows.js'
import { ControlError } from '../problem.js'
import { serialize } from '../serialize.js'
import { answers } from './route-schemas.js'
import { refuseTooMany } from './stubs.js'

const MAX_EXPORTED = 20_000

const Merged = Type.Object({
  counts: record(Type.Integer(), { description: 'how many rows were described, by kind' }),
  warnings: Type.Array(Type.String({ description: 'what is odd, but not wrong' })),
})

/** The rows of a world as a fixture. */
export function fixtureRoutes(app: FastifyInstance): void {
  app.get(
    '/_mock/fixtures',
    {
      schema: {
        summary: 'The present rows as seeds; loaded again, they are answered for byte by byte',
        response: answers({ 200: { description: 'seeds', schema: SeedsSchema } }, 422),
      },
    },
    async (request) => {
      const { database, release, stubs } = request.findWorld()
      if (database.refresh_tokens.size > MAX_EXPORTED)
        throw new ControlError(
          422,
          `the world has ${database.refresh_tokens.size} refresh tokens; ${MAX_EXPORTED} can be written out`,
        )
      const rows = exportRows(database, (idToken) => idTokenText(idToken, release))
      const mark = captureMark(rows, await checksOf(database.kinds))
      const seeds = stubs.list.map(({ id: _, seen: __, answered: ___, ...seed }) => seed)
      return { ...mark, ...rows, ...(seeds.length > 0 && { stubs: seeds }) }
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
      const world = request.findWorld()
      return serialize(world, () =>
        planSource(
          { file: 'body', json: request.body, warnings: request.bodyWarnings ?? [] },
          {
            database: () => world.database,
            seed: request.control.seed,
            use({ entities, changes, stubs, warnings, captured }) {
              refuseTooMany(world, stubs)
              changeRows(request, changes)
              for (const stub of stubs) world.apply({ type: 'stub added', id: world.stubs.nextId(), seed: stub })
              const counts = Object.keys(world.database.kinds).map((section) => [section, entities[section]?.size ?? 0])
              return {
                counts: Object.fromEntries(counts),
                warnings: [...warnings, ...madeUpOf(captured, world.release)],
              }
            },
          },
        ),
      )
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
      const world = request.findWorld()
      await serialize(world, async () => {
        const snapshot = await request.control.begin([{ file: 'body', json: request.body }], world.database.clock.now())
        world.apply({ type: 'replace', rows: snapshotData(snapshot) })
      })
      return reply.code(204).send()
    },
  )
}

/** Checked by the loader itself, which tells its forms apart. */
const anyFixture = Type.Unsafe<unknown>({ description: FixtureFile.title })
