import { Refusal } from '../errors.js'
import { authorizationCode } from './authorization-code.js'
import { clientCredentials } from './client-credentials.js'
import { deviceCode } from './device-code.js'
import type { Grant } from './grant.js'
import { refreshToken } from './refresh-token.js'

/** Every grant type that the token endpoint knows. */
export const GRANTS: Record<string, Grant> = {
  authorization_code: authorizationCode,
  refresh_token: refreshToken,
  client_credentials: clientCredentials,
  password: clientCredentials,
  'urn:ietf:params:oauth:grant-type:device_code': deviceCode,
}

export function requireGrant(type: string | undefined): Grant {
  const grant = Object.hasOwn(GRANTS, type ?? '') ? GRANTS[type ?? ''] : undefined
  if (grant === undefined)
    throw new Refusal('unsupported_grant_type', `grant type ${JSON.stringify(type ?? '')} is unknown`)
  return grant
}
