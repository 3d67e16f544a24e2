import { closest, distance } from 'fastest-levenshtein'
import type { Answer } from '../authentik/answer.js'
import type { RequestContext } from '../authentik/context.js'
import { errorPage } from '../authentik/error-pages.js'
import { isKnownPath } from '../authentik/paths-not-served.js'
import type { View } from '../authentik/view.js'
import { lacksSlash, VIEWS } from '../routes/views.js'
import { createOnce, type Log } from '../server/log.js'
import type { Masks } from '../server/masking.js'
import { WORLD_NAME, WORLD_NAME_ALLOWED } from '../server/world-name.js'
import { memoize, memoizeLast } from '../world/memoize.js'
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
    const isKnown = isKnownPath(ctx)
    warn(ctx.path, isSlashMissing ? '; with a slash at its end it is served' : hintFor(ctx.path, isKnown, closest))
    const answer = errorPage(ctx, 404)
    return isKnown ? { ...answer, headers: MARK } : answer
  }
}

/** @param isKnown whether authentik has the path, so that nobody mistyped it */
function hintFor(path: string, isKnown: boolean, stub?: Closest | null): string {
  if (path.startsWith('/@') && !NAMED.test(path)) return `; the name of a world has ${WORLD_NAME_ALLOWED}`
  if (stub) return `; stub ${stub.stub} came closest: ${stub.differs.join(', ')}`
  const meant = isKnown || path.length > MAX_LENGTH ? '' : meantPath(path)
  return meant === '' ? '' : `; did you mean ${meant}?`
}

/** Paths that people type: those without a parameter. */
const typedPaths = memoizeLast((views: View[]) =>
  views.map(({ url }) => url).filter((url) => /^\/(?:api|application)\/[\w./-]+\/$/.test(url)),
)
/** Paths are long, and many of authentik's look alike. */
const MAX_WRONG_LETTERS = 3
const MAX_LENGTH = 100
/** Who asks for a path that is not served often asks again. */
const MAX_REMEMBERED = 100

/** The served path that somebody meant: whose beginning is missing, or of which a few letters are others. Empty: none. */
const meantPath = memoize(MAX_REMEMBERED, (path: string): string => {
  const typed = typedPaths(VIEWS)
  const list = `${path.replace(/(?:\/\d+)?\/?$/, '')}/`
  const [ending = '', ...others] = typed.filter((known) => known.endsWith(list))
  if (ending !== '' && others.length === 0) return ending
  const near = closest(list, typed)
  return distance(list, near) <= MAX_WRONG_LETTERS ? near : ''
})
