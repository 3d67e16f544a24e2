import * as Type from 'typebox'
import { alphanumeric, uuid as drawnUuid } from '../random.js'
import { type Application, allowedGroups } from './applications.js'
import { isTestKey } from './keys.js'
import type { Context, Given, Kind } from './kind.js'
import { DEFAULT_SCOPES, mappingOf } from './shared/default-scopes.js'
import { duration, flag, key, object, oneOf, orNull, secret, text, uuid, uuids } from './shared/grammar.js'
import { withoutFixed } from './shared/terms.js'

export const CLIENT_TYPES = ['confidential', 'public'] as const
export const MATCHING_MODES = ['strict', 'regex'] as const
export const SUB_MODES = ['hashed_user_id', 'user_id', 'user_uuid', 'user_username', 'user_email', 'user_upn'] as const
export const ISSUER_MODES = ['global', 'per_provider'] as const
export const LOGOUT_METHODS = ['backchannel', 'frontchannel'] as const

const REDIRECT_URI_TYPES = ['authorization', 'logout'] as const

export interface RedirectUri {
  matching_mode: (typeof MATCHING_MODES)[number]
  url: string
  /** From 2026.8; without it, it is one for authorization. */
  redirect_uri_type?: (typeof REDIRECT_URI_TYPES)[number]
}

/** An OAuth2 provider: a client, and how tokens are made for it. Its application is a row of its own. */
export interface Provider {
  pk: number
  name: string
  authentication_flow: string | null
  authorization_flow: string | null
  invalidation_flow: string | null
  property_mappings: string[]
  /** The scope names of the property mappings: not on the wire, but they decide the claims of an id_token. */
  scopes: string[]
  client_type: (typeof CLIENT_TYPES)[number]
  client_id: string
  client_secret: string
  access_code_validity: string
  access_token_validity: string
  refresh_token_validity: string
  refresh_token_threshold: string
  include_claims_in_id_token: boolean
  signing_key: string | null
  encryption_key: string | null
  redirect_uris: RedirectUri[]
  backchannel_logout_uri: string
  logout_uri: string
  logout_method: (typeof LOGOUT_METHODS)[number]
  sub_mode: (typeof SUB_MODES)[number]
  issuer_mode: (typeof ISSUER_MODES)[number]
  jwt_federation_sources: string[]
  jwt_federation_providers: number[]
}

const ApplicationOfProvider = Type.Object(
  { slug: text(), name: text(), allowed_groups: Type.Optional(allowedGroups()) },
  { additionalProperties: false, description: 'an application: {slug, name, allowed_groups?}' },
)

export const RedirectUriSeed = Type.Object(
  { matching_mode: oneOf(MATCHING_MODES), url: text(), redirect_uri_type: Type.Optional(oneOf(REDIRECT_URI_TYPES)) },
  { additionalProperties: false, description: 'a redirect URI: {matching_mode, url}' },
)

/** What releases say otherwise, or of every provider. */
const termsOfReleases = {
  component: text(),
  assigned_application_slug: orNull(text()),
  assigned_application_name: orNull(text()),
  assigned_backchannel_application_slug: orNull(text()),
  assigned_backchannel_application_name: orNull(text()),
  verbose_name: text(),
  verbose_name_plural: text(),
  meta_model_name: text(),
  jwks_sources: uuids(),
}

export const ProviderSeed = object(
  {
    pk: key(),
    name: text(),
    application: orNull(ApplicationOfProvider),
    authentication_flow: orNull(uuid()),
    authorization_flow: orNull(uuid()),
    invalidation_flow: orNull(uuid()),
    property_mappings: uuids(),
    scopes: Type.Array(text('a scope name'), { description: 'a list of scope names' }),
    client_type: oneOf(CLIENT_TYPES),
    client_id: text('a text of at most 255 characters', 255),
    client_secret: secret('a text of at most 255 characters', { maxLength: 255 }),
    access_code_validity: duration(),
    access_token_validity: duration(),
    refresh_token_validity: duration(),
    refresh_token_threshold: duration(),
    include_claims_in_id_token: flag(),
    signing_key: orNull(uuid()),
    encryption_key: orNull(uuid()),
    redirect_uris: Type.Union(
      [Type.Array(RedirectUriSeed, { description: 'a list of redirect URIs: {matching_mode, url}' }), text()],
      { description: 'a list of redirect URIs: {matching_mode, url}' },
    ),
    backchannel_logout_uri: text(),
    logout_uri: text(),
    logout_method: oneOf(LOGOUT_METHODS),
    sub_mode: oneOf(SUB_MODES),
    issuer_mode: oneOf(ISSUER_MODES),
    jwt_federation_sources: uuids(),
    jwt_federation_providers: Type.Array(key(), { description: 'a list of provider keys' }),
    ...termsOfReleases,
  },
  'an OAuth2 provider',
)
export type ProviderSeed = Type.Static<typeof ProviderSeed>

