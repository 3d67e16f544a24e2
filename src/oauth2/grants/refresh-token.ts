import { Crash } from '../../python/crash.js'
import { claimOf } from '../../world/id-token.js'
import { isOver, microsOf } from '../../world/instant.js'
import type { RefreshToken } from '../../world/kinds/refresh-tokens.js'
import { validityOf } from '../../world/kinds/shared/granted.js'
import { requireSecret } from '../client-auth.js'
import { Refusal } from '../errors.js'
import { whyRevoked, whyUnknown } from '../fate.js'
import { findRefreshToken } from '../find.js'
import { OFFLINE_ACCESS, readScope } from '../scopes.js'
import { answerOf, withRefreshToken } from '../token-answer.js'
import { type Occasion, putAccessToken, putRefreshToken, signTokens } from '../tokens.js'
import type { Grant, GrantRequest } from './grant.js'

/**
 * New tokens for a refresh token. The old one is revoked, unless a threshold speaks against that. Nothing holds a second
 * request for the same token back while the first one is signed: both win, as in authentik.
 */
export const refreshToken: Grant = async (request) => {
  requireSecret(request)
  const row = requireToken(request)
  requireScope(request, row)
  const authTime = claimOf(row.id_token, 'auth_time')
  const occasion: Occasion = {
    client: request.client,
    user: row.user,
    // Whatever part of it was asked for.
    scope: row.scope,
    session: row.session,
    authTime: typeof authTime === 'number' ? authTime * 1e6 : request.now,
  }
  const rotates = isRotated(request, row)
  const access = await signTokens(request, occasion)
  return () => {
    const answer = answerOf(occasion, access)
    const changes = [putAccessToken(request, access)]
    const from = { section: 'refresh_tokens', key: row.pk }
    if (!rotates) return { answer, changes, from }
    // The nonce goes from refresh token to refresh token; access tokens lose it.
    const known = claimOf(row.id_token, 'nonce')
    const nonce = typeof known === 'string' ? known : null
    const { change, refresh_token } = putRefreshToken(request, occasion, access, { nonce })
    const revoked = { type: 'put' as const, section: 'refresh_tokens', row: { ...row, revoked: true } }
    return {
      answer: withRefreshToken(answer, refresh_token, request.release.oauth2.refreshTokenPlace),
      changes: [...changes, change, revoked],
      from,
    }
  }
}

function requireToken({ database, client, form, now }: GrantRequest): RefreshToken {
  const shown = form.get('refresh_token')
  if (!shown) throw new Refusal('invalid_grant', 'no refresh token was sent')
  const row = findRefreshToken(database, shown)
  if (row === undefined) throw new Refusal('invalid_grant', whyUnknown(database, 'refresh_tokens', 'token', shown))
  const is = `refresh token ${row.pk}`
  if (row.provider !== client.pk) throw new Refusal('invalid_grant', `${is} was issued to another client`)
  if (isOver(row.expires, now)) throw new Refusal('invalid_grant', `${is} expired at ${row.expires}`)
  if (row.revoked) throw new Refusal('invalid_grant', whyRevoked(database, row))
  return row
}

/** A part of the scope may be asked for, if offline_access is in it. */
function requireScope({ client, form }: GrantRequest, row: RefreshToken): void {
  const asked = readScope(form.get('scope'), client)
  const scope = asked.length === 0 ? row.scope : asked
  const beyond = scope.filter((name) => !row.scope.includes(name))
  if (beyond.length > 0) throw new Refusal('invalid_scope', `refresh token ${row.pk} lacks ${beyond.join(' ')}`)
  if (!scope.includes(OFFLINE_ACCESS)) throw new Refusal('invalid_scope', 'offline_access is not among the scopes')
}

/**
 * From 2025.10 on a provider may keep refresh tokens. As it was written first, the time since the expiry had to be longer
 * than the threshold, which no live token meets.
 */
function isRotated({ client, release, now }: GrantRequest, { expires }: RefreshToken): boolean {
  const { rotation } = release.oauth2
  const threshold = validityOf(client.refresh_token_threshold)
  if (rotation === 'always' || threshold === 0) return true
  if (expires === null) throw new Crash('a threshold, and a refresh token that never expires')
  const left = microsOf(expires) - now
  return rotation === 'time left' ? left < threshold : -left > threshold
}
