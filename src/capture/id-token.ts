import type { RefreshTokenBody } from '../routes/api/v3/oauth2/refresh_tokens/schema.js'
import { type Attributes, type Json, pythonText } from '../world/json.js'
import type { Replacing } from './replacing.js'

const HASHED_ID = /^[0-9a-f]{64}$/
/** Claims that say when and how a token was issued, not to whom. */
const KEPT_CLAIMS = new Set(['exp', 'iat', 'nbf', 'auth_time', 'acr', 'amr', 'scope', 'email_verified'])
const CLAIMS_OF_USER = {
  email: 'email',
  name: 'name',
  given_name: 'name',
  preferred_username: 'username',
  nickname: 'username',
} as const

/** An id_token with the same claims, about the person that its user became. One that is no JSON keeps only its shape. */
export function scrubIdToken(idToken: string, user: RefreshTokenBody['user'], replacing: Replacing): string {
  const claims = parsedClaims(idToken)
  if (claims === undefined) return replacing.fakes.shape(idToken)
  const entries = Object.entries(claims).map(([key, given]) => [key, scrubClaim(key, given, user, replacing)])
  return pythonText(Object.fromEntries(entries))
}

function scrubClaim(key: string, given: Json, user: RefreshTokenBody['user'], replacing: Replacing): Json {
  const { known, texts, note, text, group, clientId, shaped } = replacing
  const own = known.of(user.pk)
  const field = CLAIMS_OF_USER[key as keyof typeof CLAIMS_OF_USER]
  if (field !== undefined && given !== '' && given === user[field])
    return note('claims', given, known.personOf(user)[field])
  if (KEPT_CLAIMS.has(key)) return given
  switch (key) {
    case 'iss':
      return text(given, 'issuers', (issuer) => issuerLike(issuer, replacing))
    case 'sub':
      return text(given, 'subjects', (sub) =>
        isIdOf(user, sub) || HASHED_ID.test(sub) ? sub : texts.text(sub, own, 'subjects'),
      )
    case 'aud':
    case 'azp':
      return Array.isArray(given) ? given.map(clientId) : clientId(given)
    case 'groups':
      return Array.isArray(given) ? given.map(group) : texts.value(given, own, 'claims')
    case 'nonce':
      return shaped(given, 'nonces')
    case 'at_hash':
    case 'c_hash':
    case 'sid':
    case 'jti':
      return shaped(given, 'hashes and session ids')
    default:
      return texts.value(given, own, 'claims')
  }
}

function isIdOf({ uid, uuid, pk }: RefreshTokenBody['user'], text: string): boolean {
  return text === uid || text === uuid || text === String(pk)
}

/** The slug in it may be of an application that has another one by now. */
function issuerLike(issuer: string, { texts, fakes }: Replacing): string {
  const [, start, slug, end] = /^(.*\/application\/o\/)([^/]+)(\/.*)$/.exec(issuer) ?? []
  if (start === undefined || slug === undefined) return texts.url(issuer)
  return `${texts.url(start)}${fakes.application(slug).slug}${end}`
}

function parsedClaims(idToken: string): Attributes | undefined {
  try {
    const claims = JSON.parse(idToken)
    return claims !== null && typeof claims === 'object' && !Array.isArray(claims) ? claims : undefined
  } catch {
    return undefined
  }
}
