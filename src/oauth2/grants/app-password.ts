import { isOver } from '../../world/instant.js'
import type { User } from '../../world/kinds/users.js'
import { Refusal } from '../errors.js'
import type { GrantRequest } from './grant.js'

/** The user whose app password this is. The password that people sign in with is none. */
export function userOfAppPassword(request: GrantRequest, username: string, password: string | undefined): User {
  const { database, release, now } = request
  const user = database.users.find('username', username)
  if (user === undefined) throw new Refusal('invalid_grant', `there is no user ${JSON.stringify(username)}`)
  if (release.oauth2.appPasswords === 'of active users' && !user.is_active)
    throw new Refusal('invalid_grant', `user ${username} is not active`)
  const token = password === undefined ? undefined : database.tokens.find('key', password)
  if (token?.intent !== 'app_password') throw new Refusal('invalid_grant', `that is not an app password`)
  if (isOver(token.expires, now)) {
    if (release.expiredToken === 'deleted') request.apply({ type: 'delete', section: 'tokens', key: token.name })
    throw new Refusal('invalid_grant', `app password ${token.name} expired at ${token.expires}`)
  }
  if (token.user !== user.pk) throw new Refusal('invalid_grant', `app password ${token.name} is another user's`)
  return user
}
