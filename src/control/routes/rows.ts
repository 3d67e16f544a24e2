import type { FastifyInstance } from 'fastify'
import { type Change, changeWorld } from '../../world/fixtures/change.js'
import { FixtureError } from '../../world/fixtures/mistakes.js'
import { partial } from '../../world/fixtures/shapes.js'
import type { World } from '../../world/world.js'
import type { Control } from '../app.js'
import { type Body, KINDS, type Kind } from '../kinds.js'
import { ControlError } from '../problem.js'
import type { Realm } from '../realm.js'
import { inTurn } from '../turn.js'
import { answers, KeyParams, realmAsked } from './route.js'

/** The rows of a world, one at a time. */

export function rowRoutes(app: FastifyInstance, { seed }: Control): void {
  for (const [section, of] of Object.entries(KINDS)) {
    const path = `/_mock/${section}`
    const one = { description: `the ${of.word}`, schema: of.seed }

    /** @param describe what is to be, in view of the world at that moment; the text of the row is answered */
    function change(realm: Realm, describe: (world: World) => Change & { path: string }): Promise<string> {
      let place = ''
      const describeAt = (world: World) => {
        const described = describe(world)
        place = described.path
        return described
      }
      const changed = changeWorld(realm, describeAt, seed, ({ entities }) => {
        const { release, world } = realm
        const groups = { get: (pk: string) => entities.groups.get(pk) ?? world.groups.get(pk) }
        const [row] = of.described(entities).values()
        return JSON.stringify(of.show(row as never, { release, groups }))
      })
      return changed.catch((error) => {
        throw inBody(error, place)
      })
    }

    app.post<{ Body: Body }>(
      path,
      { schema: { summary: `Create a ${of.word}`, body: of.seed, response: answers({ 201: one }, 409) } },
      async (request, reply) => {
        const realm = realmAsked(request)
        const created = await inTurn(realm, () =>
          change(realm, (world) => {
            refuseExisting(of, world, request.body)
            return documentOf(of.describe(request.body))
          }),
        )
        return reply.code(201).type(JSON_TYPE).serializer(String).send(created)
      },
    )

    app.get<{ Params: { key: string } }>(
      `${path}/:key`,
      { schema: { summary: `One ${of.word}`, params: KeyParams, response: answers({ 200: one }, 404) } },
      (request) => {
        const { world, release } = realmAsked(request)
        return of.show(existing(of, world, request.params.key), { release, groups: world.groups })
      },
    )

    app.patch<{ Params: { key: string }; Body: Body }>(
      `${path}/:key`,
      {
        schema: {
          summary: `Change a ${of.word}; what is left out stays`,
          params: KeyParams,
          body: partial(of.seed.properties),
          response: answers({ 200: one }, 404, ...(of.renamed === undefined ? [] : [409])),
        },
      },
      async (request, reply) => {
        const realm = realmAsked(request)
        const { params, body } = request
        const changed = await inTurn(realm, () =>
          change(realm, (world) => {
            const before = existing(of, world, params.key)
            const renamed = of.renamed?.(body, before)
            if (renamed !== undefined) refuseExisting(of, world, body)
            return { ...documentOf(of.describe(body, before)), ...(renamed !== undefined && { renamed }) }
          }),
        )
        return reply.type(JSON_TYPE).serializer(String).send(changed)
      },
    )

    app.delete<{ Params: { key: string } }>(
      `${path}/:key`,
      {
        schema: {
          summary: `Delete a ${of.word}, and what cannot be without it`,
          params: KeyParams,
          response: answers({ 204: { description: 'done' } }, 404),
        },
      },
      async (request, reply) => {
        const realm = realmAsked(request)
        await inTurn(realm, async () => of.delete(realm.world, existing(of, realm.world, request.params.key)))
        return reply.code(204).send()
      },
    )
  }
}

const JSON_TYPE = 'application/json; charset=utf-8'

function documentOf({ json, path }: { json: Body; path: string }) {
  return { document: { file: 'body', json }, path }
}

function existing(of: Kind<never>, world: World, key: string): never {
  const row = of.find(world, key)
  if (row === undefined) throw new ControlError(404, `there is no ${of.word} ${key}`)
  return row
}

/** A key in the form of another field, such as a username that is a number, is no conflict. */
function refuseExisting(of: Kind<never>, world: World, body: Body): void {
  for (const name of of.names) {
    const key = body[name]
    const row: Body | undefined = key === undefined ? undefined : of.find(world, String(key))
    if (row !== undefined && String(row[name]).toLowerCase() === String(key).toLowerCase())
      throw new ControlError(409, `there is a ${of.word} ${key} already; PATCH changes it`)
  }
}

/** Mistakes are named by their place in the body, not in the fixture that was made of it. */
function inBody(error: unknown, place: string): unknown {
  if (!(error instanceof FixtureError)) return error
  const within = (path: string) => {
    if (!path.startsWith(place)) return path
    const rest = path.slice(place.length)
    return rest.startsWith('.') ? rest.slice(1) : rest
  }
  return new FixtureError(error.mistakes.map((mistake) => ({ ...mistake, path: within(mistake.path) })))
}
