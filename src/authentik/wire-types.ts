import * as Type from 'typebox'
import type { Release } from './releases.js'

/**
 * The bodies on the wire that are the same whatever the resource, and the words to describe one. What authentik's
 * OpenAPI document says of a value beyond what is sent, or against it, stands under `openapi`: see `openapi.ts`.
 */

const MAX_INT32 = 2 ** 31 - 1

export const uuid = (options?: Type.TSchemaOptions) => Type.String({ format: 'uuid', ...options })
export const pk = (options?: Type.TSchemaOptions) => Type.Integer({ minimum: 1, maximum: MAX_INT32, ...options })
export const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
/** A list of what may be said, under its name in the document. */
export const oneOf = <T extends string>(component: string, values: readonly T[], options?: Type.TSchemaOptions) =>
  Type.Enum<T[]>([...values], { ...options, openapi: { component, ...(options?.['openapi'] as object) } })
/** An object whose keys are nobody's business. */
export const anything = (options?: Type.TSchemaOptions) =>
  Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: {}, ...options })
export const moment = (options?: Type.TSchemaOptions) =>
  Type.String({
    format: 'date-time',
    pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{6})?Z$',
    ...options,
  })

const count = () => Type.Integer({ openapi: { type: 'number' } })

/** The numbers of a page. */
export const PaginationBody = Type.Object(
  {
    next: count(),
    previous: count(),
    count: count(),
    current: count(),
    total_pages: count(),
    start_index: count(),
    end_index: count(),
  },
  { additionalProperties: false, openapi: { component: 'Pagination' } },
)

/** Always empty on the wire. */
export const Autocomplete = Type.Object(
  {},
  { additionalProperties: false, openapi: { component: 'Autocomplete', additionalProperties: {} } },
)

/** What most refusals say. */
export const ErrorDetail = Type.Object(
  { detail: Type.String(), code: Type.Optional(Type.String()) },
  { additionalProperties: false, openapi: { component: 'GenericError' } },
)

/** What a 400 may say, as authentik documents it. */
export const ValidationError = Type.Object(
  { non_field_errors: Type.Optional(Type.Array(Type.String())), code: Type.Optional(Type.String()) },
  { additionalProperties: Type.Unknown(), openapi: { component: 'ValidationError' } },
)

/** What wrong filters are answered with. */
export const FilterErrors = Type.Object(
  { user: Type.Optional(Type.Array(Type.String())), provider: Type.Optional(Type.Array(Type.String())) },
  { additionalProperties: false },
)

/** What a null character in `search` is answered with: a bare array. */
export const NullCharacters = Type.Array(Type.String())

/** What OPTIONS says of a route. */
export const ViewMetadata = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    renders: Type.Array(Type.String()),
    parses: Type.Array(Type.String()),
  },
  { additionalProperties: false },
)

/** An object of some of the fields, in the order of the keys, and of no others. */
export function pickFields(
  fields: Record<string, Type.TSchema>,
  keys: readonly string[],
  component: string,
): Type.TSchema {
  const picked = Object.fromEntries(keys.map((key) => [key, fields[key] as Type.TSchema]))
  return Type.Object(picked, { additionalProperties: false, openapi: { component } })
}

/** A page of such bodies. */
export function listSchema(release: Release, one: Type.TSchema, component: string): Type.TSchema {
  const list = { pagination: PaginationBody, results: Type.Array(one), autocomplete: Autocomplete }
  return pickFields(list, release.listKeys, component)
}

/** What refers to a row. */
export function usedBySchema({ document }: Release): Type.TSchema {
  const use = {
    app: Type.String(),
    model_name: Type.String(),
    pk: Type.String(),
    name: Type.String(),
    action: oneOf('UsedByActionEnum', document.usedByActions),
  }
  return Type.Array(pickFields(use, Object.keys(use), 'UsedBy'))
}

/** The parameters that every list takes, in the order of the document among a list's own. */
export function listParameters(own: Record<string, Type.TSchema>): Type.TObject {
  const all: Record<string, Type.TSchema> = {
    ordering: Type.String({ openapi: { component: 'QueryPaginationOrdering' } }),
    page: Type.Integer({ openapi: { component: 'QueryPaginationPage' } }),
    page_size: Type.Integer({ openapi: { component: 'QueryPaginationPageSize' } }),
    search: Type.String({ openapi: { component: 'QuerySearch' } }),
    ...own,
  }
  const names = Object.keys(all).sort()
  return Type.Object(Object.fromEntries(names.map((name) => [name, Type.Optional(all[name] as Type.TSchema)])))
}
