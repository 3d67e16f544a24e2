import type { FastifyInstance, FastifyRequest } from 'fastify'
import * as Type from 'typebox'
import { endedByDeactivation } from '../../oauth2/lifecycle.js'
import type { RowChange } from '../../world/change.js'
import type { Database } from '../../world/database.js'
import type { Given, Kind } from '../../world/kinds/kind.js'
import type { Kinds } from '../../world/kinds/registry.js'
import { partial } from '../../world/kinds/shared/shapes.js'
import type { User } from '../../world/kinds/users.js'
import { type Plan, type Planning, planChange, planRow } from '../../world/load/plan.js'
import { cell } from '../../world/table.js'
import type { Key } from '../../world/value.js'
import { changeRows } from '../change-rows.js'
import { existingRow, findRow, seedAnswer } from '../find-row.js'
import { checkedSeed } from '../form-error.js'
import { ControlError } from '../problem.js'
import { serialize } from '../serialize.js'
import type { World } from '../worlds/world.js'
import { answers, KeyParams } from './route-schemas.js'
import { begun, refuseSession } from './sessions.js'

/** The rows of a world, in the grammar of fixtures: the same four routes for each kind. */

const IN_BODY = { file: 'body', path: '' }

export function rowRoutes(app: FastifyInstance, kinds: Kinds): void {
  for (const [section, kind] of Object.entries(kinds)) routesOf(app, section, kind)
}

function routesOf(app: FastifyInstance, section: string, kind: Kind): void {
  const path = `/_mock/${section}`
  const one = { description: `the ${kind.word}`, schema: kind.seed }

  app.post<{ Body: Given }>(
    path,
    {
      attachValidation: true,
      schema: { summary: `Create a ${kind.word}`, body: newRowSchema(kind), response: answers({ 201: one }, 409) },
    },
    async (request, reply) => {
      const world = request.findWorld()
      const refuse = (database: Database) => {
        refuseExisting(database, section, request.body)
        if (section === 'sessions') refuseSession(database, request.body)
      }
      const created = await serialize(world, () =>
        planRow(section, checkedSeed(request), IN_BODY, refuse, planning(request, section)),
      )
      const more = section === 'sessions' && begun(world, created['pk'] as string, request.control.mount.base)
      return reply.code(201).send({ ...created, ...more })
    },
  )

  app.get<{ Params: { key: string } }>(
    `${path}/:key`,
    { schema: { summary: `One ${kind.word}`, params: KeyParams, response: answers({ 200: one }, 404) } },
    (request) => {
      const world = request.findWorld()
      return seedAnswer(world, section, existingRow(world.database, section, request.params.key))
    },
  )

  app.patch<{ Params: { key: string }; Body: Given }>(
    `${path}/:key`,
    {
      attachValidation: true,
      schema: {
        summary: `Change a ${kind.word}; what is left out stays`,
        params: KeyParams,
        body: partial(kind.seed.properties, {
          additionalProperties: false,
          description: descriptionOf(kind.seed),
        }),
        response: answers({ 200: one }, 404),
      },
    },
    (request) => {
      const world = request.findWorld()
      const { params, body } = request
      const find = (database: Database) => existingRow(database, section, params.key)
      const refuse = (database: Database) => {
        const isRenamed = kind.keys === 'given' && body[kind.key] !== cell(find(database), kind.key)
        if (isRenamed) refuseExisting(database, section, body)
      }
      return serialize(world, () =>
        planChange(section, find, checkedSeed(request), IN_BODY, refuse, planning(request, section)),
      )
    },
  )

  app.delete<{ Params: { key: string } }>(
    `${path}/:key`,
    {
      schema: {
        summary: `Delete a ${kind.word}, and what cannot be without it`,
        params: KeyParams,
        response: answers({ 204: { description: 'done' } }, 404),
      },
    },
    async (request, reply) => {
      const world = request.findWorld()
      await serialize(world, async () => {
        const key = cell(existingRow(world.database, section, request.params.key), kind.key) as Key
        changeRows(request, [{ type: 'delete', section, key }])
      })
      return reply.code(204).send()
    },
  )
}

/** A kind whose keys are given cannot do without one. */
function newRowSchema({ keys, key, seed }: Kind): Type.TObject {
  if (keys !== 'given') return seed
  const { [key]: field, ...others } = seed.properties
  return Type.Object(
    { [key]: Type.Unsafe<string>({ ...(field as object), '~optional': undefined }), ...others },
    { additionalProperties: false, description: descriptionOf(seed) },
  )
}

function descriptionOf(seed: Type.TObject): string {
  return (seed as { description?: string }).description ?? ''
}

/** Applies what is planned, and shows the row that it is about. */
function planning(request: FastifyRequest, section: string): Planning<Record<string, unknown>> {
  const world = request.findWorld()
  return {
    database: () => world.database,
    seed: request.control.seed,
    use({ entities, changes }: Plan) {
      changeRows(request, [...changes, ...endedBy(world, changes)])
      const [row] = (entities[section] as Map<Key, unknown>).values()
      return seedAnswer(world, section, row)
    },
  }
}

/** Who is not active any more loses what authentik takes away then. */
function endedBy({ database, release }: World, changes: RowChange[]): RowChange[] {
  return changes.flatMap((change) => {
    if (change.type !== 'put' || change.section !== 'users') return []
    const { pk, is_active } = change.row as User
    return is_active || database.users.get(pk)?.is_active !== true ? [] : endedByDeactivation(database, pk, release)
  })
}

/** A key in the form of another field, such as a username that is a number, is no conflict. */
function refuseExisting(database: Database, section: string, body: Given): void {
  const { word, key, natural = key } = database.kinds[section] as Kind
  for (const name of [key, natural]) {
    const given = body[name]
    const row = given === undefined ? undefined : findRow(database, section, String(given))
    if (row !== undefined && String(cell(row, name)).toLowerCase() === String(given).toLowerCase())
      throw new ControlError(409, `there is a ${word} ${given} already; PATCH changes it`)
  }
}
