import type { TObject, TSchema } from 'typebox'
import type { RowChange } from '../world/change.js'
import type { OrderTerm } from '../world/index/columns.js'
import type { ColumnTest } from '../world/index/selection.js'
import type { Value } from '../world/value.js'
import type { Answer } from './answer.js'
import type { RequestContext } from './context.js'
import type { WrongParameter } from './errors.js'
import type { Language } from './messages.js'
import type { Release } from './releases.js'

/** A kind of row behind the REST API: what is special about it. What all have in common stands in `resource/`. */
export interface Resource {
  /** The kind, by its section. */
  section: string
  /** authentik's own document of it is not at hand. */
  undocumented?: true
  /** Of the list, as Fastify writes it. */
  url: string
  /** What the Allow headers of list and row say. Methods that are named there and not served are answered by 501. */
  allow: { list: string; detail: string }
  /** How a path names a row. */
  lookup: Lookup
  /** Whether DELETE is served. */
  isDeletable: boolean
  /** What PATCH changes; undefined: it is not served. */
  update?: Update
  /** The beginning of its operation ids. */
  operations: string
  /** The names of its routes in the journal. */
  routes: { list: string; detail: string; usedBy: string }
  /** What OPTIONS says of list and row. */
  titles: { list: string; detail: string }
  description: string
  /** Django's names of the model, in permissions and in texts. */
  model: { permission: string; name: string }
  /** Lists rows in a way of its own. */
  list?(ctx: RequestContext, resource: Resource): Answer
  /** What parameters of the query leave in a list, and of the rows that a path may name. */
  filters: Record<string, Filter>
  /** The texts of a row that `search` looks into; undefined: see `searched`. */
  search?(row: never, ctx: RequestContext): string[]
  /** The columns that `search` looks into, in lists of very many rows. */
  searched?: string[]
  ordering: {
    terms: readonly string[]
    /** Those of a release, where releases differ. */
    termsOf?(release: Release): string[]
    byDefault: OrderTerm[]
  }
  /** The column of the user whose row it is; undefined: the rows are seen with the permission to view them. */
  owner?: string
  /** An owner may delete a row without the permission. */
  ownerMayDelete?: true
  /** An anonymous caller who asks for one row meets authentik's error page. */
  crashesWhenAnonymous?: true
  /** A body shows who asks, and is not kept. */
  isPersonal?: true
  /** The other kinds that a body shows. */
  joins: string[]
  /** The body of a row at this moment, compact. */
  text(row: never, ctx: RequestContext, included: Included): string
  /** Bodies that show very many other rows, in pieces. */
  pieces?: Pieces
  /** When a body changes by the clock alone; null, as without it: never. */
  expires?(row: never): string | null
  /** What refers to a row, as authentik lists it; undefined: nothing does. */
  usedBy?(row: never, ctx: RequestContext): UsedBy[]
  /** What further parameters `include_…` switch on and off, and whether it is there without them. */
  includes?: Record<string, boolean>
  /** Query parameters of the list, in the order of the document. */
  querystring: TObject
  schemas(release: Release): { one: TSchema; list: TSchema; usedBy: TSchema }
}

/** How a body is made piece by piece. */
export interface Pieces {
  /** Reads what takes long before a body is made; undefined: it was read. */
  prepare(ctx: RequestContext): Promise<unknown> | undefined
  /** How many other rows the body of a row shows. */
  count(row: never, ctx: RequestContext): number
  /** The body, as `text` has it. */
  of(row: never, ctx: RequestContext, included: Included): Iterable<string>
}

/** How PATCH changes a row. */
export interface Update {
  fields: Record<string, FieldReader>
  /** Fields that a release lets clients write; those that are not in `fields` are answered by 501. */
  writable(release: Release): string[]
  /** Why authentik changes nothing about a row, in its words. */
  refuse?(row: never): string | undefined
  /** The changed row, and what goes with it. */
  changes(row: never, fields: Row, ctx: RequestContext): RowChange[]
  /** The body, in authentik's document. */
  schema: TObject
}

/** A row is named by its primary key, an integer, or by another field that no two rows share. */
export interface Lookup {
  /** The name of the path's parameter in authentik's document. */
  parameter: string
  /** Undefined: the primary key. */
  field?: string
  /** Its values, where they are no integers; by default any text. */
  form?: 'uuid'
}

export const BY_PK: Lookup = { parameter: 'id' }

/** One of the things that refer to a row. */
export interface UsedBy {
  app: string
  model_name: string
  pk: string
  name: string
  /** What becomes of it when the row is deleted. */
  action: 'cascade' | 'cascade_many' | 'set_null' | 'set_default'
}

/** What `?include_groups=` and `?include_roles=` leave in a body, and the language of its texts. */
export interface Included {
  groups: boolean
  roles: boolean
  language: Language
  /** What else such parameters ask for, of a kind that has more of them: `users` of `?include_users=`. */
  also?: readonly string[]
}

/** A row of some kind. */
export type Row = Record<string, unknown>

export type Test = (row: Row) => boolean

/** How a parameter of the query filters, by its values, of which the last one counts mostly. */
export type Filter = (ctx: RequestContext, parameter: string, values: string[]) => Filtered

export type Filtered =
  | { column: string; value: Value }
  | Pick<ColumnTest, 'columns' | 'isMet'>
  | { test: Test }
  | { wrong: WrongParameter }
  | { refused: Answer }
  | undefined

/** The value as a row has it, or what is wrong with it, in the framework's words. */
export type FieldReader = (value: unknown, ctx: RequestContext) => { value: unknown } | { wrong: string }
