import type { Database } from '../world/database.js'
import type { Application } from '../world/kinds/applications.js'
import { CONSENT_EXPIRE_IN, type Flow } from '../world/kinds/flows.js'
import type { Provider } from '../world/kinds/providers.js'

/** What a flow is for. A provider may name one of each; where it does not, or the world does not know it, it is authentik's own. */
const DEFAULTS = {
  authentication: 'default-authentication-flow',
  authorization: 'default-provider-authorization-implicit-consent',
  invalidation: 'default-provider-invalidation-flow',
} as const

/** The flow that signs somebody out of authentik itself. */
export const LOGOUT_FLOW = 'default-invalidation-flow'
/** The flow in which somebody types the code of a device. authentik has none before its administrator makes one. */
export const DEVICE_FLOW = 'default-device-code-flow'
export const AUTHENTICATION_FLOW = DEFAULTS.authentication

export function flowOf(
  { flows }: Database,
  provider: Provider | undefined,
  purpose: keyof typeof DEFAULTS,
): Omit<Flow, 'pk'> {
  const pk = provider?.[`${purpose}_flow`]
  const named = pk == null ? undefined : flows.get(pk.toLowerCase())
  const fallback = { slug: DEFAULTS[purpose], consent: 'implicit' as const, consent_expire_in: CONSENT_EXPIRE_IN }
  return named ?? flows.find('slug', DEFAULTS[purpose]) ?? fallback
}

export function providerOf({ providers }: Database, application: Application | undefined): Provider | undefined {
  return application?.provider == null ? undefined : providers.get(application.provider)
}
