import * as Type from 'typebox'
import type { Release } from '../../../../authentik/releases.js'
import {
  CLIENT_TYPES,
  ISSUER_MODES,
  LOGOUT_METHODS,
  MATCHING_MODES,
  SUB_MODES,
  USER_TYPES,
} from '../../../../world/model.js'

/**
 * The bodies on the wire: every field that any release knows. What a release shows of them, and in which order, stands
 * in the table of releases; `bodySchemas` puts the two together.
 */

const MAX_INT32 = 2 ** 31 - 1

const uuid = () => Type.String({ format: 'uuid' })
const moment = () => Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{6})?Z$' })
const pk = () => Type.Integer({ minimum: 1, maximum: MAX_INT32 })
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const oneOf = <T extends string>(values: readonly T[]) => Type.Enum<T[]>([...values])
const attributes = () => Type.Record(Type.String(), Type.Unknown())

export const RedirectUri = Type.Object(
  { matching_mode: oneOf(MATCHING_MODES), url: Type.String() },
  { additionalProperties: false },
)

export const providerFields = {
  pk: pk(),
  name: Type.String(),
  authentication_flow: orNull(uuid()),
  authorization_flow: orNull(uuid()),
  invalidation_flow: orNull(uuid()),
  property_mappings: Type.Array(uuid()),
  component: Type.Literal('ak-provider-oauth2-form'),
  assigned_application_slug: orNull(Type.String()),
  assigned_application_name: orNull(Type.String()),
  assigned_backchannel_application_slug: Type.Null(),
  assigned_backchannel_application_name: Type.Null(),
  verbose_name: Type.Literal('OAuth2/OpenID Provider'),
  verbose_name_plural: Type.Literal('OAuth2/OpenID Providers'),
  meta_model_name: Type.Literal('authentik_providers_oauth2.oauth2provider'),
  client_type: oneOf(CLIENT_TYPES),
  client_id: Type.String({ maxLength: 255 }),
  client_secret: Type.String({ maxLength: 255 }),
  access_code_validity: Type.String(),
  access_token_validity: Type.String(),
  refresh_token_validity: Type.String(),
  refresh_token_threshold: Type.String(),
  include_claims_in_id_token: Type.Boolean(),
  signing_key: orNull(uuid()),
  encryption_key: orNull(uuid()),
  redirect_uris: Type.Union([Type.Array(RedirectUri), Type.String()]),
  backchannel_logout_uri: Type.String(),
  logout_uri: Type.String(),
  logout_method: oneOf(LOGOUT_METHODS),
  sub_mode: oneOf(SUB_MODES),
  issuer_mode: oneOf(ISSUER_MODES),
  jwks_sources: Type.Array(uuid()),
  jwt_federation_sources: Type.Array(uuid()),
  jwt_federation_providers: Type.Array(pk()),
}

export const groupFields = {
  pk: uuid(),
  num_pk: Type.Integer({ minimum: 0, maximum: 99999 }),
  name: Type.String(),
  is_superuser: Type.Boolean(),
  parent: orNull(uuid()),
  parent_name: orNull(Type.String()),
  attributes: attributes(),
}

export const Role = Type.Object({ pk: uuid(), name: Type.String() }, { additionalProperties: false })

export const userFields = {
  pk: pk(),
  username: Type.String({ maxLength: 150 }),
  name: Type.String(),
  is_active: Type.Boolean(),
  last_login: orNull(moment()),
  date_joined: moment(),
  is_superuser: Type.Boolean(),
  groups: Type.Array(uuid()),
  groups_obj: orNull(Type.Array(Type.Object(groupFields))),
  roles: Type.Array(uuid()),
  roles_obj: orNull(Type.Array(Role)),
  email: Type.String({ maxLength: 254 }),
  avatar: Type.String(),
  attributes: attributes(),
  uid: Type.String(),
  path: Type.String(),
  type: oneOf(USER_TYPES),
  uuid: uuid(),
  password_change_date: moment(),
  last_updated: moment(),
}

export const refreshTokenFields = {
  pk: pk(),
  provider: Type.Object(providerFields),
  user: Type.Object(userFields),
  is_expired: Type.Boolean(),
  expires: orNull(moment()),
  scope: Type.Array(Type.String()),
  id_token: Type.String(),
  revoked: Type.Boolean(),
}

/** The keys of a refresh token never changed. */
export const REFRESH_TOKEN_KEYS = Object.keys(refreshTokenFields) as (keyof typeof refreshTokenFields)[]

export const PaginationBody = Type.Object(
  {
    next: Type.Integer(),
    previous: Type.Integer(),
    count: Type.Integer(),
    current: Type.Integer(),
    total_pages: Type.Integer(),
    start_index: Type.Integer(),
    end_index: Type.Integer(),
  },
  { additionalProperties: false },
)

export const UsedBy = Type.Array(
  Type.Object({
    app: Type.String(),
    model_name: Type.String(),
    pk: Type.String(),
    name: Type.String(),
    action: Type.String(),
  }),
)

export const ErrorDetail = Type.Object({ detail: Type.String() }, { additionalProperties: false })
export const FilterErrors = Type.Object(
  { user: Type.Optional(Type.Array(Type.String())), provider: Type.Optional(Type.Array(Type.String())) },
  { additionalProperties: false },
)
/** What a null character in `search` is answered with: a bare array. */
export const NullCharacters = Type.Array(Type.String())
/** What OPTIONS says of a route. */
export const ViewMetadata = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    renders: Type.Array(Type.String()),
    parses: Type.Array(Type.String()),
  },
  { additionalProperties: false },
)

/** The bodies of one release. */
export interface BodySchemas {
  RefreshToken: Type.TSchema
  RefreshTokenList: Type.TSchema
}

/** The schemas that the bodies of a release meet: its keys, each required, in the order of the wire, and no others. */
export function bodySchemas(release: Release): BodySchemas {
  const redirect_uris = release.redirectUris === 'list' ? Type.Array(RedirectUri) : Type.String()
  const provider = shown({ ...providerFields, redirect_uris }, release.providerKeys)
  const groups_obj = orNull(Type.Array(shown(groupFields, release.groupKeys)))
  const user = shown({ ...userFields, groups_obj }, release.userKeys)
  const RefreshToken = shown({ ...refreshTokenFields, provider, user }, REFRESH_TOKEN_KEYS)
  const list = {
    pagination: PaginationBody,
    results: Type.Array(RefreshToken),
    autocomplete: Type.Object({}, { additionalProperties: false }),
  }
  return { RefreshToken, RefreshTokenList: shown(list, release.listKeys) }
}

function shown(fields: Record<string, Type.TSchema>, keys: readonly string[]): Type.TSchema {
  const picked = Object.fromEntries(keys.map((key) => [key, fields[key] as Type.TSchema]))
  return Type.Object(picked, { additionalProperties: false })
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
