import type { Database } from '../../../../../../world/database.js'
import type { Provider } from '../../../../../../world/kinds/providers.js'
import { mappingOf } from '../../../../../../world/kinds/shared/default-scopes.js'

/** A scope mapping: which claims a scope stands for. */
export interface ScopeMapping {
  pk: string
  managed: string | null
  name: string
  scope_name: string
  description: string
}

/** Those that authentik ships: scope, the end of its managed name, its title, and what people are told of it. */
const SHIPPED = [
  {
    scope: 'ak_proxy',
    managed: 'proxy/scope-proxy',
    title: 'Proxy outpost',
    description: 'authentik Proxy - User information',
  },
  { scope: 'email', managed: 'oauth2/scope-email', title: "OpenID 'email'", description: 'Email address' },
  {
    scope: 'entitlements',
    managed: 'oauth2/scope-entitlements',
    title: 'Application Entitlements',
    description: 'Application entitlements',
  },
  {
    scope: 'goauthentik.io/api',
    managed: 'oauth2/scope-authentik_api',
    title: 'authentik API access',
    description: 'authentik API Access on behalf of your user',
  },
  {
    scope: 'offline_access',
    managed: 'oauth2/scope-offline_access',
    title: "OpenID 'offline_access'",
    description: 'Access to request new tokens without interaction',
  },
  { scope: 'openid', managed: 'oauth2/scope-openid', title: "OpenID 'openid'", description: '' },
  {
    scope: 'profile',
    managed: 'oauth2/scope-profile',
    title: "OpenID 'profile'",
    description: 'General Profile Information',
  },
]

/** The mappings of a world: the shipped ones, by the ids that its providers give them, and further ones of providers. */
export function scopeMappings(database: Database): ScopeMapping[] {
  const ids = idsByScope(database)
  const shipped = SHIPPED.map(({ scope, managed, title, description }) => ({
    pk: ids.get(scope) ?? mappingOf(database.snapshot.seed, scope),
    managed: `goauthentik.io/providers/${managed}`,
    name: `authentik default OAuth Mapping: ${title}`,
    scope_name: scope,
    description,
  }))
  const known = new Set(SHIPPED.map(({ scope }) => scope))
  const own = Array.from(ids, ([scope, pk]) => ({ pk, managed: null, name: scope, scope_name: scope, description: '' }))
  return [...shipped, ...own.filter(({ scope_name }) => !known.has(scope_name))]
}

/**
 * A provider lists its mappings and their scopes in the same order. What a provider had at the beginning counts as well:
 * a mapping that it no longer uses is still there.
 */
function idsByScope(database: Database): Map<string, string> {
  const ids = new Map<string, string>()
  for (const { scopes, property_mappings } of providersEver(database)) {
    if (scopes.length !== property_mappings.length) continue
    for (const [i, scope] of scopes.entries()) if (!ids.has(scope)) ids.set(scope, property_mappings[i] as string)
  }
  return ids
}

function* providersEver({ snapshot, providers }: Database): Generator<Provider> {
  const begun = snapshot.rows('providers')
  for (const key of begun.keys()) yield begun.get(key) as Provider
  for (const row of providers.changes.values()) if (row !== null) yield row
}
