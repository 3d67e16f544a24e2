import * as Type from 'typebox'
import type { Release } from '../../../../authentik/releases.js'
import {
  Autocomplete,
  anything,
  moment,
  oneOf,
  orNull,
  PaginationBody,
  pk,
  shown,
  uuid,
} from '../../../../authentik/schema.js'
import {
  CLIENT_TYPES,
  ISSUER_MODES,
  LOGOUT_METHODS,
  MATCHING_MODES,
  SUB_MODES,
} from '../../../../world/kinds/providers.js'
import { USER_TYPES } from '../../../../world/kinds/users.js'

/**
 * The bodies of refresh tokens: every field that any release knows. What a release shows of them, and in which order,
 * stands in the table of releases; `bodySchemas` puts the two together.
 */

/** Always sent, though authentik's document does not promise it. */
const unpromised = { openapi: { required: false } }
const readOnly = { readOnly: true }
const JWT_SOURCES = 'Any JWT signed by the JWK of the selected source can be used to authenticate.'

export const RedirectUri = Type.Object(
  { matching_mode: oneOf('MatchingModeEnum', MATCHING_MODES), url: Type.String() },
  { additionalProperties: false, openapi: { component: 'RedirectURI' } },
)

export const providerFields = {
  pk: pk({ title: 'ID', ...readOnly }),
  name: Type.String(),
  authentication_flow: orNull(uuid(unpromised)),
  authorization_flow: orNull(uuid(unpromised)),
  invalidation_flow: orNull(uuid(unpromised)),
  property_mappings: Type.Array(uuid(), unpromised),
  component: Type.Literal('ak-provider-oauth2-form', readOnly),
  assigned_application_slug: orNull(Type.String(readOnly)),
  assigned_application_name: orNull(Type.String(readOnly)),
  assigned_backchannel_application_slug: orNull(Type.String(readOnly)),
  assigned_backchannel_application_name: orNull(Type.String(readOnly)),
  verbose_name: Type.Literal('OAuth2/OpenID Provider', readOnly),
  verbose_name_plural: Type.Literal('OAuth2/OpenID Providers', readOnly),
  meta_model_name: Type.Literal('authentik_providers_oauth2.oauth2provider', readOnly),
  client_type: oneOf('ClientTypeEnum', CLIENT_TYPES, {
    description: 'Whether the client can keep a secret.',
    ...unpromised,
  }),
  client_id: Type.String({ maxLength: 255, ...unpromised }),
  client_secret: Type.String({ maxLength: 255, ...unpromised }),
  access_code_validity: Type.String(unpromised),
  access_token_validity: Type.String(unpromised),
  refresh_token_validity: Type.String(unpromised),
  refresh_token_threshold: Type.String(unpromised),
  include_claims_in_id_token: Type.Boolean(unpromised),
  signing_key: orNull(uuid(unpromised)),
  encryption_key: orNull(uuid(unpromised)),
  redirect_uris: Type.Union([Type.Array(RedirectUri), Type.String(unpromised)]),
  backchannel_logout_uri: Type.String({
    title: 'Back-Channel Logout URI',
    openapi: { format: 'uri', required: false },
  }),
  logout_uri: Type.String({ openapi: { format: 'uri', required: false } }),
  logout_method: oneOf('OAuth2ProviderLogoutMethodEnum', LOGOUT_METHODS, {
    description: 'How the client is told of a logout.',
    ...unpromised,
  }),
  sub_mode: oneOf('SubModeEnum', SUB_MODES, { description: 'What sub in an id_token is made of.', ...unpromised }),
  issuer_mode: oneOf('IssuerModeEnum', ISSUER_MODES, { description: 'What iss in an id_token is.', ...unpromised }),
  jwks_sources: Type.Array(uuid({ title: JWT_SOURCES }), { title: JWT_SOURCES, ...unpromised }),
  jwt_federation_sources: Type.Array(uuid({ title: JWT_SOURCES }), { title: JWT_SOURCES, ...unpromised }),
  jwt_federation_providers: Type.Array(pk(), unpromised),
}

export const groupFields = {
  pk: uuid({ title: 'Group uuid', ...readOnly }),
  num_pk: Type.Integer({ minimum: 0, maximum: 99999, ...readOnly }),
  name: Type.String(),
  is_superuser: Type.Boolean(unpromised),
  parent: orNull(uuid(unpromised)),
  parent_name: orNull(Type.String(readOnly)),
  attributes: anything(unpromised),
}

const roleFields = { pk: uuid({ title: 'Uuid', ...readOnly }), name: Type.String() }
export const Role = Type.Object(roleFields, { additionalProperties: false, openapi: { component: 'Role' } })

export const userFields = {
  pk: pk({ title: 'ID', ...readOnly }),
  username: Type.String({ maxLength: 150 }),
  name: Type.String(),
  is_active: Type.Boolean({ title: 'Active', ...unpromised }),
  last_login: orNull(moment(unpromised)),
  date_joined: moment(readOnly),
  is_superuser: Type.Boolean(readOnly),
  groups: Type.Array(uuid(), unpromised),
  groups_obj: orNull(Type.Array(Type.Object(groupFields), readOnly)),
  roles: Type.Array(uuid(), unpromised),
  roles_obj: orNull(Type.Array(Role, readOnly)),
  email: Type.String({ title: 'Email address', maxLength: 254, openapi: { format: 'email', required: false } }),
  avatar: Type.String(readOnly),
  attributes: anything(unpromised),
  uid: Type.String(readOnly),
  path: Type.String(unpromised),
  type: oneOf('UserTypeEnum', USER_TYPES, unpromised),
  uuid: uuid(readOnly),
  password_change_date: moment(readOnly),
  last_updated: moment(readOnly),
}

