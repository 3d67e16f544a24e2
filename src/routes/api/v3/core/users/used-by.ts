import type { RequestContext } from '../../../../../authentik/context.js'
import type { UsedBy } from '../../../../../authentik/resource.js'
import type { Session } from '../../../../../world/kinds/sessions.js'
import type { User } from '../../../../../world/kinds/users.js'
import { consentsOf, grantsOf, inOrder } from '../../components/used-by.js'

/** What refers to a user: groups, sessions, what providers granted, and consents. */
export function usersOfUser(user: User, { database, release }: RequestContext): UsedBy[] {
  const groups = user.groups.flatMap((pk) => database.groups.get(pk) ?? [])
  const sessions = Array.from(
    database.select('sessions', { order: [], where: [['user', user.pk]] }),
    (pk) => database.sessions.get(pk as string) as Session,
  )
  const groupsNamed = groups.map(({ pk, name }): UsedBy => {
    return { app: 'authentik_core', model_name: 'group', pk, name: `Group ${name}`, action: 'cascade_many' }
  })
  return inOrder({
    ak_groups: groupsNamed,
    // Since a group may have several parents, the attribute has another name, and goes by the old one as well.
    ...(release.groupParents === 'several' && { groups: groupsNamed }),
    authenticatedsession_set: sessions.map(({ pk, key }): UsedBy => {
      const name = `Authenticated Session ${key.slice(0, 10)}`
      return { app: 'authentik_core', model_name: 'authenticatedsession', pk, name, action: 'cascade' }
    }),
    ...grantsOf(database, 'user', user.pk),
    userconsent_set: consentsOf(database, 'user', user.pk),
  })
}
