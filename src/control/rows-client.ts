import { KINDS, type Section, type SeedOf } from '../world/kinds/registry.js'

/** A control request of one world: the method, what follows `/_mock`, and the body. */
export type Call = <T = void>(method: string, path: string, body?: object) => Promise<T>

/** Rows of one kind. Keys are primary keys, or natural keys: a username, a name. */
export interface RowsClient<Seed> {
  /** Creates a row of what is given; the rest is filled in. Resolves to all of it. */
  create(seed?: Seed): Promise<Required<Seed>>
  get(key: number | string): Promise<Required<Seed>>
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
    change: (key, seed) => call('PATCH', at(key), seed),
    delete: (key) => call('DELETE', at(key)),
  }
}