export const refreshTokenFields = {
  pk: pk({ title: 'ID', ...readOnly }),
  provider: Type.Object(providerFields),
  user: Type.Object(userFields),
  is_expired: Type.Boolean(readOnly),
  expires: orNull(moment(unpromised)),
  scope: Type.Array(Type.String()),
  id_token: Type.String(readOnly),
  revoked: Type.Boolean(unpromised),
}

/** The keys of a refresh token never changed. */
export const REFRESH_TOKEN_KEYS = Object.keys(refreshTokenFields) as (keyof typeof refreshTokenFields)[]

/** The bodies of one release. */
export interface BodySchemas {
  RefreshToken: Type.TSchema
  RefreshTokenList: Type.TSchema
  UsedBy: Type.TSchema
}

/** The schemas that the bodies of a release meet: its keys, each required, in the order of the wire, and no others. */
export function bodySchemas(release: Release): BodySchemas {
  return schemasOf(release, providerFields, release.providerKeys)
}

const APPLICATION_KEYS = Object.keys(providerFields).filter((key) => key.startsWith('assigned_'))
const FLOW_KEYS = ['authorization_flow', 'invalidation_flow']

/** The same as authentik's document has them: with keys that are never sent, and without some nulls that are. */
export function documentedSchemas(release: Release): BodySchemas {
  const neverNull = [
    ...(release.backchannelKeys === 'null' ? [] : APPLICATION_KEYS.map((key) => [key, Type.String(readOnly)])),
    ...(release.document.nullFlows ? [] : FLOW_KEYS.map((key) => [key, uuid()])),
  ]
  return schemasOf(release, { ...providerFields, ...Object.fromEntries(neverNull) }, release.documentedProviderKeys)
}

function schemasOf(release: Release, fields: typeof providerFields, providerKeys: string[]): BodySchemas {
  const { groupComponent, roleName, usedByActions } = release.document
  const redirect_uris = fields.redirect_uris.anyOf[release.redirectUris === 'list' ? 0 : 1]
  const providerName = release.providerView === 'full' ? 'OAuth2Provider' : 'Provider'
  const provider = shown({ ...fields, redirect_uris }, providerKeys, providerName)
  const groups_obj = orNull(Type.Array(shown(groupFields, release.groupKeys, groupComponent), readOnly))
  const role = shown({ ...roleFields, name: Type.String(roleName) }, Object.keys(roleFields), 'Role')
  const roles_obj = orNull(Type.Array(role, readOnly))
  const user = shown({ ...userFields, groups_obj, roles_obj }, release.userKeys, 'User')
  const RefreshToken = shown({ ...refreshTokenFields, provider, user }, REFRESH_TOKEN_KEYS, 'TokenModel')
  const list = { pagination: PaginationBody, results: Type.Array(RefreshToken), autocomplete: Autocomplete }
  const use = {
    app: Type.String(),
    model_name: Type.String(),
    pk: Type.String(),
    name: Type.String(),
    action: oneOf('UsedByActionEnum', usedByActions),
  }
  return {
    RefreshToken,
    RefreshTokenList: shown(list, release.listKeys, 'PaginatedTokenModelList'),
    UsedBy: Type.Array(shown(use, Object.keys(use), 'UsedBy')),
  }
}

type Fields<T extends Type.TProperties> = Type.Static<Type.TObject<T>>
type Some<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>

/** A provider as any release shows it: what some releases leave out is optional. */
export type ProviderBody = Some<
  Fields<typeof providerFields>,
  Exclude<
    keyof typeof providerFields,
    | 'pk'
    | 'name'
    | 'authentication_flow'
    | 'authorization_flow'
    | 'invalidation_flow'
    | 'property_mappings'
    | 'component'
    | 'assigned_application_slug'
    | 'assigned_application_name'
    | 'verbose_name'
    | 'verbose_name_plural'
    | 'meta_model_name'
  >
>
export type GroupBody = Some<Fields<typeof groupFields>, 'parent' | 'parent_name'>
export type UserBody = Omit<
  Some<Fields<typeof userFields>, 'date_joined' | 'roles' | 'roles_obj' | 'password_change_date' | 'last_updated'>,
  'groups_obj'
> & {
  groups_obj: GroupBody[] | null
}
/** A refresh token as any release shows it. */
export type RefreshTokenBody = Omit<Fields<typeof refreshTokenFields>, 'provider' | 'user'> & {
  provider: ProviderBody
  user: UserBody
}
/** A page of the list, as any release shows it. */
export interface RefreshTokenListBody {
  pagination: Type.Static<typeof PaginationBody>
  results: RefreshTokenBody[]
  autocomplete?: Record<string, never>
}
