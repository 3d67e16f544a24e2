import type { Answer } from '../authentik/answer.js'
import type { RequestContext } from '../authentik/context.js'
import { isKnownPath } from '../authentik/known-paths.js'
import { errorPage } from '../authentik/pages.js'
import { createOnce, type Log } from '../server/log.js'
import type { Masks } from '../server/masking.js'
import type { Closest } from './stubs.js'

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
    warn(ctx.path, closest ? `; stub ${closest.stub} came closest: ${closest.differs.join(', ')}` : '')
    const answer = errorPage(ctx, 404)
    return isKnownPath(ctx) ? { ...answer, headers: MARK } : answer
  }
}