export const providers: Kind<number, Provider, typeof ProviderSeed> = {
  word: 'provider',
  seed: ProviderSeed,
  key: 'pk',
  keys: 'counted',
  form: 'list',
  natural: 'name',
  unique: ['client_id'],
  masked: ['client_secret'],
  references: {},
  embeds: {
    field: 'application',
    kind: 'applications',
    back: 'provider',
    fresh: (seed, pk, { madeUp }) => (isNamed(seed) ? undefined : madeUp('applications', pk)),
  },
  columns: { pk: (provider) => provider.pk, name: (provider) => provider.name },
  terms: ownTerms,
  needsPeople: ({ name }) => name === undefined,
  complete(given, pk, context, before) {
    const { application, ...own } = given
    const fresh = () => (isNamed(given) ? newProvider(given, pk, context) : context.madeUp('providers', pk))
    return { ...(before ?? fresh()), ...own } as Provider
  },
  oddities: (given, { rows }) =>
    ['signing_key', 'encryption_key'].flatMap((field) => {
      const pk = given[field]
      if (typeof pk !== 'string' || isTestKey(pk) || rows('keys').get(pk.toLowerCase()) !== undefined) return []
      return `${field}: there is no key ${pk} in this world, so the test key of the mock is used`
    }),
  seedOf({ pk, name, ...provider }, { referring }) {
    const application = referring('applications', 'provider', pk) as Application | undefined
    return {
      pk,
      name,
      application: application ? { slug: application.slug, name: application.name } : null,
      ...provider,
    }
  },
}

/** What a body says of every OAuth2 provider. */
export const FIXED = {
  component: 'ak-provider-oauth2-form',
  assigned_backchannel_application_slug: null,
  assigned_backchannel_application_name: null,
  verbose_name: 'OAuth2/OpenID Provider',
  verbose_name_plural: 'OAuth2/OpenID Providers',
  meta_model_name: 'authentik_providers_oauth2.oauth2provider',
}

function ownTerms(given: Given, warn: (field: string, why: string) => void): Given {
  const {
    assigned_application_slug: slug,
    assigned_application_name: name,
    jwks_sources,
    ...own
  } = withoutFixed(given, FIXED, warn)
  if (jwks_sources !== undefined) own['jwt_federation_sources'] ??= jwks_sources
  if (typeof own['redirect_uris'] === 'string') own['redirect_uris'] = redirectUrisOfLines(own['redirect_uris'])
  if (slug === undefined && name !== undefined)
    warn('assigned_application_name', 'assigned_application_slug beside it must say of which application')
  if (slug !== undefined) own['application'] ??= slug === null ? null : { slug, name: name ?? slug }
  return own
}

/** Up to 2024.10.2 the redirect URIs were one text, a URI a line. */
function redirectUrisOfLines(lines: string): RedirectUri[] {
  if (lines === '') return []
  return lines.split('\n').map((url) => ({ matching_mode: url === '*' || url === '.*' ? 'regex' : 'strict', url }))
}

/** Where clients may send people for a login. */
export function loginUris({ redirect_uris }: Provider): RedirectUri[] {
  return redirect_uris.filter(({ redirect_uri_type }) => redirect_uri_type !== 'logout')
}

/** A provider of which nothing is said that a person would have chosen is made up as a whole. */
function isNamed({ name, application, client_id }: Given): boolean {
  return name !== undefined || application !== undefined || client_id !== undefined
}

function newProvider(given: Given, pk: number, { seed, people }: Context): Provider {
  const { name, application, property_mappings, scopes, client_type } = given as Partial<Provider> & {
    application?: { name: string } | null
  }
  return {
    pk,
    name: name ?? `Provider for ${(application ?? people.application(pk)).name}`,
    authentication_flow: null,
    authorization_flow: drawnUuid(seed, 'authorization_flow', 0),
    invalidation_flow: drawnUuid(seed, 'invalidation_flow', 0),
    property_mappings: (scopes ?? []).map((scope) => mappingOf(seed, scope)),
    scopes: property_mappings === undefined || property_mappings.length === 0 ? [] : DEFAULT_SCOPES,
    client_type: 'confidential',
    // The generated ones count up from 0.
    client_id: alphanumeric(seed, 'client_id', -pk, 40),
    client_secret: client_type === 'public' ? '' : alphanumeric(seed, 'client_secret', -pk, 128),
    access_code_validity: 'minutes=1',
    access_token_validity: 'hours=1',
    refresh_token_validity: 'days=30',
    refresh_token_threshold: 'seconds=0',
    include_claims_in_id_token: true,
    signing_key: null,
    encryption_key: null,
    redirect_uris: [],
    backchannel_logout_uri: '',
    logout_uri: '',
    logout_method: 'backchannel',
    sub_mode: 'hashed_user_id',
    issuer_mode: 'per_provider',
    jwt_federation_sources: [],
    jwt_federation_providers: [],
  }
}
