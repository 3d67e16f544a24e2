/** What is asked of every peer, in the words of the API. */
export interface Operation {
  path: string
  status: number
  /** The API token that is shown. */
  key: string
  /** Rows that the answer holds, where it is a list. */
  rows?: number
  /** A row is deleted, and then made again. */
  recreates?: boolean
}

/** One request. */
export interface Exchange {
  method: 'GET' | 'DELETE' | 'POST'
  path: string
  headers: Record<string, string>
  body?: string
}

export const ROWS = '/api/v3/oauth2/refresh_tokens/'
export const SUPERUSER = 'superuser-key'
const USER = 'user-key'

/** The world of the measurements, beside its made-up rows: two keys open it. */
export const WORLD = {
  users: [
    { username: 'superuser', groups: [{ name: 'superusers', is_superuser: true }] },
    { username: 'user', groups: [] },
  ],
  providers: [{ pk: 1000, name: 'Provider for Bench' }],
  tokens: { superuser: { key: SUPERUSER, user: 'superuser' }, user: { key: USER, user: 'user' } },
}

export const OPERATIONS = {
  retrieve: { path: `${ROWS}7/`, status: 200, key: SUPERUSER },
  'list of 20': { path: `${ROWS}?page_size=20`, status: 200, key: SUPERUSER, rows: 20 },
  'list of 100': { path: `${ROWS}?page_size=100`, status: 200, key: SUPERUSER, rows: 100 },
  'filtered list': { path: `${ROWS}?provider=1&page_size=20`, status: 200, key: SUPERUSER, rows: 20 },
  'not found': { path: `${ROWS}999999/`, status: 404, key: SUPERUSER },
  forbidden: { path: `${ROWS}7/used_by/`, status: 403, key: USER },
  'delete and create': { path: `${ROWS}7/`, status: 204, key: SUPERUSER, recreates: true },
} satisfies Record<string, Operation>

export type OperationName = keyof typeof OPERATIONS
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[]

export function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` }
}

/** A GET as a caller with this API token. */
export function get(path: string, key = SUPERUSER): Exchange {
  return { method: 'GET', path, headers: bearer(key) }
}
