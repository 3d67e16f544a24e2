import { closest, distance } from 'fastest-levenshtein'
import type { Answer } from '../authentik/answer.js'
import type { RequestContext } from '../authentik/context.js'
import { errorPage } from '../authentik/error-pages.js'
import { isKnownPath } from '../authentik/paths-not-served.js'
import { lacksSlash, VIEWS } from '../routes/views.js'
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
  const meant = isKnown ? undefined : meantPath(path)
  return meant === undefined ? '' : `; did you mean ${meant}?`
}

/** Paths that people type: those without a parameter. */
const TYPED = VIEWS.map(({ url }) => url).filter((url) => /^\/(?:api|application)\/[\w./-]+\/$/.test(url))
/** Paths are long, and many of authentik's look alike. */
const MAX_WRONG_LETTERS = 3
const MAX_LENGTH = 100

/** The served path that somebody meant: whose beginning is missing, or of which a few letters are others. */
function meantPath(path: string): string | undefined {
  if (path.length > MAX_LENGTH) return undefined
  const list = `${path.replace(/(?:\/\d+)?\/?$/, '')}/`
  const ending = TYPED.filter((known) => known.endsWith(list))
  if (ending.length === 1) return ending[0]
  const near = closest(list, TYPED)
  return distance(list, near) <= MAX_WRONG_LETTERS ? near : undefined
}
