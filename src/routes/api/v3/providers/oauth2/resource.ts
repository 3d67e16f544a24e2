import * as Type from 'typebox'
import { byUuid, choiceOf, exactField, exactText, oneRow, plainFlag } from '../../../../../authentik/filters.js'
import { BY_PK, type Resource } from '../../../../../authentik/resource.js'
import { listParameters, listSchema, usedBySchema } from '../../../../../authentik/wire-types.js'
import { CLIENT_TYPES, ISSUER_MODES, type Provider, SUB_MODES } from '../../../../../world/kinds/providers.js'
import { fullProviderSchema, fullProviderText } from '../../components/provider.js'
import { providerUpdate } from './update.js'
import { usersOfProvider } from './used-by.js'

/** /api/v3/providers/oauth2/: the clients. */
export const oauth2Providers: Resource = {
  section: 'providers',
  undocumented: true,
  url: '/api/v3/providers/oauth2/',
  operations: 'providers_oauth2',
  routes: { list: 'oauth2_provider_list', detail: 'oauth2_provider_detail', usedBy: 'oauth2_provider_used_by' },
  titles: { list: 'O Auth2 Provider List', detail: 'O Auth2 Provider Instance' },
  description: 'OAuth2Provider Viewset',
  model: { permission: 'oauth2provider', name: 'OAuth2Provider' },
  allow: { list: 'GET, POST, HEAD, OPTIONS', detail: 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS' },
  lookup: BY_PK,
  isDeletable: true,
  update: providerUpdate,
  filters: {
    name: exactText,
    authorization_flow: exactField,
    client_type: choiceOf(CLIENT_TYPES),
    client_id: exactField,
    issuer_mode: choiceOf(ISSUER_MODES),
    sub_mode: choiceOf(SUB_MODES),
    signing_key: exactField,
    access_code_validity: exactField,
    access_token_validity: exactField,
    refresh_token_validity: exactField,
    include_claims_in_id_token: plainFlag((row) => row['include_claims_in_id_token'] === true),
    application: oneRow(
      byUuid(({ database }, pk) => database.applications.get(pk)),
      ({ pk }, { provider }) => provider === pk,
    ),
    property_mappings: (_, __, values) => ({
      test: (row) => values.every((pk) => (row['property_mappings'] as string[]).includes(pk)),
    }),
  },
  search: ({ name }: Provider) => [name],
  ordering: { terms: ['pk', 'name'], byDefault: [{ by: 'name', descending: false }] },
  joins: ['providers', 'applications'],
  text: (provider: Provider, { database, release }, included) =>
    fullProviderText(provider, { database, release, ...included }),
  usedBy: usersOfProvider,
  querystring: listParameters({
    application: Type.String({ format: 'uuid' }),
    authorization_flow: Type.String({ format: 'uuid' }),
    client_id: Type.String(),
    client_type: Type.String({ enum: [...CLIENT_TYPES] }),
    name: Type.String(),
    property_mappings: Type.Array(Type.String({ format: 'uuid' })),
    signing_key: Type.String({ format: 'uuid' }),
  }),
  schemas(release) {
    const one = fullProviderSchema(release)
    return { one, list: listSchema(release, one, 'PaginatedOAuth2ProviderList'), usedBy: usedBySchema(release) }
  },
}
