import { hash } from 'node:crypto'
import { Crash } from '../python/crash.js'
import { secretOf } from '../world/by-secret.js'
import { type IssuedClaims, idTokenClaims, issueClaims, withAtHash } from '../world/id-token.js'
import { formatInstant, type Instant, isMoment, type Micros, OUT_OF_RANGE } from '../world/instant.js'
import { type Attributes, pythonCompact } from '../world/json.js'
import type { AccessToken } from '../world/kinds/access-tokens.js'
import type { Provider } from '../world/kinds/providers.js'
import type { RefreshToken } from '../world/kinds/refresh-tokens.js'
import { sidOf } from '../world/kinds/sessions.js'
import { validityOf } from '../world/kinds/shared/granted.js'
import { applicationOf } from './find.js'
import { encoderOf } from './jwt.js'
import type { OAuthRequest } from './request.js'

/** For whom tokens are issued, and what for. */
export interface Occasion {
  client: Provider
  /** By primary key. It is there. */
  user: number
  scope: string[]
  authTime: Micros
  /** By primary key. */
  session: string | null
}

/** What the id_token of one token says beyond its occasion. */
export interface Extra {
  nonce?: string | null
  at_hash?: string
  c_hash?: string
}

/** An access token that is signed, but no row yet: `putAccessToken` makes it one. */
export interface SignedTokens {
  row: Omit<AccessToken, 'pk'>
  access_token: string
  /** The signed id_token that goes with it. */
  id_token: string
}

/** Signs an access token and its id_token. */
export async function signTokens(request: OAuthRequest, occasion: Occasion, extra: Extra = {}): Promise<SignedTokens> {
  const { database, release } = request
  const row = rowOf(request, occasion, occasion.client.access_token_validity, extra)
  const claims = pythonCompact(idTokenClaims(row.id_token, release))
  const all = accessClaims(request, occasion, claims)
  const encode = await encoderOf(database, occasion.client)
  const [access_token, id_token] = await Promise.all([encode(all), encode(claims)])
  return { row: { ...row, token: access_token }, access_token, id_token }
}

/** The same for a browser: the id_token, and the row, have a hash of the access token that goes along. */
export async function signBoundTokens(request: OAuthRequest, occasion: Occasion, extra: Extra): Promise<SignedTokens> {
  const { database, release } = request
  const row = rowOf(request, occasion, occasion.client.access_token_validity, extra)
  const claims = pythonCompact(idTokenClaims(row.id_token, release))
  const all = accessClaims(request, occasion, claims)
  const encode = await encoderOf(database, occasion.client)
  const access_token = await encode(all)
  const id_token = withAtHash(row.id_token as IssuedClaims, halfHash(access_token))
  const bound = pythonCompact(idTokenClaims(id_token, release))
  return {
    row: { ...row, id_token, token: access_token },
    access_token,
    id_token: await encode(bound),
  }
}

/** The claims of an access token: those of its id_token, and a few of its own. */
function accessClaims({ database, release }: OAuthRequest, { client, scope }: Occasion, claims: string): string {
  const uid = database.draw('uid', 40)
  const more = { azp: client.client_id, uid, ...(release.oauth2.accessTokenScope && { scope: scope.join(' ') }) }
  return `${claims.slice(0, -1)},${pythonCompact(more).slice(1)}`
}

/** The change that makes an access token a row. Its key is taken in the same breath, so that nobody else takes it. */
export function putAccessToken({ database }: OAuthRequest, { row }: SignedTokens) {
  return putRow(database, 'access_tokens', row)
}

/** A refresh token that goes with an access token: the change that makes it a row, and its secret. */
export function putRefreshToken(request: OAuthRequest, occasion: Occasion, access: SignedTokens, extra: Extra = {}) {
  const at_hash = halfHash(access.access_token)
  const { claims } = access.row.id_token as IssuedClaims
  const row = rowOf(request, occasion, occasion.client.refresh_token_validity, { at_hash, ...extra }, claims)
  const change = putRow(request.database, 'refresh_tokens', row)
  const refresh_token = secretOf(request.database, 'refresh_tokens', 'token', change.row) as string
  return { change, refresh_token }
}

/** `at_hash` and `c_hash`: the first half of a SHA-256. */
export function halfHash(text: string): string {
  return hash('sha256', text, 'buffer').toString('base64url', 0, 16)
}

/** The answer of `expires_in`: whole seconds, cut. */
export function expiresIn({ access_token_validity }: Provider): number {
  return Math.trunc(validityOf(access_token_validity) / 1e6)
}

/** @throws Crash for a validity that leads out of the years that there are */
export function expiryOf(validity: string, now: Micros): Instant {
  const expires = now + validityOf(validity)
  if (!isMoment(expires)) throw new Crash(`a validity of ${validity}, ${OUT_OF_RANGE}`)
  return formatInstant(expires)
}

function rowOf(
  { database, now, origin }: OAuthRequest,
  { client, user: userPk, scope, authTime, session: sessionPk }: Occasion,
  validity: string,
  { nonce, at_hash, c_hash }: Extra,
  claims?: Attributes,
): Omit<RefreshToken, 'pk'> {
  const user = database.users.get(userPk)
  if (user === undefined) throw new Crash(`user ${userPk} is gone`)
  const session = sessionPk === null ? undefined : database.sessions.get(sessionPk)
  const end = expiryOf(validity, now)
  const issue = {
    at_hash,
    c_hash,
    scope,
    expires: now + validityOf(validity),
    issued: now,
    authTime,
    jti: database.draw('jti', 40),
    nonce: nonce ?? undefined,
    amr: session?.amr.length ? session.amr : undefined,
    sid: session && sidOf(session),
  }
  const parties = { provider: client, application: applicationOf(database, client), user }
  const place = { installId: database.snapshot.installId, baseUrl: origin, groups: database.groups }
  return {
    provider: client.pk,
    user: userPk,
    expires: end,
    scope,
    id_token: issueClaims(issue, parties, place, claims),
    revoked: false,
    session: session?.pk ?? null,
    token: null,
  }
}

function putRow(database: OAuthRequest['database'], section: string, row: Omit<RefreshToken, 'pk'>) {
  if (database.users.get(row.user) === undefined || database.providers.get(row.provider) === undefined)
    throw new Crash('the user or the provider went while a token was signed')
  const key = database.newKeys(section)() as number
  return { type: 'put' as const, section, row: { pk: key, ...row } }
}
