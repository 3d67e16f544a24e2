import { Refusal } from '../errors.js'
import { whyUnknown } from '../fate.js'
import { findDeviceCode } from '../find.js'
import { issueTokens } from '../issue.js'
import type { Grant } from './grant.js'

/** Tokens for a device that a user let in, once. Nobody asks whether the device code expired. */
export const deviceCode: Grant = async (request) => {
  const { database, client, form, now } = request
  const shown = form.get('device_code') ?? ''
  const row = findDeviceCode(database, shown)
  if (row === undefined) throw new Refusal('invalid_grant', whyUnknown(database, 'device_codes', 'device_code', shown))
  if (row.provider !== client.pk) throw new Refusal('invalid_grant', 'the device code was issued to another client')
  const { user, scope, denied } = row
  if (denied) throw new Refusal('access_denied', 'the device was turned away')
  if (user === null) throw new Refusal('authorization_pending', 'the device has not been authorized yet')
  const occasion = { client, user, scope, session: null, authTime: now }
  const settle = await issueTokens(request, occasion)
  return () => {
    const { answer, changes } = settle()
    const from = { section: 'device_codes', key: row.pk }
    return { answer, changes: [...changes, { type: 'delete', ...from }], from }
  }
}
