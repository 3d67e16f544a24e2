import { randomUUID } from 'node:crypto'
import type { Mock } from '../control/client.js'
import { startMock } from '../index.js'
import type { RefreshTokenBody } from '../routes/api/v3/oauth2/refresh_tokens/body-schemas.js'
import { LIST } from '../upstream/read-rows.js'
import { ABSENT } from '../upstream/release.js'
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

/** A mock over the rows of the target, at which the same token is good for the same. */
export function startTwin(
  rows: RefreshTokenBody[],
  release: string,
  key: string,
  { superuser, permissions }: Caller,
): Promise<Mock> {
  if (superuser) return startMock({ release, fixtures: [rows, {}], token: key, logLevel: 'silent' })
  const owner = rows[0]?.user.pk
  const user = { ...(owner === undefined ? { username: 'caller' } : { pk: owner }), permissions }
  const caller = { users: [user], tokens: { caller: { key, user: owner ?? 'caller' } } }
  return startMock({ release, fixtures: [rows, caller], token: randomUUID(), logLevel: 'silent' })
}
