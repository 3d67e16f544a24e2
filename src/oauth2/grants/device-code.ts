import { Refusal } from '../errors.js'
import { findDeviceCode } from '../find.js'
import { OFFLINE_ACCESS } from '../scopes.js'
import { putAccessToken, putRefreshToken, signTokens } from '../tokens.js'
import { answerOf, type Grant } from './grant.js'

/** Tokens for a device that a user let in, once. Nobody asks whether the device code expired. */
export const deviceCode: Grant = async (request) => {
  const { database, client, form, now } = request
  const row = findDeviceCode(database, form.get('device_code') ?? '')
  if (row === undefined) throw new Refusal('invalid_grant', 'the device code is unknown, or was used before')
  if (row.provider !== client.pk) throw new Refusal('invalid_grant', 'the device code was issued to another client')
  const { user, scope, denied } = row
  if (denied) throw new Refusal('access_denied', 'the device was turned away')
  if (user === null) throw new Refusal('authorization_pending', 'the device has not been authorized yet')
  const occasion = { client, user, scope, session: null, authTime: now }
  const access = await signTokens(request, occasion)
  return () => {
    const answer = answerOf(occasion, access)
    const changes = [putAccessToken(request, access), { type: 'delete' as const, section: 'device_codes', key: row.pk }]
    if (!scope.includes(OFFLINE_ACCESS)) return { answer, changes }
    const { change, refresh_token } = putRefreshToken(request, occasion, access)
    return { answer: { ...answer, refresh_token }, changes: [...changes, change] }
  }
}
