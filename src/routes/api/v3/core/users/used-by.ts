import type { RequestContext } from '../../../../../authentik/context.js'
import type { UsedBy } from '../../../../../authentik/resource.js'
import type { User } from '../../../../../world/kinds/users.js'
import { tokensOf } from '../../components/used-by.js'

/** What refers to a user: the groups, and what providers granted. */
export function usersOfUser(user: User, { database }: RequestContext): UsedBy[] {
  const groups = user.groups.flatMap((pk) => database.groups.get(pk) ?? [])
  return [
    ...groups.map(({ pk, name }): UsedBy => {
      return { app: 'authentik_core', model_name: 'group', pk, name: `Group ${name}`, action: 'cascade_many' }
    }),
    ...tokensOf(database, 'user', user.pk),
  ]
}
