import * as Type from 'typebox'
import type { Language } from '../../../../authentik/messages.js'
import type { Release } from '../../../../authentik/releases.js'
import { oneOf, orNull, pickFields, pk, uuid } from '../../../../authentik/wire-types.js'
import { applicationOf } from '../../../../oauth2/find.js'
import {
  CLIENT_TYPES,
  ISSUER_MODES,
  LOGOUT_METHODS,
  loginUris,
  MATCHING_MODES,
  type Provider,
  SUB_MODES,
} from '../../../../world/kinds/providers.js'
import { readOnly, type Some, unpromised } from './field-options.js'
import { objectText, type Projection, type Values } from './projection.js'

/** An OAuth2 provider as it stands in other rows. */

const JWT_SOURCES = 'Any JWT signed by the JWK of the selected source can be used to authenticate.'

export const RedirectUri = Type.Object(
  { matching_mode: oneOf('MatchingModeEnum', MATCHING_MODES), url: Type.String() },
  { additionalProperties: false, openapi: { component: 'RedirectURI' } },
)

export const providerFields = {
  pk: pk({ title: 'ID', ...readOnly }),
  name: Type.String(),
  authentication_flow: orNull(uuid(unpromised)),
  authorization_flow: orNull(uuid(unpromised)),
  invalidation_flow: orNull(uuid(unpromised)),
  property_mappings: Type.Array(uuid(), unpromised),
  component: Type.Literal('ak-provider-oauth2-form', readOnly),
  assigned_application_slug: orNull(Type.String(readOnly)),
  assigned_application_name: orNull(Type.String(readOnly)),
  assigned_backchannel_application_slug: orNull(Type.String(readOnly)),
  assigned_backchannel_application_name: orNull(Type.String(readOnly)),
  verbose_name: Type.String(readOnly),
  verbose_name_plural: Type.String(readOnly),
  meta_model_name: Type.Literal('authentik_providers_oauth2.oauth2provider', readOnly),
  client_type: oneOf('ClientTypeEnum', CLIENT_TYPES, {
    description: 'Whether the client can keep a secret.',
    ...unpromised,
  }),
  client_id: Type.String({ maxLength: 255, ...unpromised }),
  client_secret: Type.String({ maxLength: 255, ...unpromised }),
  access_code_validity: Type.String(unpromised),
  access_token_validity: Type.String(unpromised),
  refresh_token_validity: Type.String(unpromised),
  refresh_token_threshold: Type.String(unpromised),
  include_claims_in_id_token: Type.Boolean(unpromised),
  signing_key: orNull(uuid(unpromised)),
  encryption_key: orNull(uuid(unpromised)),
  redirect_uris: Type.Union([Type.Array(RedirectUri), Type.String(unpromised)]),
  backchannel_logout_uri: Type.String({
    title: 'Back-Channel Logout URI',
    openapi: { format: 'uri', required: false },
  }),
  logout_uri: Type.String({ openapi: { format: 'uri', required: false } }),
  logout_method: oneOf('OAuth2ProviderLogoutMethodEnum', LOGOUT_METHODS, {
    description: 'How the client is told of a logout.',
    ...unpromised,
  }),
  sub_mode: oneOf('SubModeEnum', SUB_MODES, { description: 'What sub in an id_token is made of.', ...unpromised }),
  issuer_mode: oneOf('IssuerModeEnum', ISSUER_MODES, { description: 'What iss in an id_token is.', ...unpromised }),
  jwks_sources: Type.Array(uuid({ title: JWT_SOURCES }), { title: JWT_SOURCES, ...unpromised }),
  jwt_federation_sources: Type.Array(uuid({ title: JWT_SOURCES }), { title: JWT_SOURCES, ...unpromised }),
  jwt_federation_providers: Type.Array(pk(), unpromised),
}

type Always =
  | 'pk'
  | 'name'
  | 'authentication_flow'
  | 'authorization_flow'
  | 'invalidation_flow'
  | 'property_mappings'
  | 'component'
  | 'assigned_application_slug'
  | 'assigned_application_name'
  | 'verbose_name'
  | 'verbose_name_plural'
  | 'meta_model_name'

/** A provider as any release shows it: what some releases leave out is optional. */
export type ProviderBody = Some<
  Type.Static<Type.TObject<typeof providerFields>>,
  Exclude<keyof typeof providerFields, Always>
>

/** One and several, as far as recordings show how authentik translates them. */
const TITLES: Partial<Record<Language, [one: string, several: string]>> = {
  de: ['OAuth2/OpenID Anbieter', 'OAuth2/OpenID Anbietern'],
}
const titlesIn = (language: Language) => TITLES[language] ?? ['OAuth2/OpenID Provider', 'OAuth2/OpenID Providers']

