import type { RowChange } from '../world/change.js'
import type { Database } from '../world/database.js'
import { formatInstant, type Micros, nearestMoment } from '../world/instant.js'
import { type Session, TWO_WEEKS } from '../world/kinds/sessions.js'
import type { User } from '../world/kinds/users.js'

/** As much as is kept of what a browser calls itself. */
const MAX_USER_AGENT = 1000

/** Where somebody signs in. */
export interface SignInPlace {
  ip?: string | undefined
  userAgent?: string | undefined
}

/**
 * Signs a user in: the session, and the changes that make it a row and say when the user was here last.
 *
 * @param user one who is active: nobody else may sign in
 */
export function signIn(
  database: Database,
  user: User,
  now: Micros,
  { ip = '127.0.0.1', userAgent = '' }: SignInPlace = {},
): { session: Session; changes: RowChange[] } {
  const moment = formatInstant(now)
  const session: Session = {
    pk: database.newKeys('sessions')() as string,
    key: database.draw('session', 32).toLowerCase(),
    user: user.pk,
    amr: ['pwd'],
    auth_time: moment,
    expires: formatInstant(nearestMoment(now + TWO_WEEKS)),
    last_used: moment,
    last_ip: ip,
    last_user_agent: userAgent.slice(0, MAX_USER_AGENT),
  }
  return {
    session,
    changes: [
      { type: 'put', section: 'users', row: { ...user, last_login: moment } },
      { type: 'put', section: 'sessions', row: session },
    ],
  }
}
