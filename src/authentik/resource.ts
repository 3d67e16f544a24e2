import type { TObject, TSchema } from 'typebox'
import type { OrderTerm } from '../world/index/columns.js'
import type { Key } from '../world/kinds/kind.js'
import type { RequestContext } from './context.js'
import type { Release } from './releases.js'

/** A kind of row behind the REST API: what is special about it. What all have in common stands in `resource/`. */
export interface Resource {
  /** The kind, by its section. */
  section: string
  /** authentik's own document of it is not at hand: recordings say what it answers. */
  derived?: true
  /** Of the list, as Fastify writes it. */
  url: string
  /** The beginning of its operation ids. */
  operations: string
  /** The names of its routes in the journal. */
  routes: { list: string; detail: string; usedBy: string }
  /** What OPTIONS says of list and row. */
  titles: { list: string; detail: string }
  description: string
  /** Django's names of the model, in permissions and in texts. */
  model: { permission: string; name: string }
  /** Parameters that take the primary key of another kind, and are columns of this one. */
  filters: Record<string, string>
  ordering: { terms: readonly string[]; byDefault: OrderTerm[] }
  /** The column of the user whose row it is. */
  owner: string
  /** The other kinds that a body shows. */
  joins: string[]
  /** The body of a row at this moment, compact. */
  text(row: never, ctx: RequestContext, included: Included): string
  /** When a body changes by the clock alone; null: never. */
  expires(row: never): string | null
  /** Query parameters of the list, in the order of the document. */
  querystring: TObject
  schemas(release: Release): { one: TSchema; list: TSchema; usedBy: TSchema }
}

/** What `?include_groups=` and `?include_roles=` leave in a body. */
export interface Included {
  groups: boolean
  roles: boolean
}

/** A row of some kind. */
export type Row = Record<string, unknown> & { pk: Key }
