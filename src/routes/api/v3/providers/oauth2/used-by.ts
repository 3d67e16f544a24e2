import type { RequestContext } from '../../../../../authentik/context.js'
import type { UsedBy } from '../../../../../authentik/resource.js'
import type { Provider } from '../../../../../world/kinds/providers.js'
import { tokensOf } from '../../components/used-by.js'
import { scopeMappings } from '../../propertymappings/provider/scope/mappings.js'

/** What refers to a provider: those that trust its tokens, its scope mappings, and what it granted. */
export function usersOfProvider(provider: Provider, { database }: RequestContext): UsedBy[] {
  const keys = database.select('providers', { order: [{ by: 'pk', descending: false }], where: [] })
  const trusting = Array.from(keys, (pk) => database.providers.get(pk as number) as Provider).filter((other) =>
    other.jwt_federation_providers.includes(provider.pk),
  )
  const mappings = scopeMappings(database).filter(({ pk }) => provider.property_mappings.includes(pk))
  const inOrder = provider.property_mappings.flatMap((pk) => mappings.find((mapping) => mapping.pk === pk) ?? [])
  return [
    ...trusting.map(({ pk, name }): UsedBy => {
      const title = `OAuth2 Provider ${name}`
      return {
        app: 'authentik_providers_oauth2',
        model_name: 'oauth2provider',
        pk: String(pk),
        name: title,
        action: 'cascade_many',
      }
    }),
    ...inOrder.map(({ pk, name }): UsedBy => {
      const title = `Property Mapping ${name}`
      return { app: 'authentik_core', model_name: 'propertymapping', pk, name: title, action: 'cascade_many' }
    }),
    ...tokensOf(database, 'provider', provider.pk),
  ]
}
