import type { Instant } from './instant.js'

/**
 * The rows of a world: one relational model, a superset of what any release shows. References are primary keys.
 * Wire names are kept, so a field is found by the name that a client sees. Rows are never changed in place:
 * a change puts a new row under the same key.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type Attributes = { [key: string]: Json }

export interface Group {
  pk: string
  name: string
  is_superuser: boolean
  /** From 2025.12 a group may have several; up to 2025.10 the first one is shown. */
  parents: string[]
  attributes: Attributes
  /** Set only where a captured body says something else than what is computed. */
  num_pk?: number
  parent_name?: string | null
}

export const USER_TYPES = ['internal', 'external', 'service_account', 'internal_service_account'] as const
export const PERMISSIONS = [
  'view_refreshtoken',
  'add_refreshtoken',
  'change_refreshtoken',
  'delete_refreshtoken',
] as const
export type Permission = (typeof PERMISSIONS)[number]

export interface User {
  pk: number
  uuid: string
  username: string
  name: string
  email: string
  is_active: boolean
  type: (typeof USER_TYPES)[number]
  path: string
  groups: string[]
  roles: { pk: string; name: string }[]
  permissions: Permission[]
  attributes: Attributes
  last_login: Instant | null
  date_joined: Instant
  password_change_date: Instant
  last_updated: Instant
  /** Set only where a captured body says something else than what is computed. */
  uid?: string
  avatar?: string
  is_superuser?: boolean
}

export const CLIENT_TYPES = ['confidential', 'public'] as const
export const MATCHING_MODES = ['strict', 'regex'] as const
export const SUB_MODES = ['hashed_user_id', 'user_id', 'user_uuid', 'user_username', 'user_email', 'user_upn'] as const
export const ISSUER_MODES = ['global', 'per_provider'] as const
export const LOGOUT_METHODS = ['backchannel', 'frontchannel'] as const

export interface RedirectUri {
  matching_mode: (typeof MATCHING_MODES)[number]
  url: string
}

export interface Provider {
  pk: number
  name: string
  application: { slug: string; name: string } | null
  authentication_flow: string | null
  authorization_flow: string | null
  invalidation_flow: string | null
  property_mappings: string[]
  /** The scope names of the property mappings: not on the wire, but they decide the claims of an id_token. */
  scopes: string[]
  client_type: (typeof CLIENT_TYPES)[number]
  client_id: string
  client_secret: string
  access_code_validity: string
  access_token_validity: string
  refresh_token_validity: string
  refresh_token_threshold: string
  include_claims_in_id_token: boolean
  signing_key: string | null
  encryption_key: string | null
  redirect_uris: RedirectUri[]
  backchannel_logout_uri: string
  logout_uri: string
  logout_method: (typeof LOGOUT_METHODS)[number]
  sub_mode: (typeof SUB_MODES)[number]
  issuer_mode: (typeof ISSUER_MODES)[number]
  jwt_federation_sources: string[]
  jwt_federation_providers: number[]
}

/** What stood in the id_token at its issue: the text itself, or the claims that a release turns into text. */
export type IdToken = string | IssuedClaims

export interface IssuedClaims {
  /** In order, `jti` (2026.2 and later) included. */
  base: Attributes
  /** Of the scope mappings, or as a seed gives them. */
  claims: Attributes
  /** The claims come from authentik's own mappings, of which `email_verified` differs between releases. */
  mapped: boolean
}

export interface RefreshToken {
  pk: number
  provider: number
  user: number
  expires: Instant | null
  scope: string[]
  id_token: IdToken
  revoked: boolean
}

export const INTENTS = ['api', 'app_password', 'recovery', 'verification'] as const

/** Who may call: an API token of authentik. */
export interface ApiToken {
  name: string
  key: string
  user: number
  intent: (typeof INTENTS)[number]
  expires: Instant | null
}
