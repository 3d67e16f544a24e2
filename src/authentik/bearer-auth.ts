import { microsOf } from '../world/instant.js'
import type { ApiToken } from '../world/kinds/api-tokens.js'
import type { Answer } from './answer.js'
import { invalidToken, unsupportedScheme } from './errors.js'
import { pageView } from './pages.js'
import type { Visit } from './visit.js'

/**
 * Finds out who calls. No credentials, or something that is none, makes an anonymous caller and no refusal; there is
 * never a 401. Sets `visit.caller` and `visit.token`.
 */
export function authenticate(visit: Visit): Answer | undefined {
  const { scheme, key } = readCredentials(visit)
  if (scheme === undefined) return undefined
  if (scheme !== 'bearer') return visit.release.otherSchemes === 'refused' ? unsupportedScheme() : undefined
  // The database driver chokes on such a key.
  if (/[^\0-\x7f]/.test(key)) return pageView(visit, 500)
  return authenticateKey(visit, key)
}

/** The API token that a request shows, whether or not it is good for anything. */
export function tokenShown(visit: Visit): ApiToken | undefined {
  const { scheme, key } = readCredentials(visit)
  return scheme === 'bearer' ? visit.world.tokens.find('key', key) : undefined
}

/** Split at the first space; without one there are no credentials. */
function readCredentials({ request }: Visit): { scheme?: string; key: string } {
  const header = request.headers.authorization?.trim() ?? ''
  const space = header.indexOf(' ')
  return space === -1 ? { key: '' } : { scheme: header.slice(0, space).toLowerCase(), key: header.slice(space + 1) }
}

function authenticateKey(visit: Visit, key: string): Answer | undefined {
  const { world, release } = visit
  const token = world.tokens.find('key', key)
  if (token === undefined) return refuse(visit, 'no API token has this key')
  if (token.intent !== 'api') return refuse(visit, `API token ${token.name} is meant as ${token.intent}`)
  if (token.expires !== null && world.clock.now() > microsOf(token.expires)) {
    if (release.expiredToken === 'deleted') world.apply([{ type: 'delete', section: 'tokens', key: token.name }])
    return refuse(visit, `API token ${token.name} expired at ${token.expires}`)
  }
  const user = world.users.get(token.user)
  if (user?.is_active !== true) return refuse(visit, `user ${user?.username} of API token ${token.name} is not active`)
  visit.caller = user
  visit.token = token.name
  return undefined
}

/** The wire says the same in each case; the journal tells them apart. */
function refuse(visit: Visit, reason: string): Answer {
  visit.reason = reason
  return invalidToken()
}
