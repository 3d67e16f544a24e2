import { parseUrl, portOf } from '../python/url.js'
import { loginUris, type Provider } from '../world/kinds/providers.js'
import { lazyImport } from '../world/lazy.js'

/** Whether a provider lists an address: letter by letter, or as a regular expression for the whole of it. */
export async function isListed(provider: Provider, uri: string): Promise<boolean> {
  const redirectUris = loginUris(provider)
  if (redirectUris.some(({ matching_mode, url }) => matching_mode === 'strict' && url === uri)) return true
  const expressions = redirectUris.filter(({ matching_mode }) => matching_mode === 'regex')
  if (expressions.length === 0 || uri.length > MAX_LENGTH) return false
  const { matchesWhole } = await loadExpressions()
  return expressions.some(({ url }) => matchesWhole(url, uri))
}

/** A longer address is held against no expression. */
const MAX_LENGTH = 10_000
const loadExpressions = lazyImport(() => import('../python/regex.js'))

const FORBIDDEN_SCHEMES = ['javascript', 'data', 'vbscript']

/** Whether no browser is ever sent there, listed or not. */
export function isForbidden(uri: string): boolean {
  return FORBIDDEN_SCHEMES.includes(parseUrl(uri).scheme)
}

/**
 * Whether a page of this origin may read answers: scheme, host and port are those of a redirect URI. A default port that
 * is written is another one than none, and a regular expression is taken for an address, too.
 *
 * @throws Crash
 */
export function isAllowedOrigin(provider: Provider, origin: string): boolean {
  const received = parseUrl(origin)
  let isAllowed = false
  // All of them, as authentik does: one that cannot be read is a crash, wherever it stands.
  for (const { url } of loginUris(provider)) {
    const known = parseUrl(url)
    isAllowed =
      (received.scheme === known.scheme &&
        received.hostname === known.hostname &&
        portOf(received) === portOf(known)) ||
      isAllowed
  }
  return isAllowed
}
