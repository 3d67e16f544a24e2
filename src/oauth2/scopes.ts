import { words } from '../python/text.js'
import type { Provider } from '../world/kinds/providers.js'

export const OFFLINE_ACCESS = 'offline_access'
export const OPENID = 'openid'

/** The scopes that a client asks for, each once, without those that the provider has no mapping for. */
export function readScope(text: string | undefined, { scopes }: Provider): string[] {
  return [...new Set(words(text ?? ''))].filter((scope) => scopes.includes(scope))
}
