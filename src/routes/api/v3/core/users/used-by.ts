import type { RequestContext } from '../../../../../authentik/context.js'
import type { UsedBy } from '../../../../../authentik/resource.js'
import type { Session } from '../../../../../world/kinds/sessions.js'
import type { User } from '../../../../../world/kinds/users.js'
import { tokensOf } from '../../components/used-by.js'

/** What refers to a user, by kind: sessions, groups, and what providers granted. */
export function usersOfUser(user: User, { database }: RequestContext): UsedBy[] {
  const groups = user.groups.flatMap((pk) => database.groups.get(pk) ?? [])
  const sessions = Array.from(
    database.select('sessions', { order: [], where: [['user', user.pk]] }),
    (pk) => database.sessions.get(pk as string) as Session,
  )
  const all = [
    ...sessions.map(({ pk, key }): UsedBy => {
      const name = `Authenticated Session ${key.slice(0, 10)}`
      return { app: 'authentik_core', model_name: 'authenticatedsession', pk, name, action: 'cascade' }
    }),
    ...groups.map(({ pk, name }): UsedBy => {
      return { app: 'authentik_core', model_name: 'group', pk, name: `Group ${name}`, action: 'cascade_many' }
    }),
    ...tokensOf(database, 'user', user.pk),
  ]
  return all.sort((a, b) => (a.model_name < b.model_name ? -1 : a.model_name > b.model_name ? 1 : 0))
}
