import * as Type from 'typebox'
import { DURATION_FORM, INSTANT_FORM } from '../../instant.js'
import { partial, record } from './shapes.js'

/**
 * The words that the grammar of fixtures is written in. The description of a field is what a mistake in it is answered
 * with, and what an editor shows.
 */

const MAX_INT32 = 2 ** 31 - 1

export const text = (description = 'a text', maxLength?: number) =>
  Type.String({ description, ...(maxLength === undefined ? {} : { maxLength }) })
/** A text that no message shows, whatever is wrong with it. */
export const secret = (description: string, rules: Type.TStringOptions = {}) =>
  Type.String({ ...rules, writeOnly: true, description })
export const secretWord = () =>
  secret('a text of visible ASCII characters without spaces', { minLength: 1, pattern: '^[!-~]+$' })
export const key = () =>
  Type.Integer({ minimum: 1, maximum: MAX_INT32, description: `an integer from 1 to ${MAX_INT32}` })
export const uuid = () => Type.String({ format: 'uuid', description: 'a UUID' })
export const uuids = () => Type.Array(uuid(), { description: 'a list of UUIDs' })
export const flag = () => Type.Boolean({ description: 'true or false' })
export const instant = () => Type.String({ format: 'authentik-instant', description: INSTANT_FORM })
export const duration = () => Type.String({ format: 'authentik-duration', description: `a duration: ${DURATION_FORM}` })
export const oneOf = <T extends string>(values: readonly T[]) =>
  Type.Enum<T[]>([...values], { description: values.map((value) => JSON.stringify(value)).join(', ') })
export const attributes = () => record(Type.Unknown(), { description: 'an object' })
export const orNull = <T extends Type.TSchema>(schema: T) =>
  Type.Union([schema, Type.Null()], { description: `${(schema as { description?: string }).description}, or null` })

/** An object of which every field may be left out, and none may be misspelt. */
export const object = <T extends Type.TProperties>(properties: T, description: string) =>
  partial(properties, { additionalProperties: false, description })

/** A row by its primary key, its natural key, or written where it is needed. */
export const reference = <K extends Type.TSchema, T extends Type.TSchema>(pk: K, natural: string, inline: T) =>
  Type.Union([pk, text(`a ${natural}`), inline], {
    description: `a primary key, a ${natural}, or an object that describes it`,
  })
