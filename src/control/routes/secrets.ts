import type { FastifyInstance } from 'fastify'
import * as Type from 'typebox'
import { secretOf } from '../../world/by-secret.js'
import type { Kind } from '../../world/kinds/kind.js'
import type { Kinds } from '../../world/kinds/registry.js'
import { existingRow } from '../find-row.js'
import { answers, KeyParams } from './route-schemas.js'

/** The secrets of rows, for whoever made them: nothing else tells them. */
export function secretRoutes(app: FastifyInstance, kinds: Kinds): void {
  for (const [section, { word, secrets }] of Object.entries(kinds) as [string, Kind][]) {
    const fields = Object.keys(secrets ?? {})
    if (fields.length === 0) continue
    app.get<{ Params: { key: string } }>(
      `/_mock/${section}/:key/secret`,
      {
        schema: {
          summary: `What a client shows of a ${word}`,
          params: KeyParams,
          response: answers(
            { 200: { description: 'its secrets, by the names of their fields', schema: secretsSchema(fields) } },
            404,
          ),
        },
      },
      (request) => {
        const { database } = request.findWorld()
        const row = existingRow(database, section, request.params.key)
        return Object.fromEntries(fields.map((field) => [field, secretOf(database, section, field, row)]))
      },
    )
  }
}

function secretsSchema(fields: string[]): Type.TObject {
  return Type.Object(Object.fromEntries(fields.map((field) => [field, Type.String({ description: `its ${field}` })])))
}
