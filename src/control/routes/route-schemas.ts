import * as Type from 'typebox'
import { Problem } from '../bodies.js'

/** What the control routes have in common. */

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
})

/** What a route answers, for its document: the body of its success, by status, and the problems that it knows. */
export function answers(
  success: Record<number, { description: string; schema?: Type.TSchema }>,
  ...problems: number[]
) {
  const codes: Record<number, unknown> = {}
  for (const [status, { description, schema }] of Object.entries(success)) {
    codes[Number(status)] =
      schema === undefined
        ? { description, type: 'null' }
        : { description, content: { 'application/json': { schema } } }
  }
  for (const status of [400, ...problems]) codes[status] = problem(PROBLEMS[status] ?? '')
  return codes
}

const PROBLEMS: Record<number, string> = {
  400: 'something in the request is wrong: what, where, and what is allowed',
  404: 'it does not exist',
  409: 'it exists already, or something else depends on it',
  422: 'this world does not allow it',
  429: 'too many requests are waiting already',
}

/** Parameters of a path. */
export const KeyParams = Type.Object({ key: Type.String({ description: 'a primary key, or a natural key' }) })
export const IdParams = Type.Object({ id: Type.String({ description: 'an id' }) })
export const NameParams = Type.Object({ name: Type.String({ description: 'a name' }) })
export const CodeParams = Type.Object({ code: Type.String({ description: 'the code that a device shows' }) })
export const PkParams = Type.Object({ pk: Type.String({ pattern: '^[0-9]{1,10}$', description: 'a primary key' }) })
