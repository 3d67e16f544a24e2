import { formatInstant, microsOf } from '../instant.js'
import { jsonbText } from '../json.js'
import type { Application } from '../kinds/applications.js'
import type { Group } from '../kinds/groups.js'
import { type Provider, SUB_MODES } from '../kinds/providers.js'
import { DEFAULT_SCOPES, mappingOf } from '../kinds/shared/default-scopes.js'
import { permissionsOf, type User } from '../kinds/users.js'
import { alphanumeric, draw, label, uuid } from '../random.js'
import type { Value } from '../value.js'
import type { People } from './people.js'
import { FIRST_ISSUE, validityDays } from './token-families.js'

/** The groups, users and providers of generated rows: believable values, each a function of the seed and the key. */

const DAY = 8.64e10
/** After the last issue of a million rows, so that everybody logged in before their tokens were made. */
const LAST_LOGIN = microsOf('2026-05-01T00:00:00Z')
const DEPARTMENTS = ['Engineering', 'Sales', 'Support', 'Finance', 'People', 'Operations']
const LOCALES = ['de', 'fr', 'es', 'pl']
const USER = label('user')
const PROVIDER = label('provider')
/** Others that came later would make other users of the same seed. */
const PERMISSIONS = permissionsOf('refreshtoken')

/** The administrators first, then the departments. */
export function makeGroups(seed: number): Group[] {
  return ['Administrators', ...DEPARTMENTS].map((name, index) => ({
    pk: uuid(seed, 'group', index),
    name,
    is_superuser: index === 0,
    parents: [],
    attributes: {},
  }))
}

/** @param index counts from 0; user 0 is the only administrator */
export function makeUser(seed: number, index: number, pk: number, groups: Group[], people: People): User {
  const { kind, service, joined, lastLogin, ...shown } = outlineOf(seed, index, pk, people)
  const moment = formatInstant(joined)
  return {
    ...shown,
    groups: groupsOf(kind, service, index).map((place) => (groups[place] as Group).pk),
    roles: [],
    permissions: kind % 11 === 0 ? [pick(PERMISSIONS, kind)] : [],
    attributes: attributesOf(kind, service),
    last_login: formatInstant(lastLogin),
    date_joined: moment,
    password_change_date: moment,
    last_updated: moment,
  }
}

/** The cells of a made-up user, without what only its body shows. */
export function userCells(seed: number, groups: Group[], people: People) {
  // There are few of both, and each text is one.
  const groupTexts = new Map<string, string>()
  const attributeTexts = new Map<string, string>()
  const textOf = (texts: Map<string, string>, name: string, make: () => string) => {
    const text = texts.get(name) ?? make()
    texts.set(name, text)
    return text
  }
  return (index: number, pk: number): Record<string, Value | null> => {
    const outline = outlineOf(seed, index, pk, people)
    const { kind, service, joined } = outline
    const places = groupsOf(kind, service, index)
    const attributes = attributesOf(kind, service)
    // Field by field, which takes a fraction of what a copy does.
    return {
      pk,
      uuid: outline.uuid,
      username: outline.username,
      name: outline.name,
      email: outline.email,
      is_active: Number(outline.is_active),
      type: outline.type,
      path: outline.path,
      last_login: outline.lastLogin,
      date_joined: joined,
      password_change_date: joined,
      last_updated: joined,
      groups: textOf(groupTexts, places.join(), () => places.map((place) => groups[place]?.pk).join()),
      attributes: textOf(attributeTexts, JSON.stringify(attributes), () => jsonbText(attributes)),
    }
  }
}

/** What is made up of a user, as cheaply as it can be. */
function outlineOf(seed: number, index: number, pk: number, people: People) {
  const kind = draw(seed, USER, index)
  const service = index > 0 && kind % 17 === 0
  const { username, name, email } = people.user(pk)
  return {
    kind,
    service,
    pk,
    uuid: uuid(seed, 'user', index),
    username: service ? `svc-${username}` : username,
    name: service ? `svc-${username}` : name,
    email: service ? '' : email,
    is_active: index === 0 || kind % 29 !== 0,
    type: service
      ? ('service_account' as const)
      : index > 0 && kind % 13 === 0
        ? ('external' as const)
        : ('internal' as const),
    path: service ? 'goauthentik.io/service-accounts' : 'users',
    joined: FIRST_ISSUE - DAY * (30 + (kind % 900)) + (kind % 1e6),
    lastLogin: LAST_LOGIN + kind * 360,
  }
}

/** By their places in the list of groups. */
function groupsOf(kind: number, service: boolean, index: number): number[] {
  if (service) return []
  const departments = Array.from({ length: 1 + (kind % 3) }, (_, i) => 1 + ((kind + i) % DEPARTMENTS.length))
  return index === 0 ? [0, ...departments] : departments
}

function attributesOf(kind: number, service: boolean): User['attributes'] {
  if (service) return { 'goauthentik.io/user/token-expires': true }
  return kind % 5 === 0 ? { settings: { locale: pick(LOCALES, kind) } } : {}
}

/** @param index counts from 0 */
export function makeProvider(seed: number, index: number, pk: number, people: People): Provider {
  const kind = draw(seed, PROVIDER, index)
  const open = isPublic(kind)
  const application = people.application(pk)
  return {
    pk,
    name: `Provider for ${application.name}`,
    authentication_flow: null,
    authorization_flow: uuid(seed, 'authorization_flow', 0),
    invalidation_flow: uuid(seed, 'invalidation_flow', 0),
    property_mappings: DEFAULT_SCOPES.map((scope) => mappingOf(seed, scope)),
    scopes: DEFAULT_SCOPES,
    client_type: open ? 'public' : 'confidential',
    client_id: kind % 4 === 0 ? application.slug : alphanumeric(seed, 'client_id', index, 40),
    client_secret: clientSecretOf(seed, index),
    access_code_validity: 'minutes=1',
    access_token_validity: kind % 2 === 0 ? 'minutes=5' : 'hours=1',
    refresh_token_validity: `days=${validityDays(seed, index)}`,
    refresh_token_threshold: 'seconds=0',
    include_claims_in_id_token: kind % 8 !== 0,
    signing_key: uuid(seed, 'signing_key', 0),
    encryption_key: null,
    redirect_uris: [{ matching_mode: 'strict', url: `https://${application.slug}.example.com/callback` }],
    backchannel_logout_uri: '',
    logout_uri: '',
    logout_method: 'backchannel',
    sub_mode: kind % 3 === 0 ? pick(SUB_MODES, kind) : 'hashed_user_id',
    issuer_mode: kind % 7 === 0 ? 'global' : 'per_provider',
    jwt_federation_sources: [],
    jwt_federation_providers: [],
  }
}

function isPublic(kind: number): boolean {
  return kind % 6 === 0
}

/** @param index counts from 0 */
export function clientSecretOf(seed: number, index: number): string {
  return isPublic(draw(seed, PROVIDER, index)) ? '' : alphanumeric(seed, 'client_secret', index, 128)
}

/** @param index counts from 0; undefined: a provider in nine has no application */
export function makeApplication(
  seed: number,
  index: number,
  provider: number,
  people: People,
): Application | undefined {
  if (draw(seed, PROVIDER, index) % 9 === 0) return undefined
  return { pk: uuid(seed, 'application', index), ...people.application(provider), provider, allowed_groups: [] }
}

function pick<T>(from: readonly T[], kind: number): T {
  return from[kind % from.length] as T
}
