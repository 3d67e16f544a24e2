import type { groupFields } from '../routes/api/v3/components/group.js'
import type { providerFields } from '../routes/api/v3/components/provider.js'
import type { userFields } from '../routes/api/v3/components/user.js'
import type { refreshTokenFields } from '../routes/api/v3/oauth2/refresh_tokens/body-schemas.js'
import { CLIENT_TYPES, ISSUER_MODES, LOGOUT_METHODS, MATCHING_MODES, SUB_MODES } from '../world/kinds/providers.js'
import { USER_TYPES } from '../world/kinds/users.js'
import type { Rule, Table } from './anonymizer.js'
import { idToken } from './claims.js'
import { attributes, clientId, clientSecret, redirectLines, redirectUrl, scope, url, userPath } from './identifiers.js'
import * as names from './name-rules.js'
import {
  duration,
  fixed,
  flag,
  key,
  keysOf,
  listOf,
  listOfObjects,
  moment,
  objectOf,
  oneOf,
  orNull,
  uuid,
} from './rule-makers.js'

/**
 * The table of what may stay: a rule for each field of a refresh token, and of what stands next to it, that any release knows. A value stays only where
 * its rule proves it harmless, and what has no rule does not stay at all.
 */

const provider = tableOf<keyof typeof providerFields>({
  pk: key,
  name: names.providerName,
  authentication_flow: orNull(uuid),
  authorization_flow: orNull(uuid),
  invalidation_flow: orNull(uuid),
  property_mappings: listOf(uuid),
  component: fixed('ak-provider-oauth2-form'),
  assigned_application_slug: orNull(names.applicationSlug),
  assigned_application_name: orNull(names.applicationName('assigned_application_slug')),
  assigned_backchannel_application_slug: orNull(names.applicationSlug),
  assigned_backchannel_application_name: orNull(names.applicationName('assigned_backchannel_application_slug')),
  verbose_name: fixed('OAuth2/OpenID Provider'),
  verbose_name_plural: fixed('OAuth2/OpenID Providers'),
  meta_model_name: fixed('authentik_providers_oauth2.oauth2provider'),
  client_type: oneOf(CLIENT_TYPES),
  client_id: clientId,
  client_secret: clientSecret,
  access_code_validity: duration,
  access_token_validity: duration,
  refresh_token_validity: duration,
  refresh_token_threshold: duration,
  include_claims_in_id_token: flag,
  signing_key: orNull(uuid),
  encryption_key: orNull(uuid),
  redirect_uris: redirectUris(),
  backchannel_logout_uri: url,
  logout_uri: url,
  logout_method: oneOf(LOGOUT_METHODS),
  sub_mode: oneOf(SUB_MODES),
  issuer_mode: oneOf(ISSUER_MODES),
  jwks_sources: listOf(uuid),
  jwt_federation_sources: listOf(uuid),
  jwt_federation_providers: listOf(key),
})

function redirectUris(): Rule {
  const uri = tableOf({ matching_mode: oneOf(MATCHING_MODES), url: redirectUrl })
  const list = listOfObjects(uri, ['matching_mode', 'url'])
  return (value, place) => (typeof value === 'string' ? redirectLines(value, place) : list(value, place))
}

/** What a group or a role has, whatever else it has. */
const NAMED = ['pk', 'name']

const group = tableOf<keyof typeof groupFields>({
  pk: uuid,
  num_pk: names.numPk,
  name: names.groupName,
  is_superuser: flag,
  parent: orNull(uuid),
  parent_name: orNull(names.groupName),
  attributes,
})

const role = tableOf({ pk: uuid, name: names.groupName })

const user = tableOf<keyof typeof userFields>({
  pk: key,
  username: names.userName,
  name: names.personName,
  is_active: flag,
  last_login: orNull(moment),
  date_joined: moment,
  is_superuser: flag,
  groups: keysOf('groups_obj', NAMED),
  groups_obj: orNull(listOfObjects(group, NAMED)),
  roles: keysOf('roles_obj', NAMED),
  roles_obj: orNull(listOfObjects(role, NAMED)),
  email: names.email,
  avatar: names.avatar,
  attributes,
  uid: names.uid,
  path: userPath,
  type: oneOf(USER_TYPES),
  uuid,
  password_change_date: moment,
  last_updated: moment,
})

export const userRule = objectOf(user)
export const providerRule = objectOf(provider)

/** As much of an application as a fixture says: see `applications.ts`. */
export const applicationRule = objectOf(
  tableOf({ pk: uuid, slug: names.applicationSlug, name: names.applicationName('slug'), provider: orNull(key) }),
)

export const refreshTokenRule = objectOf(
  tableOf<keyof typeof refreshTokenFields>({
    pk: key,
    provider: providerRule,
    user: userRule,
    is_expired: flag,
    expires: orNull(moment),
    scope: listOf(scope),
    id_token: idToken,
    revoked: flag,
  }),
)

/** A rule for every one of the fields. */
function tableOf<Field extends string>(rules: { [F in Field]: Rule }): Table {
  return new Map(Object.entries<Rule>(rules))
}
