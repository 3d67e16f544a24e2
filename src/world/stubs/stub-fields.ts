import { METHODS } from 'node:http'
import * as Type from 'typebox'
import { record } from '../kinds/shared/shapes.js'

/** The fields that stubs and faults have in common: which requests they are for, when, and what is answered. */

/** Longer patterns are refused. */
const MAX_PATTERN = 200
const MAX_DELAY = 60_000

/** The pattern of a path. One with a query in it, or without a slash in front, would never match. */
export const pathPattern = (more = '') =>
  Type.String({
    maxLength: MAX_PATTERN,
    pattern: '^[/*][^?]*$',
    description: `a path without a query, of at most ${MAX_PATTERN} characters, that begins with "/" or "*"; * stands for anything in one segment, ** for anything${more}`,
  })

const METHOD = `^(?:${METHODS.flatMap((name) => [name, name.toLowerCase()]).join('|')})$`
export const method = () => Type.String({ pattern: METHOD, description: 'a method of HTTP such as "DELETE"' })
export const caller = () => Type.String({ description: 'the name of an API token' })
export const times = (does: string) =>
  Type.Integer({ minimum: 1, description: `how often it ${does}: an integer from 1` })
export const skip = (does: string) =>
  Type.Integer({ minimum: 0, description: `how many requests pass before it ${does}: an integer from 0` })
export const delay = () =>
  Type.Integer({ minimum: 0, maximum: MAX_DELAY, description: `milliseconds: an integer from 0 to ${MAX_DELAY}` })
export const status = () =>
  Type.Integer({ minimum: 200, maximum: 599, description: 'a status: an integer from 200 to 599' })
export const body = () => Type.Unknown({ description: 'a text, or anything that is sent as JSON' })
export const headers = () =>
  record(
    Type.String({ pattern: '^[\\t -~]*$', description: 'a text of visible ASCII characters' }),
    { additionalProperties: false, description: 'headers by name' },
    HEADER_NAME,
  )

export const HEADER_NAME = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"
