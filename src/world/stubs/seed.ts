import * as Type from 'typebox'
import { record } from '../kinds/shared/shapes.js'
import { body, caller, delay, HEADER_NAME, headers, method, pathPattern, skip, status, times } from './stub-fields.js'

/** What a parameter or a header must be. */
const wanted = () =>
  Type.Union(
    [
      Type.String(),
      Type.Integer(),
      Type.Array(Type.String()),
      Type.Object({ present: Type.Boolean() }, { additionalProperties: false }),
    ],
    {
      description: 'a text, an integer, a list of texts (each value in order), {"present": true} or {"present": false}',
    },
  )

/** What a stub says, by field. */
export const stubFields = {
  method: Type.Optional(method()),
  path: pathPattern('; {name} for one segment, that the answer may name'),
  query: Type.Optional(record(wanted(), { description: 'parameters of the query by name' })),
  request_headers: Type.Optional(
    record(wanted(), { additionalProperties: false, description: 'headers of the request by name' }, HEADER_NAME),
  ),
  request_body: Type.Optional(Type.Unknown({ description: 'what the JSON of the request holds, at least' })),
  as: Type.Optional(caller()),
  skip: Type.Optional(skip('answers')),
  times: Type.Optional(times('answers')),
  delay: Type.Optional(delay()),
  status: Type.Optional(status()),
  headers: Type.Optional(headers()),
  body: Type.Optional(body()),
  text: Type.Optional(Type.String({ description: 'a text' })),
  file: Type.Optional(Type.String({ description: 'a file below the folder of the fixture file' })),
  base64: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$', description: 'bytes in Base64' })),
  template: Type.Optional(Type.Boolean({ description: 'true, or false ({{…}} is sent as it stands)' })),
}

/** An answer that stands in for one which the mock does not serve, as fixtures and tests describe it. */
export const StubSeed = Type.Object(stubFields, { additionalProperties: false, description: 'a stub' })
export type StubSeed = Type.Static<typeof StubSeed>
export type Wanted = NonNullable<StubSeed['query']>[string]
