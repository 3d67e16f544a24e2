import { newSessionCookie } from '../../authentik/browser/cookies.js'
import type { Database } from '../../world/database.js'
import type { Given } from '../../world/kinds/kind.js'
import type { Session } from '../../world/kinds/sessions.js'
import type { User } from '../../world/kinds/users.js'
import { ControlError } from '../problem.js'
import type { World } from '../worlds/world.js'

/** A session that a test begins in the place of a sign-in. */

export function refuseSession({ users }: Database, { user }: Given): void {
  const found = typeof user === 'string' ? users.find('username', user) : users.get(user as number)
  if (found?.is_active === false)
    throw new ControlError(409, `user ${found.username} is not active, and cannot sign in`)
}

/**
 * Says that the user was here now, and how a browser shows that it has the session.
 *
 * @param base the path that authentik is served below, without a slash at its end
 */
export function begun(world: World, pk: string, base: string): { cookie: string } {
  const { database } = world
  const session = database.sessions.get(pk) as Session
  const user = database.users.get(session.user) as User
  world.apply({ type: 'put', section: 'users', row: { ...user, last_login: session.auth_time } satisfies User })
  return { cookie: newSessionCookie(world, session, base) }
}
