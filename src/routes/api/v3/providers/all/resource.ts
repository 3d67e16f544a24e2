import * as Type from 'typebox'
import { flag } from '../../../../../authentik/filters.js'
import { listView } from '../../../../../authentik/resource/list.js'
import type { Resource } from '../../../../../authentik/resource.js'
import { listParameters, listSchema } from '../../../../../authentik/wire-types.js'
import type { Provider } from '../../../../../world/kinds/providers.js'
import { generalProviderSchema, generalProviderText } from '../../components/provider.js'
import { oauth2Providers } from '../oauth2/resource.js'

/** /api/v3/providers/all/: providers of every kind, by what all kinds have. The world has OAuth2 alone. */
export const allProviders: Resource = {
  ...oauth2Providers,
  url: '/api/v3/providers/all/',
  operations: 'providers_all',
  routes: { list: 'provider_list', detail: 'provider_detail', usedBy: 'provider_used_by' },
  titles: { list: 'Provider List', detail: 'Provider Instance' },
  description: 'Provider Viewset',
  model: { permission: 'provider', name: 'Provider' },
  allow: { list: 'GET, HEAD, OPTIONS', detail: 'GET, DELETE, HEAD, OPTIONS' },
  filters: {
    application__isnull: flag(
      ({ pk }, { database }) => database.applications.referring('provider', pk as number).length === 0,
    ),
    backchannel: flag(() => false),
  },
  text: (provider: Provider, { database, release }, included) =>
    generalProviderText(provider, { database, release, ...included }),
  querystring: listParameters({ application__isnull: Type.Boolean(), backchannel: Type.Boolean() }),
  schemas(release) {
    const one = generalProviderSchema(release)
    return { ...oauth2Providers.schemas(release), one, list: listSchema(release, one, 'PaginatedProviderList') }
  },
}

export const providerViews = [listView(allProviders)]
