import { randomUUID } from 'node:crypto'
import type { Mock } from '../control/client/client.js'
import { type Seeds, startMock } from '../index.js'
import type { RefreshTokenBody } from '../routes/api/v3/oauth2/refresh_tokens/body-schemas.js'
import { ABSENT } from '../upstream/detect-release.js'
import { LIST } from '../upstream/read-rows.js'
import type { Client } from '../upstream/upstream-client.js'
import type { Permission } from '../world/kinds/users.js'

/** Whose token it is, as far as it matters here. */
export interface Caller {
  /** Sees and deletes every row. */
  superuser: boolean
  permissions: Permission[]
}

/** Finds out who the caller is by what is refused; none of it changes anything. */
export async function findOutCaller(client: Client, rows: RefreshTokenBody[]): Promise<Caller> {
  const statusOf = async (method: string, path: string) =>
    (await client.ask({ method, path, headers: client.authorization })).status
  const probes: [Permission, boolean][] = [
    ['view_refreshtoken', (await statusOf('GET', `${LIST}${ABSENT}/used_by/`)) === 404],
    ['add_refreshtoken', (await statusOf('POST', LIST)) === 405],
    ['change_refreshtoken', (await statusOf('PATCH', LIST)) === 405],
  ]
  const permissions = probes.flatMap(([permission, has]) => (has ? permission : []))
  const sees = new Set(rows.map(({ user }) => user.pk)).size
  return { superuser: permissions.length === probes.length || sees > 1, permissions }
}

/**
 * A mock over the rows of the target, at which the same token is good for the same.
 *
 * @param beside sections of fixtures with what stands next to the rows
 */
export async function startTwin(
  rows: RefreshTokenBody[],
  release: string,
  key: string,
  { superuser, permissions }: Caller,
  beside: Seeds = {},
): Promise<Mock> {
  if (superuser && beside.users !== undefined) return startTwinOfAll(rows, release, key, beside)
  const all = { ...beside, captured: true }
  if (superuser) return startMock({ release, fixtures: [rows, all], token: key, logLevel: 'silent' })
  const owner = rows[0]?.user.pk
  const user = { ...(owner === undefined ? { username: 'caller' } : { pk: owner }), permissions }
  const caller = { users: [user], tokens: { caller: { key, user: owner ?? 'caller' } } }
  return startMock({ release, fixtures: [rows, caller, all], token: randomUUID(), logLevel: 'silent' })
}

const FIRST_ADMINISTRATOR = 'akadmin'

/** Where all users are known, there are no others, and the token is that of one of their superusers. */
async function startTwinOfAll(
  rows: RefreshTokenBody[],
  release: string,
  key: string,
  { users = [], ...beside }: Seeds,
): Promise<Mock> {
  const superuser = users.find(({ is_superuser, is_active }) => is_superuser && is_active)
  const tokens = superuser?.pk === undefined ? {} : { caller: { key, user: superuser.pk } }
  const all = { ...beside, captured: true, users, tokens }
  const token = superuser === undefined ? key : randomUUID()
  const mock = await startMock({ release, fixtures: [rows, all], token, logLevel: 'silent' })
  if (!users.some(({ username }) => username === FIRST_ADMINISTRATOR) && superuser !== undefined)
    await mock.users.delete(FIRST_ADMINISTRATOR)
  return mock
}
