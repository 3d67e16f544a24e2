import type { UsedBy } from '../../../../authentik/resource.js'
import type { Database } from '../../../../world/database.js'
import type { Grant } from '../../../../world/kinds/shared/granted.js'

/** By the names of authentik's models, and what it calls one of them. */
const GRANTS = [
  { section: 'access_tokens', model_name: 'accesstoken', title: 'Access Token' },
  { section: 'authorization_codes', model_name: 'authorizationcode', title: 'Authorization code' },
  { section: 'refresh_tokens', model_name: 'refreshtoken', title: 'Refresh Token' },
] as const

/** What was granted to a user, or by a provider, as `used_by` lists it. */
export function tokensOf(database: Database, by: 'user' | 'provider', pk: number): UsedBy[] {
  const order = [{ by: 'pk', descending: false }]
  return GRANTS.flatMap(({ section, model_name, title }) =>
    Array.from(database.select(section, { order, where: [[by, pk]] }), (key): UsedBy => {
      const { provider, user } = database.table(section).get(key) as Grant
      return {
        app: 'authentik_providers_oauth2',
        model_name,
        pk: String(key),
        name: `${title} for ${provider} for user ${user}`,
        action: 'cascade',
      }
    }),
  )
}
