/** What is asked of every peer, in the words of the API. */
export interface Operation {
  path: string
  status: number
  /** The API token that is shown. */
  key: string
  /** Rows that the answer holds, where it is a list. */
  rows?: number
  /** Asked once after each request: the row that was deleted comes back. */
  recreates?: boolean
}

const ROWS = '/api/v3/oauth2/refresh_tokens/'
const SUPERUSER = 'superuser-key'

/** The world of the measurements: the rows are made up, and two keys open it. */
export const WORLD = {
  users: [
    { pk: 1, username: 'superuser', groups: [{ name: 'admins', is_superuser: true }] },
    { pk: 2, username: 'user' },
  ],
  tokens: { superuser: { key: SUPERUSER, user: 'superuser' }, user: { key: 'user-key', user: 'user' } },
}

export const OPERATIONS: Record<string, Operation> = {
  retrieve: { path: `${ROWS}7/`, status: 200, key: SUPERUSER },
  'list of 20': { path: `${ROWS}?page_size=20`, status: 200, key: SUPERUSER, rows: 20 },
  'list of 100': { path: `${ROWS}?page_size=100`, status: 200, key: SUPERUSER, rows: 100 },
  'filtered list': { path: `${ROWS}?provider=1&page_size=20`, status: 200, key: SUPERUSER, rows: 20 },
  'not found': { path: `${ROWS}999999/`, status: 404, key: SUPERUSER },
  forbidden: { path: ROWS, status: 403, key: 'no-such-key' },
}
