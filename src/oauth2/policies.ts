import { isInSome } from '../world/computed-fields.js'
import type { Database } from '../world/database.js'
import type { Application } from '../world/kinds/applications.js'
import type { User } from '../world/kinds/users.js'

/** Whether the policy of an application lets a user pass: anybody, or the members of some groups and of those below. */
export function mayUse({ allowed_groups }: Application, user: User, { groups }: Database): boolean {
  return allowed_groups.length === 0 || isInSome(user, groups, ({ pk }) => allowed_groups.includes(pk))
}
