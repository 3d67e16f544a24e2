import { microsOf } from '../world/instant.js'
import type { Answer } from './answer.js'
import { invalidToken, unsupportedScheme } from './errors.js'
import { pageView } from './pages.js'
import type { Visit } from './visit.js'

/**
 * Finds out who calls. No credentials, or something that is none, makes an anonymous caller and no refusal; there is
 * never a 401. Sets `visit.caller` and `visit.token`.
 */
export function authenticate(visit: Visit): Answer | undefined {
  const header = visit.request.headers.authorization?.trim()
  const space = header?.indexOf(' ') ?? -1
  if (header === undefined || space === -1) return undefined
  if (header.slice(0, space).toLowerCase() !== 'bearer') {
    return visit.release.otherSchemes === 'refused' ? unsupportedScheme() : undefined
  }
  const key = header.slice(space + 1)
  // The database driver chokes on such a key.
  if (/[^\0-\x7f]/.test(key)) return pageView(visit, 500)
  return authenticateKey(visit, key)
}

function authenticateKey(visit: Visit, key: string): Answer | undefined {
  const { world, release } = visit
  const token = world.tokenByKey(key)
  if (token === undefined || token.intent !== 'api') return invalidToken()
  if (token.expires !== null && world.clock.now() > microsOf(token.expires)) {
    if (release.expiredToken === 'deleted') world.tokens.delete(token.name)
    return invalidToken()
  }
  const user = world.users.get(token.user)
  if (user === undefined || !user.is_active) return invalidToken()
  visit.caller = user
  visit.token = token.name
  return undefined
}
