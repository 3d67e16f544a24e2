import * as Type from 'typebox'
import type { RequestContext } from '../../../../../authentik/context.js'
import { anyRow, byUuid, choiceOf, exactField, exactText, oneRow, plainFlag } from '../../../../../authentik/filters.js'
import { resourceViews } from '../../../../../authentik/resource/views.js'
import { BY_PK, type Resource, type Row } from '../../../../../authentik/resource.js'
import { listParameters, listSchema, usedBySchema } from '../../../../../authentik/wire-types.js'
import { CLIENT_TYPES, ISSUER_MODES, type Provider, SUB_MODES } from '../../../../../world/kinds/providers.js'
import { fullProviderSchema, fullProviderText } from '../../components/provider.js'
import { scopeMappings } from '../../propertymappings/provider/scope/mappings.js'
import { previewUserView } from './preview-user.js'
import { setupUrlsView } from './setup-urls.js'
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
    authorization_flow: oneRow(byUuid(namedIn('authorization_flow', 'flows')), isNamed('authorization_flow')),
    client_type: choiceOf(CLIENT_TYPES),
    client_id: exactField,
    issuer_mode: choiceOf(ISSUER_MODES),
    sub_mode: choiceOf(SUB_MODES),
    signing_key: oneRow(byUuid(namedIn('signing_key', 'keys')), isNamed('signing_key')),
    access_code_validity: exactField,
    access_token_validity: exactField,
    refresh_token_validity: exactField,
    include_claims_in_id_token: plainFlag((row) => row['include_claims_in_id_token'] === true),
    application: oneRow(
      byUuid(({ database }, pk) => database.applications.get(pk)),
      ({ pk }, { provider }) => provider === pk,
    ),
    property_mappings: anyRow(
      byUuid(
        (ctx, uuid) =>
          scopeMappings(ctx.database).find(({ pk }) => pk === uuid) ?? namedIn('property_mappings')(ctx, uuid),
      ),
      isNamed('property_mappings'),
    ),
  },
  search: ({ name }: Provider) => [name],
  ordering: { terms: ['pk', 'name'], byDefault: [{ by: 'name', descending: false }] },
  joins: ['providers', 'applications'],
  text: (provider: Provider, { database, release }, included) =>
    fullProviderText(provider, { database, release, ...included }),
  usedBy: usersOfProvider,
  querystring: listParameters({
    access_code_validity: Type.String(),
    access_token_validity: Type.String(),
    application: Type.String({ format: 'uuid' }),
    authorization_flow: Type.String({ format: 'uuid' }),
    client_id: Type.String(),
    client_type: Type.String({ enum: [...CLIENT_TYPES] }),
    include_claims_in_id_token: Type.Boolean(),
    issuer_mode: Type.String({ enum: [...ISSUER_MODES] }),
    name: Type.String(),
    property_mappings: Type.Array(Type.String({ format: 'uuid' })),
    refresh_token_validity: Type.String(),
    signing_key: Type.String({ format: 'uuid' }),
    sub_mode: Type.String({ enum: [...SUB_MODES] }),
  }),
  schemas(release) {
    const one = fullProviderSchema(release)
    return { one, list: listSchema(release, one, 'PaginatedOAuth2ProviderList'), usedBy: usedBySchema(release) }
  },
}

export const oauth2ProviderViews = [
  ...resourceViews(oauth2Providers),
  setupUrlsView(oauth2Providers),
  previewUserView(oauth2Providers),
]

/** A flow, key or mapping: a row of this world, or only named by a provider. */
function namedIn(field: keyof Provider, section?: 'flows' | 'keys') {
  return ({ database }: RequestContext, uuid: string): { pk: string } | undefined => {
    if (section !== undefined && database.table(section).get(uuid) !== undefined) return { pk: uuid }
    for (const pk of database.providers.keys())
      if ([database.providers.get(pk)?.[field]].flat().includes(uuid as never)) return { pk: uuid }
    return undefined
  }
}

function isNamed(field: keyof Provider) {
  return (row: Row, { pk }: { pk: string }) => [row[field]].flat().includes(pk)
}
