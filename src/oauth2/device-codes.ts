import { findBySecret, secretOf } from '../world/by-secret.js'
import type { RowChange } from '../world/change.js'
import type { Database } from '../world/database.js'
import type { Application } from '../world/kinds/applications.js'
import type { DeviceCode } from '../world/kinds/device-codes.js'
import type { Provider } from '../world/kinds/providers.js'
import type { User } from '../world/kinds/users.js'
import { applicationOf } from './find.js'
import type { OAuthRequest } from './request.js'
import { expiryOf } from './tokens.js'

/** A device that begins to wait: what it shows, what its user types, and the change that makes it a row. */
export function putDeviceCode(
  { database, now }: Pick<OAuthRequest, 'database' | 'now'>,
  client: Provider,
  scope: string[],
): { device_code: string; user_code: string; change: RowChange } {
  const row: DeviceCode = {
    pk: database.newKeys('device_codes')() as number,
    provider: client.pk,
    user: null,
    denied: false,
    scope,
    expires: expiryOf(client.access_code_validity, now),
    device_code: null,
    user_code: null,
  }
  const secret = (field: string) => secretOf(database, 'device_codes', field, row) as string
  return {
    device_code: secret('device_code'),
    user_code: secret('user_code'),
    change: { type: 'put', section: 'device_codes', row },
  }
}

/** The device that shows this code to its user. Nobody asks whether it expired. */
export function findWaiting(database: Database, userCode: string): DeviceCode | undefined {
  return findBySecret(database, 'device_codes', 'user_code', userCode) as DeviceCode | undefined
}

/** The same with what it wants to use. Undefined also where its provider has no application. */
export function findDevice(
  database: Database,
  userCode: string,
): { device: DeviceCode; provider: Provider; application: Application } | undefined {
  const device = findWaiting(database, userCode)
  const provider = device && (database.providers.get(device.provider) as Provider)
  const application = provider && applicationOf(database, provider)
  return application && { device, provider, application }
}

/** The change by which a user lets a device in. */
export function letIn(device: DeviceCode, user: User): RowChange {
  return { type: 'put', section: 'device_codes', row: { ...device, user: user.pk, denied: false } satisfies DeviceCode }
}

/** The change by which a device is turned away. authentik has no such state: the device is answered as RFC 8628 says. */
export function turnAway(device: DeviceCode): RowChange {
  return { type: 'put', section: 'device_codes', row: { ...device, user: null, denied: true } satisfies DeviceCode }
}
