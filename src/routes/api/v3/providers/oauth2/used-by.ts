import type { RequestContext } from '../../../../../authentik/context.js'
import type { UsedBy } from '../../../../../authentik/resource.js'
import type { Provider } from '../../../../../world/kinds/providers.js'
import { grantsOf, inOrder } from '../../components/used-by.js'
import { scopeMappings } from '../../propertymappings/provider/scope/mappings.js'

/** What refers to a provider, or it to them: those that trust its tokens or that it trusts, scope mappings, what it granted. */
export function usersOfProvider(provider: Provider, { database }: RequestContext): UsedBy[] {
  const keys = database.select('providers', { order: [{ by: 'pk', descending: false }], where: [] })
  const all = Array.from(keys, (pk) => database.providers.get(pk as number) as Provider)
  const mappings = scopeMappings(database).filter(({ pk }) => provider.property_mappings.includes(pk))
  const mapped = provider.property_mappings.flatMap((pk) => mappings.find((mapping) => mapping.pk === pk) ?? [])
  return inOrder({
    ...grantsOf(database, 'provider', provider.pk),
    jwt_federation_providers: all.filter(({ pk }) => provider.jwt_federation_providers.includes(pk)).map(trust),
    oauth2provider_set: all.filter((other) => other.jwt_federation_providers.includes(provider.pk)).map(trust),
    property_mappings: mapped.map(({ pk, name }): UsedBy => {
      const title = `Property Mapping ${name}`
      return { app: 'authentik_core', model_name: 'propertymapping', pk, name: title, action: 'cascade_many' }
    }),
  })
}

function trust({ pk, name }: Provider): UsedBy {
  return {
    app: 'authentik_providers_oauth2',
    model_name: 'oauth2provider',
    pk: String(pk),
    name: `OAuth2 Provider ${name}`,
    action: 'cascade_many',
  }
}