const values: Values<typeof providerFields, Provider> = {
  pk: (provider) => provider.pk,
  name: (provider) => provider.name,
  authentication_flow: (provider) => provider.authentication_flow,
  authorization_flow: (provider) => provider.authorization_flow,
  invalidation_flow: (provider) => provider.invalidation_flow,
  property_mappings: (provider) => provider.property_mappings,
  component: () => 'ak-provider-oauth2-form',
  assigned_application_slug: (provider, { database }) => applicationOf(database, provider)?.slug ?? null,
  assigned_application_name: (provider, { database }) => applicationOf(database, provider)?.name ?? null,
  assigned_backchannel_application_slug: () => null,
  assigned_backchannel_application_name: () => null,
  verbose_name: (_, { language }) => titlesIn(language)[0],
  verbose_name_plural: (_, { language }) => titlesIn(language)[1],
  meta_model_name: () => 'authentik_providers_oauth2.oauth2provider',
  client_type: (provider) => provider.client_type,
  client_id: (provider) => provider.client_id,
  client_secret: (provider) => provider.client_secret,
  access_code_validity: (provider) => provider.access_code_validity,
  access_token_validity: (provider) => provider.access_token_validity,
  refresh_token_validity: (provider) => provider.refresh_token_validity,
  refresh_token_threshold: (provider) => provider.refresh_token_threshold,
  include_claims_in_id_token: (provider) => provider.include_claims_in_id_token,
  signing_key: (provider) => provider.signing_key,
  encryption_key: (provider) => provider.encryption_key,
  redirect_uris: (provider, { release }) =>
    release.redirectUris === 'list'
      ? loginUris(provider).map(({ matching_mode, url }) => ({ matching_mode, url }))
      : loginUris(provider)
          .map(({ url }) => url)
          .join('\n'),
  backchannel_logout_uri: (provider) => provider.backchannel_logout_uri,
  logout_uri: (provider) => provider.logout_uri,
  logout_method: (provider) => provider.logout_method,
  sub_mode: (provider) => provider.sub_mode,
  issuer_mode: (provider) => provider.issuer_mode,
  jwks_sources: (provider) => provider.jwt_federation_sources,
  jwt_federation_sources: (provider) => provider.jwt_federation_sources,
  jwt_federation_providers: (provider) => provider.jwt_federation_providers,
}

export function providerText(provider: Provider, projection: Projection): string {
  return objectText(projection.release.providerKeys, values, provider, projection)
}

/** A provider at its own endpoint. */
export function fullProviderText(provider: Provider, projection: Projection): string {
  return objectText(projection.release.fullProviderKeys, values, provider, projection)
}

/** A provider by what all kinds of providers have. */
export function generalProviderText(provider: Provider, projection: Projection): string {
  return objectText(projection.release.generalProviderKeys, values, provider, projection)
}

/** What a release sends. */
export function providerSchema(release: Release): Type.TSchema {
  return schemaOf(release, providerFields, release.providerKeys)
}

export function fullProviderSchema(release: Release): Type.TSchema {
  return schemaOf(release, providerFields, release.fullProviderKeys, 'OAuth2Provider')
}

export function generalProviderSchema(release: Release): Type.TSchema {
  return schemaOf(release, providerFields, release.generalProviderKeys, 'Provider')
}

const APPLICATION_KEYS = Object.keys(providerFields).filter((key) => key.startsWith('assigned_'))
const FLOW_KEYS = ['authorization_flow', 'invalidation_flow']

/** The same as authentik's document has it: with keys that are never sent, and without some nulls that are. */
export function documentedProviderSchema(release: Release): Type.TSchema {
  const neverNull = [
    ...(release.backchannelKeys === 'null' ? [] : APPLICATION_KEYS.map((key) => [key, Type.String(readOnly)])),
    ...(release.document.nullFlows ? [] : FLOW_KEYS.map((key) => [key, uuid()])),
  ]
  return schemaOf(release, { ...providerFields, ...Object.fromEntries(neverNull) }, release.documentedProviderKeys)
}

function schemaOf(
  release: Release,
  fields: typeof providerFields,
  keys: string[],
  component = release.providerView === 'full' ? 'OAuth2Provider' : 'Provider',
): Type.TSchema {
  const redirect_uris = fields.redirect_uris.anyOf[release.redirectUris === 'list' ? 0 : 1]
  return pickFields({ ...fields, redirect_uris }, keys, component)
}
