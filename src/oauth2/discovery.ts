import { issuerOf, scopeClaims } from '../world/claims.js'
import type { Attributes } from '../world/json.js'
import type { Application } from '../world/kinds/applications.js'
import type { Provider } from '../world/kinds/providers.js'
import type { User } from '../world/kinds/users.js'
import { GRANTS } from './grants/grants.js'
import { signingKeyOf } from './keys.js'
import type { OAuthRequest } from './request.js'
import { OPENID } from './scopes.js'

const BASE_CLAIMS = ['sub', 'iss', 'aud', 'exp', 'iat', 'auth_time', 'acr', 'amr', 'nonce']
const RESPONSE_TYPES = ['code', 'id_token', 'id_token token', 'code token', 'code id_token', 'code id_token token']

/** What a provider tells of itself to whoever asks. */
export async function discoveryOf(
  { database, release, origin }: Omit<OAuthRequest, 'form'>,
  provider: Provider,
  application: Application,
): Promise<Attributes> {
  const endpoint = (name: string) => `${origin}/application/o/${name}/`
  const { algorithm } = await signingKeyOf(database, provider)
  return {
    issuer: issuerOf(provider, application, origin) ?? null,
    authorization_endpoint: endpoint('authorize'),
    token_endpoint: endpoint('token'),
    userinfo_endpoint: endpoint('userinfo'),
    end_session_endpoint: endpoint(`${application.slug}/end-session`),
    introspection_endpoint: endpoint('introspect'),
    revocation_endpoint: endpoint('revoke'),
    device_authorization_endpoint: endpoint('device'),
    ...(release.oauth2.backchannelLogout && {
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    }),
    response_types_supported: RESPONSE_TYPES,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    jwks_uri: endpoint(`${application.slug}/jwks`),
    grant_types_supported: grantTypes(),
    id_token_signing_alg_values_supported: [algorithm],
    subject_types_supported: ['public'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    acr_values_supported: ['goauthentik.io/providers/oauth2/default'],
    scopes_supported: provider.scopes.includes(OPENID) ? provider.scopes : [...provider.scopes, OPENID],
    request_parameter_supported: false,
    claims_supported: [...BASE_CLAIMS, ...Object.keys(scopeClaims(provider.scopes, provider, NOBODY, new Map()))],
    claims_parameter_supported: false,
    code_challenge_methods_supported: ['plain', 'S256'],
    ...(provider.encryption_key !== null && {
      id_token_encryption_alg_values_supported: ['RSA-OAEP-256'],
      id_token_encryption_enc_values_supported: ['A256CBC-HS512'],
    }),
  }
}

/** Those of the token endpoint, and the one that needs none. */
function grantTypes(): string[] {
  const [code = '', refresh = '', ...others] = Object.keys(GRANTS)
  return [code, refresh, 'implicit', ...others]
}

/** Only the names of the claims count, and they are the same for everybody. */
const NOBODY = { groups: [] as string[] } as User
