import type { Static, TSchema } from 'typebox'
import type { Release } from '../../../../authentik/releases.js'
import { avatarOf, isSuperuser, numPkOf, uidOf } from '../../../../world/computed.js'
import { idTokenText } from '../../../../world/id-token.js'
import { microsOf } from '../../../../world/instant.js'
import { jsonbText } from '../../../../world/json.js'
import type { Group, Provider, RefreshToken, User } from '../../../../world/model.js'
import type { World } from '../../../../world/world.js'
import type { groupFields, providerFields, refreshTokenFields, userFields } from './schema.js'
import { REFRESH_TOKEN_KEYS } from './schema.js'

/** The one projection from the rows of a world to the body of a release: what each field says, by its name. */

/** What `?include_groups=` and `?include_roles=` leave in a body. */
export interface Included {
  groups: boolean
  roles: boolean
}

interface Context extends Included {
  world: World
  release: Release
}

/** The value of each field, or its JSON text where the text is special. */
type Values<F extends Record<string, TSchema>, Row> = {
  [K in keyof F]: (row: Row, context: Context) => Static<F[K]> | JsonText
}

class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const providerValues: Values<typeof providerFields, Provider> = {
  pk: (provider) => provider.pk,
  name: (provider) => provider.name,
  authentication_flow: (provider) => provider.authentication_flow,
  authorization_flow: (provider) => provider.authorization_flow,
  invalidation_flow: (provider) => provider.invalidation_flow,
  property_mappings: (provider) => provider.property_mappings,
  component: () => 'ak-provider-oauth2-form',
  assigned_application_slug: (provider) => provider.application?.slug ?? null,
  assigned_application_name: (provider) => provider.application?.name ?? null,
  assigned_backchannel_application_slug: () => null,
  assigned_backchannel_application_name: () => null,
  verbose_name: () => 'OAuth2/OpenID Provider',
  verbose_name_plural: () => 'OAuth2/OpenID Providers',
  meta_model_name: () => 'authentik_providers_oauth2.oauth2provider',
  client_type: (provider) => provider.client_type,
  client_id: (provider) => provider.client_id,
  client_secret: (provider) => provider.client_secret,
  access_code_validity: (provider) => provider.access_code_validity,
  access_token_validity: (provider) => provider.access_token_validity,
  refresh_token_validity: (provider) => provider.refresh_token_validity,
  refresh_token_threshold: (provider) => provider.refresh_token_threshold,
  include_claims_in_id_token: (provider) => provider.include_claims_in_id_token,
  signing_key: (provider) => provider.signing_key,
  encryption_key: (provider) => provider.encryption_key,
  redirect_uris: ({ redirect_uris }, { release }) =>
    release.redirectUris === 'list'
      ? redirect_uris.map(({ matching_mode, url }) => ({ matching_mode, url }))
      : redirect_uris.map(({ url }) => url).join('\n'),
  backchannel_logout_uri: (provider) => provider.backchannel_logout_uri,
  logout_uri: (provider) => provider.logout_uri,
  logout_method: (provider) => provider.logout_method,
  sub_mode: (provider) => provider.sub_mode,
  issuer_mode: (provider) => provider.issuer_mode,
  jwks_sources: (provider) => provider.jwt_federation_sources,
  jwt_federation_sources: (provider) => provider.jwt_federation_sources,
  jwt_federation_providers: (provider) => provider.jwt_federation_providers,
}

const groupValues: Values<typeof groupFields, Group> = {
  pk: (group) => group.pk,
  num_pk: (group) => group.num_pk ?? numPkOf(group.pk),
  name: (group) => group.name,
  is_superuser: (group) => group.is_superuser,
  parent: (group) => group.parents[0] ?? null,
  parent_name: (group, { world }) => world.groups.get(group.parents[0] ?? '')?.name ?? group.parent_name ?? null,
  attributes: (group) => new JsonText(jsonbText(group.attributes)),
}

const userValues: Values<typeof userFields, User> = {
  pk: (user) => user.pk,
  username: (user) => user.username,
  name: (user) => user.name,
  is_active: (user) => user.is_active,
  last_login: (user) => user.last_login,
  date_joined: (user) => user.date_joined,
  is_superuser: (user, { world }) => isSuperuser(user, world.groups),
  groups: (user, context) => knownGroups(user, context).map((group) => group.pk),
  groups_obj: (user, context) => (context.groups ? new JsonText(groupsText(user, context)) : null),
  roles: (user) => user.roles.map((role) => role.pk),
  roles_obj: (user, { roles }) => (roles ? user.roles.map(({ pk, name }) => ({ pk, name })) : null),
  email: (user) => user.email,
  avatar: (user) => user.avatar ?? avatarOf(user.name, user.username),
  attributes: (user) => new JsonText(jsonbText(user.attributes)),
  uid: (user, { world }) => user.uid ?? uidOf(user.pk, world.baseline.installId),
  path: (user) => user.path,
  type: (user) => user.type,
  uuid: (user) => user.uuid,
  password_change_date: (user) => user.password_change_date,
  last_updated: (user) => user.last_updated,
}

const refreshTokenValues: Values<typeof refreshTokenFields, RefreshToken> = {
  pk: (row) => row.pk,
  provider: (row, context) =>
    new JsonText(
      objectText(
        context.release.providerKeys,
        providerValues,
        joined(row, 'provider', context.world.providers.get(row.provider)),
        context,
      ),
    ),
  user: (row, context) =>
    new JsonText(
      objectText(context.release.userKeys, userValues, joined(row, 'user', context.world.users.get(row.user)), context),
    ),
  is_expired: (row, { world }) => row.expires !== null && world.clock.now() > microsOf(row.expires),
  expires: (row) => row.expires,
  scope: (row) => row.scope,
  id_token: (row, { release }) => idTokenText(row.id_token, release),
  revoked: (row) => row.revoked,
}

/** The body of a refresh token at this moment, compact, as the release writes it. */
export function refreshTokenText(row: RefreshToken, context: Context): string {
  return objectText(REFRESH_TOKEN_KEYS, refreshTokenValues, row, context)
}

const EXPIRY = /"is_expired":(?:true|false),(?="expires":)/

/** The text of a body without what the clock says of it: a row that only expired is the same. */
export function withoutExpiry(text: string): string {
  return text.replace(EXPIRY, '')
}

function groupsText(user: User, context: Context): string {
  const groups = knownGroups(user, context).map((group) =>
    objectText(context.release.groupKeys, groupValues, group, context),
  )
  return `[${groups.join(',')}]`
}

function knownGroups(user: User, { world }: Context): Group[] {
  return user.groups.flatMap((pk) => world.groups.get(pk) ?? [])
}

function objectText<Row>(
  keys: readonly string[],
  values: Record<string, (row: Row, context: Context) => unknown>,
  row: Row,
  context: Context,
): string {
  const members = keys.map((key) => {
    const value = values[key]?.(row, context)
    return `"${key}":${value instanceof JsonText ? value.text : JSON.stringify(value)}`
  })
  return `{${members.join(',')}}`
}

function joined<V>({ pk }: RefreshToken, kind: string, row: V | undefined): V {
  if (row === undefined) throw new Error(`refresh token ${pk} has no ${kind}`)
  return row
}
