import * as Type from 'typebox'
import type { RequestContext } from '../../../../../authentik/context.js'
import type { Update } from '../../../../../authentik/resource.js'
import {
  booleanField,
  durationField,
  textUpTo,
  uuidsField,
  writableOf,
} from '../../../../../authentik/written-fields.js'
import type { RowChange } from '../../../../../world/change.js'
import type { Provider } from '../../../../../world/kinds/providers.js'
import { providerFields } from '../../components/provider.js'
import { scopeMappings } from '../../propertymappings/provider/scope/mappings.js'

/** What changes the tokens of a client: its secret, how long they live, and what they say. Tokens that are there stay. */
export const providerUpdate: Update = {
  fields: {
    property_mappings: uuidsField((pk, { database }) => scopeMappings(database).some((mapping) => mapping.pk === pk)),
    client_secret: textUpTo(255),
    access_code_validity: durationField,
    access_token_validity: durationField,
    refresh_token_validity: durationField,
    refresh_token_threshold: durationField,
    include_claims_in_id_token: booleanField,
  },
  writable: ({ fullProviderKeys }) => writableOf(providerFields, fullProviderKeys),
  changes(provider: Provider, fields, { database }: RequestContext): RowChange[] {
    const row = { ...provider, ...fields } as Provider
    if (fields['property_mappings'] !== undefined) {
      const mappings = scopeMappings(database)
      row.scopes = row.property_mappings.flatMap((pk) => mappings.find((one) => one.pk === pk)?.scope_name ?? [])
    }
    return [{ type: 'put', section: 'providers', row }]
  },
  schema: Type.Object(
    {
      property_mappings: Type.Optional(Type.Array(Type.String({ format: 'uuid' }))),
      client_secret: Type.Optional(Type.String({ maxLength: 255 })),
      access_code_validity: Type.Optional(Type.String()),
      access_token_validity: Type.Optional(Type.String()),
      refresh_token_validity: Type.Optional(Type.String()),
      include_claims_in_id_token: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false, openapi: { component: 'PatchedOAuth2ProviderRequest' } },
  ),
}
