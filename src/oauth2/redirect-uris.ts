import type { Provider } from '../world/kinds/providers.js'
import { memoize } from '../world/memoize.js'
import { parseUrl, portOf } from './python-url.js'

/** Whether a provider lists an address: letter by letter, or as a regular expression for the whole of it. */
export function isListed({ redirect_uris }: Provider, uri: string): boolean {
  return redirect_uris.some(({ matching_mode, url }) =>
    matching_mode === 'strict' ? url === uri : compile(url).test(uri),
  )
}

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
export function isAllowedOrigin({ redirect_uris }: Provider, origin: string): boolean {
  const received = parseUrl(origin)
  let isAllowed = false
  // All of them, as authentik does: one that cannot be read is a crash, wherever it stands.
  for (const { url } of redirect_uris) {
    const known = parseUrl(url)
    isAllowed =
      (received.scheme === known.scheme &&
        received.hostname === known.hostname &&
        portOf(received) === portOf(known)) ||
      isAllowed
  }
  return isAllowed
}

const NEVER = /(?!)/
const MAX_COMPILED = 1000

/** A Python regular expression that a whole text must match. One that is none matches nothing. */
const compile = memoize(MAX_COMPILED, (pattern: string): RegExp => {
  const [, flags = ''] = /^\(\?([aimsux]+)\)/.exec(pattern) ?? []
  const translated = pattern
    .replace(/^\(\?[aimsux]+\)/, '')
    .replace(/\(\?P</g, '(?<')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replace(/\\A/g, '^')
    .replace(/\\Z/g, '$')
  try {
    return new RegExp(`^(?:${translated})$`, flags.replace(/[^ims]/g, ''))
  } catch {
    return NEVER
  }
})
