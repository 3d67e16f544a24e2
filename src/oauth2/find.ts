import { Crash } from '../python/crash.js'
import { findBySecret } from '../world/by-secret.js'
import type { Database } from '../world/database.js'
import type { AccessToken } from '../world/kinds/access-tokens.js'
import type { Application } from '../world/kinds/applications.js'
import type { AuthorizationCode } from '../world/kinds/authorization-codes.js'
import type { DeviceCode } from '../world/kinds/device-codes.js'
import type { Provider } from '../world/kinds/providers.js'
import type { RefreshToken } from '../world/kinds/refresh-tokens.js'

/** Rows by what clients show of them. */

export function findClient(database: Database, clientId: string): Provider | undefined {
  return database.providers.find('client_id', sayable(clientId))
}

export function findAccessToken(database: Database, token: string): AccessToken | undefined {
  return findBySecret(database, 'access_tokens', 'token', sayable(token)) as AccessToken | undefined
}

export function findRefreshToken(database: Database, token: string): RefreshToken | undefined {
  return findBySecret(database, 'refresh_tokens', 'token', sayable(token)) as RefreshToken | undefined
}

export function findCode(database: Database, code: string): AuthorizationCode | undefined {
  return findBySecret(database, 'authorization_codes', 'code', sayable(code)) as AuthorizationCode | undefined
}

export function findDeviceCode(database: Database, code: string): DeviceCode | undefined {
  return findBySecret(database, 'device_codes', 'device_code', sayable(code)) as DeviceCode | undefined
}

/** The application that makes a provider known; a provider has at most one. */
export function applicationOf(database: Database, { pk }: Provider): Application | undefined {
  return database.applications.referring('provider', pk)[0]
}

/**
 * PostgreSQL knows no text with a null character, and authentik does not expect that.
 *
 * @throws Crash
 */
export function sayable(text: string): string {
  if (text.includes('\0')) throw new Crash('a text with a null character')
  return text
}
