import { isSuperuser } from '../computed-fields.js'
import type { ApiToken } from '../kinds/api-tokens.js'
import type { Group } from '../kinds/groups.js'
import type { User } from '../kinds/users.js'
import { uuid } from '../random.js'
import type { Lookup } from '../table.js'
import type { Collected } from './collect.js'
import { BUILT_IN, type Diagnostics } from './drafts.js'
import { joinPath } from './mistakes.js'

/** Describes authentik's own first administrator, with the key of `--token`. */
export function describeSuperuser(key: string, collected: Collected): void {
  const at = { file: BUILT_IN, path: '' }
  const group = { name: 'authentik Admins', is_superuser: true }
  const user = {
    // Its own, as another mock may have made up the rows of the fixtures.
    uuid: uuid(0, 'akadmin', 0),
    username: 'akadmin',
    name: 'authentik Default Admin',
    email: 'root@example.com',
    groups: [group.name],
  }
  collected.describe('groups', group, at)
  collected.describe('users', user, at)
  const token = { name: BUILT_IN, identifier: 'authentik-bootstrap-token', key, user: user.username }
  collected.describe('tokens', token, at)
}

/** The superuser's own token stands back for one of the fixtures with the same key, which must be a superuser's. */
export function standBack(collected: Collected, { mistakes }: Diagnostics): void {
  const { all, rows } = collected.drafts('tokens')
  const own = rows.get(BUILT_IN) as ApiToken | undefined
  const others = all.filter(({ key }) => key !== BUILT_IN && (rows.get(key ?? '') as ApiToken)?.key === own?.key)
  for (const { key, at } of others) {
    rows.delete(BUILT_IN)
    const user = collected.drafts('users').get((rows.get(key as string) as ApiToken).user) as User | undefined
    if (user !== undefined && !isSuperuser(user, collected.drafts('groups') as Lookup<string, Group>))
      mistakes.push({
        ...at,
        path: joinPath(at.path, 'key'),
        found: 'the key of --token',
        allowed: 'it only for a superuser',
      })
  }
}
