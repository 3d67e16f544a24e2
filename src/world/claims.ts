import { uidOf } from './computed-fields.js'
import type { Attributes } from './json.js'
import type { Application } from './kinds/applications.js'
import type { Group } from './kinds/groups.js'
import type { Provider } from './kinds/providers.js'
import type { User } from './kinds/users.js'
import type { Lookup } from './table.js'

/** What a provider says of itself and of a user: `iss`, `sub`, and the claims of its scope mappings. */

export function issuerOf(
  provider: Provider,
  application: Pick<Application, 'slug'> | undefined,
  baseUrl: string,
): string | undefined {
  const root = baseUrl.replace(/\/+$/, '')
  if (provider.issuer_mode === 'global') return `${root}/`
  return application === undefined ? undefined : `${root}/application/o/${application.slug}/`
}

export function subjectOf(provider: Provider, user: User, installId: string): string {
  const uid = user.uid ?? uidOf(user.pk, installId)
  switch (provider.sub_mode) {
    case 'user_id':
      return String(user.pk)
    case 'user_uuid':
      return user.uuid
    case 'user_username':
      return user.username
    case 'user_email':
      return user.email
    case 'user_upn':
      return typeof user.attributes.upn === 'string' ? user.attributes.upn : uid
    // A mode that is newer than the mock counts as hashed_user_id.
    default:
      return uid
  }
}

/** What the scope mappings of a provider say of a user, in order of scope name. `email_verified` is filled in by the release. */
export function scopeClaims(
  scope: string[],
  provider: Provider,
  user: User,
  groups: Lookup<string, Group>,
): Attributes {
  const claims: Attributes = {}
  const granted = (name: string) => scope.includes(name) && provider.scopes.includes(name)
  if (granted('email')) Object.assign(claims, { email: user.email, email_verified: true })
  if (granted('entitlements')) Object.assign(claims, { entitlements: [], roles: [] })
  if (granted('profile')) {
    Object.assign(claims, {
      name: user.name,
      given_name: user.name,
      preferred_username: user.username,
      nickname: user.username,
      groups: user.groups.flatMap((pk) => groups.get(pk)?.name ?? []),
    })
  }
  return claims
}
