import type { UsedBy } from '../../../../authentik/resource.js'
import type { Database } from '../../../../world/database.js'
import type { Consent } from '../../../../world/kinds/consents.js'

/** What refers to a row, by the attribute under which authentik's model has it. */
export type Relations = Record<string, UsedBy[]>

/** As authentik lists them: by the names of the attributes. */
export function inOrder(relations: Relations): UsedBy[] {
  return Object.keys(relations)
    .sort()
    .flatMap((attribute) => relations[attribute] ?? [])
}

interface Granted {
  provider: number
  user: number
}

/** By the names of authentik's models, and what it calls one of them. */
const GRANTS = [
  { section: 'access_tokens', model_name: 'accesstoken', title: 'Access Token' },
  { section: 'authorization_codes', model_name: 'authorizationcode', title: 'Authorization code' },
  { section: 'device_codes', model_name: 'devicetoken', title: 'Device Token' },
  { section: 'refresh_tokens', model_name: 'refreshtoken', title: 'Refresh Token' },
] as const

/** What was granted to a user, or by a provider. */
export function grantsOf(database: Database, by: 'user' | 'provider', pk: number): Relations {
  return Object.fromEntries(
    GRANTS.map(({ section, model_name, title }) => [
      `${model_name}_set`,
      select(database, section, by, pk).map((key): UsedBy => {
        const { provider, user } = database.table(section).get(key) as Granted
        const name = `${title} for ${provider}${model_name === 'devicetoken' ? '' : ` for user ${user}`}`
        return { app: 'authentik_providers_oauth2', model_name, pk: String(key), name, action: 'cascade' }
      }),
    ]),
  )
}

/** What a user, or anybody for an application, consented to. */
export function consentsOf(database: Database, by: 'user' | 'application', pk: number | string): UsedBy[] {
  return select(database, 'consents', by, pk).map((key): UsedBy => {
    const { application, user } = database.consents.get(key as number) as Consent
    return {
      app: 'authentik_stages_consent',
      model_name: 'userconsent',
      pk: String(key),
      name: `User Consent ${application} by ${user}`,
      action: 'cascade',
    }
  })
}

function select(database: Database, section: string, by: string, pk: number | string) {
  return Array.from(database.select(section, { order: [{ by: 'pk', descending: false }], where: [[by, pk]] }))
}
