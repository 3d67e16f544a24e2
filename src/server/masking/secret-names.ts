import { memoize } from '../../world/memoize.js'
import { decoded } from './decoded.js'

/** Which names stand before a secret. */

const PART =
  /token|secret|key|passw|passphrase|pwd|auth|code|credential|assertion|signature|session|cookie|bearer|jwt|saml/
/** Too short to be looked for inside of other words. */
const WORD = /(?:^|[^a-z])(?:sig|pass|pw|pin|otp|totp|sid|mac|hmac|csrf|xsrf|creds?)(?:[^a-z]|$)/

/** Names of authentik and OAuth2 that sound like a secret and are none. */
const HARMLESS = new Set([
  'authentication_flow',
  'authorization_flow',
  'access_code_validity',
  'access_token_validity',
  'refresh_token_validity',
  'refresh_token_threshold',
  'jwt_federation_sources',
  'jwt_federation_providers',
  'password_change_date',
  'auth_time',
  'token_type',
  'token_type_hint',
  'code_challenge_method',
  'client_assertion_type',
])

/** Whether what has this name is kept to oneself. Escapes in the name are read. */
export function isSecretName(name: string): boolean {
  return name.length > MAX_REMEMBERED ? isSecret(name) : remembered(name)
}

const MAX_REMEMBERED = 40
const remembered = memoize(1000, isSecret)

function isSecret(name: string): boolean {
  const plain = /[%\\]/.test(name) ? decoded(decoded(name).text).text : name
  if (HARMLESS.has(plain)) return false
  return PART.test(plain.toLowerCase()) || WORD.test(plain.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase())
}
