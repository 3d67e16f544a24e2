import { KINDS, type Section, type SeedOf } from '../../world/kinds/registry.js'

/** A control request of one world: the method, what follows `/_mock`, and the body. */
export type Call = <T = void>(method: string, path: string, body?: object) => Promise<T>

/** Which page of the rows: columns and what they must hold, the order, and the page. */
export interface RowsQuery {
  /** A column; with `-` in front, from the last. By default the primary key. */
  ordering?: string
  /** From 1. */
  page?: number
  /** By default 50, at most 1000. */
  page_size?: number
  [column: string]: string | number | boolean | undefined
}

/** Rows of one kind. Keys are primary keys, or natural keys: a username, a name. */
export interface RowsClient<Seed> {
  /** Creates a row of what is given; the rest is filled in. Resolves to all of it. */
  create(seed?: Seed): Promise<Required<Seed>>
  get(key: number | string): Promise<Required<Seed>>
  /** A page of the rows, and how many there are on all pages. */
  list(query?: RowsQuery): Promise<{ count: number; rows: Required<Seed>[] }>
  /** Changes what is given, and leaves the rest. */
  change(key: number | string, seed: Partial<Seed>): Promise<Required<Seed>>
  /** Deletes a row, and what cannot be without it. */
  delete(key: number | string): Promise<void>
}

type CamelCase<S extends string> = S extends `${infer Word}_${infer Rest}` ? `${Word}${Capitalize<CamelCase<Rest>>}` : S

/** The rows of each kind, by its section: `refreshTokens`, `users`, `applications` and so on. */
export type RowClients = { readonly [S in Section as CamelCase<S>]: RowsClient<SeedOf<S>> }

export function rowClients(call: Call): RowClients {
  const camelCase = (section: string) => section.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
  const clients = Object.keys(KINDS).map((section) => [camelCase(section), rowsClient(call, section)])
  return Object.fromEntries(clients)
}

export function rowsClient<Seed>(call: Call, section: string): RowsClient<Seed> {
  const at = (key: number | string) => `/${section}/${encodeURIComponent(key)}`
  return {
    create: (seed) => call('POST', `/${section}`, (seed ?? {}) as object),
    get: (key) => call('GET', at(key)),
    list: (query) => call('GET', `/${section}${queryOf(query)}`),
    change: (key, seed) => call('PATCH', at(key), seed),
    delete: (key) => call('DELETE', at(key)),
  }
}

/** Parameters of a query; what is undefined is left out. */
export function queryOf(query: object = {}): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value))
  return `?${parameters}`
}
