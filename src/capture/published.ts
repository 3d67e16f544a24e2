/**
 * Words that are published, by authentik or by the standards it speaks: they tell of nobody, whoever uses them. What is
 * not among them was chosen by somebody.
 */

/** The scopes of the mappings that authentik ships, and those of its GitHub-compatible endpoints. */
export const SCOPES: ReadonlySet<string> = new Set([
  ...['openid', 'email', 'profile', 'offline_access', 'entitlements', 'goauthentik.io/api', 'ak_proxy'],
  ...['user', 'read:user', 'user:email', 'read:org'],
])

export const ACR = 'goauthentik.io/providers/oauth2/default'

/** What authentik says of how somebody signed in. */
export const AMR: ReadonlySet<string> = new Set(['pwd', 'mfa', 'otp', 'user', 'sc'])

/** Parts of the paths that authentik itself puts users in. */
export const USER_PATHS: ReadonlySet<string> = new Set([
  ...['users', 'goauthentik.io', 'service-accounts', 'outposts', 'sources'],
])

/** OpenID Connect Core 1.0, sections 2, 3.1.3.6 and 5.1, and the logout specifications. */
const OPENID_CLAIMS = [
  ...['name', 'given_name', 'family_name', 'middle_name', 'nickname', 'preferred_username', 'profile', 'picture'],
  ...['website', 'email', 'email_verified', 'gender', 'birthdate', 'zoneinfo', 'locale', 'phone_number'],
  ...['phone_number_verified', 'address', 'updated_at'],
  ...['formatted', 'street_address', 'locality', 'region', 'postal_code', 'country'],
  ...['nonce', 'auth_time', 'acr', 'amr', 'azp', 'at_hash', 'c_hash', 's_hash', 'sub_jwk', 'sid', 'events'],
]

/** RFC 7519, and what RFC 7800, 8176, 8693 and 9068 added to its registry. */
const JWT_CLAIMS = [
  ...['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'cnf', 'act', 'may_act', 'scope', 'client_id'],
  ...['groups', 'roles', 'entitlements'],
]

/** What authentik puts into tokens, and what it reads in attributes or writes there. */
const AUTHENTIK_NAMES = [
  ...['uid', 'ak_proxy', 'user_attributes', 'is_superuser', 'settings', 'upn', 'ldap_uniq', 'distinguishedName'],
  ...['additionalHeaders'],
  ...['debug', 'service-account', 'generated', 'expires', 'delete-on-logout', 'sources', 'token-expires']
    .concat(['token-maximum-lifetime', 'can-change-username', 'can-change-name', 'can-change-email'])
    .map((name) => `goauthentik.io/user/${name}`),
]

/** Names of claims and attributes, at any depth. */
export const NAMES: ReadonlySet<string> = new Set([...OPENID_CLAIMS, ...JWT_CLAIMS, ...AUTHENTIK_NAMES])
