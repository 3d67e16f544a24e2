import { uuid } from '../../random.js'

/** authentik's own scopes, the ones of a provider made on its admin page. */
export const DEFAULT_SCOPES = ['openid', 'email', 'profile', 'offline_access']

/** The id of the mapping for a scope: the same for every provider. */
export function mappingOf(seed: number, scope: string): string {
  return uuid(seed, `mapping ${scope}`, 0)
}
