import type { Answer } from '../authentik/answer.js'
import type { RequestContext } from '../authentik/context.js'
import { errorPage } from '../authentik/error-pages.js'
import { isKnownPath } from '../authentik/paths-not-served.js'
import { lacksSlash } from '../routes/views.js'
import { createOnce, type Log } from '../server/log.js'
import type { Masks } from '../server/masking.js'
import { WORLD_NAME, WORLD_NAME_ALLOWED } from '../server/world-name.js'
import type { Closest } from './stubs/stubs.js'

const NAMED = new RegExp(`^/@${WORLD_NAME}/`)
const MARK = { 'X-Mock-Unserved': 'true' }

/**
 * What answers a path that the mock does not serve: authentik's page for an unknown path, and a word to who reads the log.
 */
export function createUnserved(log: Log, masks: Masks): (ctx: RequestContext, closest?: Closest | null) => Answer {
  const warn = createOnce(
    log,
    masks,
    (path, more) => `${path} is not served by this mock: answered as authentik answers an unknown path${more}`,
  )
  return (ctx, closest) => {
    const isSlashMissing = lacksSlash(ctx.path)
    if (isSlashMissing) ctx.reason ??= 'the slash at its end is missing'
    warn(ctx.path, isSlashMissing ? '; with a slash at its end it is served' : hintFor(ctx.path, closest))
    const answer = errorPage(ctx, 404)
    return isKnownPath(ctx) ? { ...answer, headers: MARK } : answer
  }
}

function hintFor(path: string, closest?: Closest | null): string {
  if (path.startsWith('/@') && !NAMED.test(path)) return `; the name of a world has ${WORLD_NAME_ALLOWED}`
  return closest ? `; stub ${closest.stub} came closest: ${closest.differs.join(', ')}` : ''
}
