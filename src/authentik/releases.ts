import { FIRST_OAUTH2, type OAuth2Traits } from '../oauth2/traits.js'

/**
 * Every difference between the releases of authentik, in one table: a line says what changed against the line above.
 * The rest of the program asks a `Release` and never compares numbers.
 */
export interface Traits {
  /** The keys of the objects on the wire, in order. */
  providerKeys: string[]
  userKeys: string[]
  groupKeys: string[]
  listKeys: string[]
  /** The backchannel application of a provider is always null; whether its two keys are there changes. */
  backchannelKeys: 'absent' | 'null'
  /** The provider in a body: all of it, or only what providers of every kind have. */
  providerView: 'full' | 'general'
  redirectUris: 'lines' | 'list'
  /** `email_verified` of authentik's own e-mail mapping. */
  emailVerified: boolean
  /** Whether an id_token has a `jti`. */
  jti: boolean
  /** What is said of an id that is a number without a row; `{model}` is Django's name of its kind. */
  missingRow: string
  emptyPage: 'invalid' | 'first'
  nullCharacters: 'ignored' | 'refused'
  pageSize: number
  maxPageSize: number
  includeRoles: boolean
  /** How many groups a group may be below. */
  groupParents: 'one' | 'several'
  /** What a scheme other than Bearer makes of the caller. */
  otherSchemes: 'refused' | 'anonymous'
  /** Whether Accept-Language is read. */
  languages: boolean
  jsonType: string
  /** How the empty answer to an impossible Host ends. */
  impossibleHost: 'chunked' | 'length'
  /** Who answers /-/health/live/. */
  livenessBy: 'application' | 'front'
  metricsStatus: 401 | 404
  /** Whether /api/v3/root/config/ speaks of the cache for reputation. */
  reputationCache: boolean
  /** The keys of bodies next to the refresh tokens, in order: recorded at 2025.2.4, elsewhere as authentik's clients have them. */
  neighbourKeys: NeighbourKeys
  /** Whether recordings show what stands next to the refresh tokens, or it follows from those of another release. */
  neighbours: 'recorded' | 'derived'
  /** What becomes of an expired API token when it is used. */
  expiredToken: 'deleted' | 'kept'
  /** The answer while the application starts. */
  starting: 'bad gateway' | 'unavailable'
  oauth2: OAuth2Traits
  document: DocumentTraits
}

export interface NeighbourKeys {
  /** Of a user who asks about himself. */
  me: string[]
  /** Of a group at its own endpoint. */
  group: string[]
  application: string[]
  brand: string[]
  /** Of the flags of a brand. */
  flags: string[]
  /** Not of a body: parameters of lists that not all releases read. */
  parameters: string[]
}

/** What changes in authentik's OpenAPI document alone. */
export interface DocumentTraits {
  basePath: '/api/v3/' | '/api/v3'
  /** Whether parameters and refusals that operations have in common stand among the components. */
  sharesComponents: boolean
  groupComponent: 'UserGroup' | 'PartialGroup'
  /** How long the name of a role may be. */
  roleName: { maxLength?: number }
  /** Whether the flows of a provider may be null. */
  nullFlows: boolean
  usedByActions: string[]
  /** Components whose required keys stand in the order of the wire; those of all others are sorted. */
  unsorted: string[]
  /** Name and scheme. */
  securitySchemes: Record<string, string>
}

export interface Release extends Traits {
  name: string
  /** The keys of a provider in authentik's OpenAPI document, which are not always those that are sent. */
  documentedProviderKeys: string[]
  /** Parameters that other releases read. */
  absentParameters: string[]
  /** The keys of a provider at its own endpoint, and of one among all kinds of providers. */
  fullProviderKeys: string[]
  generalProviderKeys: string[]
  /** The file of the OpenAPI contract that describes it. */
  contract: string
  /** Whether a recording of this very release is part of the tests, or the contract alone speaks for it. */
  evidence: 'recorded' | 'derived'
}

interface Line {
  contract: string
  minor: string
  patches: number[]
  /** Patches that a recording was made of. */
  recorded?: number[]
  changes: (before: Traits) => Partial<Traits>
}

const GENERAL_PROVIDER_KEYS = [
  ...['pk', 'name', 'authentication_flow', 'authorization_flow', 'invalidation_flow', 'property_mappings', 'component'],
  ...['assigned_application_slug', 'assigned_application_name'],
  ...['verbose_name', 'verbose_name_plural', 'meta_model_name'],
]

const FIRST_NEIGHBOURS: NeighbourKeys = {
  me: [
    ...['pk', 'username', 'name', 'is_active', 'is_superuser', 'groups', 'email', 'avatar', 'uid', 'settings', 'type'],
    'system_permissions',
  ],
  group: [
    ...['pk', 'num_pk', 'name', 'is_superuser', 'parent', 'parent_name', 'users', 'users_obj', 'attributes', 'roles'],
    'roles_obj',
  ],
  application: [
    ...['pk', 'name', 'slug', 'provider', 'provider_obj', 'backchannel_providers', 'backchannel_providers_obj'],
    ...['launch_url', 'open_in_new_tab', 'meta_launch_url', 'meta_icon', 'meta_description', 'meta_publisher'],
    ...['policy_engine_mode', 'group'],
  ],
  brand: [
    ...['matched_domain', 'branding_title', 'branding_logo', 'branding_favicon', 'ui_footer_links', 'ui_theme'],
    ...['flow_authentication', 'flow_invalidation', 'flow_user_settings', 'default_locale'],
  ],
  flags: [],
  parameters: ['last_ip', 'last_user_agent'],
}

const FIRST: Traits = {
  providerKeys: [
    ...GENERAL_PROVIDER_KEYS,
    ...['client_type', 'client_id', 'client_secret'],
    ...['access_code_validity', 'access_token_validity', 'refresh_token_validity', 'include_claims_in_id_token'],
    ...['signing_key', 'encryption_key', 'redirect_uris', 'sub_mode', 'issuer_mode', 'jwks_sources'],
  ],
  userKeys: [
    ...['pk', 'username', 'name', 'is_active', 'last_login', 'is_superuser', 'groups', 'groups_obj', 'email', 'avatar'],
    ...['attributes', 'uid', 'path', 'type', 'uuid'],
  ],
  groupKeys: ['pk', 'num_pk', 'name', 'is_superuser', 'parent', 'parent_name', 'attributes'],
  listKeys: ['pagination', 'results'],
  backchannelKeys: 'absent',
  providerView: 'full',
  redirectUris: 'lines',
  emailVerified: true,
  jti: false,
  missingRow: 'Not found.',
  emptyPage: 'invalid',
  nullCharacters: 'ignored',
  pageSize: 100,
  maxPageSize: Number.MAX_SAFE_INTEGER,
  includeRoles: false,
  groupParents: 'one',
  otherSchemes: 'refused',
  languages: false,
  jsonType: 'application/json; charset=utf-8',
  impossibleHost: 'chunked',
  livenessBy: 'application',
  metricsStatus: 401,
  reputationCache: true,
  neighbourKeys: FIRST_NEIGHBOURS,
  neighbours: 'derived',
  expiredToken: 'deleted',
  starting: 'bad gateway',
  oauth2: FIRST_OAUTH2,
  document: {
    basePath: '/api/v3/',
    sharesComponents: false,
    groupComponent: 'UserGroup',
    roleName: {},
    nullFlows: false,
    usedByActions: ['cascade', 'cascade_many', 'set_null', 'set_default'],
    unsorted: ['Pagination', 'PaginatedTokenModelList'],
    securitySchemes: { authentik: 'bearer' },
  },
}

const LINES: Line[] = [
  { contract: '2024.10.2', minor: '2024.10', patches: [0, 1, 2], changes: () => FIRST },
  { contract: '2024.10', minor: '2024.10', patches: [3, 4, 5], changes: () => ({ redirectUris: 'list' }) },
  {
    contract: '2024.12',
    minor: '2024.12',
    patches: [0, 1, 2, 3, 4, 5],
    recorded: [3],
    changes: ({ providerKeys }) => ({
      providerKeys: replaceKey(providerKeys, 'jwks_sources', 'jwt_federation_sources', 'jwt_federation_providers'),
      livenessBy: 'front',
    }),
  },
  {
    contract: '2025.2',
    minor: '2025.2',
    patches: [0, 1, 2, 3, 4],
    recorded: [4],
    changes: ({ userKeys, oauth2 }) => ({
      userKeys: [...userKeys, 'password_change_date'],
      neighbours: 'recorded',
      oauth2: { ...oauth2, revocation: 'any token', deactivation: 'tokens of sessions' },
    }),
  },
  {
    contract: '2025.4',
    minor: '2025.4',
    patches: [0, 1, 2, 3, 4],
    recorded: [4],
    changes: ({ userKeys, neighbourKeys, oauth2 }) => ({
      userKeys: replaceKey(userKeys, 'last_login', 'last_login', 'date_joined'),
      neighbourKeys: {
        ...neighbourKeys,
        brand: keysAfter(neighbourKeys.brand, 'branding_favicon', 'branding_custom_css'),
        parameters: ['session__last_ip', 'session__last_user_agent'],
      },
      neighbours: 'derived',
      oauth2: { ...oauth2, deactivation: 'all tokens' },
      missingRow: 'No {model} matches the given query.',
      emptyPage: 'first',
      nullCharacters: 'refused',
    }),
  },
  { contract: '2025.6', minor: '2025.6', patches: [0, 1, 2, 3, 4], recorded: [4], changes: () => ({}) },
  {
    contract: '2025.8.5',
    minor: '2025.8',
    patches: [0, 1, 2, 3, 4, 5],
    recorded: [1],
    changes: ({ providerKeys, userKeys, listKeys, neighbourKeys, oauth2, document }) => ({
      neighbourKeys: {
        ...neighbourKeys,
        group: [...neighbourKeys.group, 'children', 'children_obj'],
        brand: [...neighbourKeys.brand, 'flags'],
        flags: ['policies_buffered_access_view'],
        parameters: [
          ...[...neighbourKeys.parameters, 'include_children'],
          ...momentParameters('date_joined'),
          ...momentParameters('last_updated'),
        ],
      },
      document: { ...document, basePath: '/api/v3' },
      oauth2: { ...oauth2, errorRequestId: true, backchannelLogout: true, deviceErrors: 'JSON' },
      providerKeys: replaceKey(providerKeys, 'redirect_uris', 'redirect_uris', 'backchannel_logout_uri'),
      userKeys: [...userKeys, 'last_updated'],
      listKeys: [...listKeys, 'autocomplete'],
    }),
  },
  { contract: '2025.8', minor: '2025.8', patches: [6], changes: () => ({ backchannelKeys: 'null' }) },
  {
    contract: '2025.10.3',
    minor: '2025.10',
    patches: [0, 1, 2, 3],
    changes: ({ providerKeys, neighbourKeys, oauth2, document }) => ({
      neighbourKeys: { ...neighbourKeys, flags: ['policies_buffered_access_view', 'flows_refresh_others'] },
      oauth2: { ...oauth2, rotation: 'time since expiry', refreshTokenPlace: 'last', accessTokenScope: true },
      document: {
        ...document,
        sharesComponents: true,
        groupComponent: 'PartialGroup',
        unsorted: ['PaginatedTokenModelList'],
      },
      backchannelKeys: 'absent',
      providerKeys: replaceKey(
        replaceKey(providerKeys, 'refresh_token_validity', 'refresh_token_validity', 'refresh_token_threshold'),
        'backchannel_logout_uri',
        'logout_uri',
        'logout_method',
      ),
      emailVerified: false,
      reputationCache: false,
      languages: true,
      impossibleHost: 'length',
      starting: 'unavailable',
    }),
  },
  { contract: '2025.10', minor: '2025.10', patches: [4], changes: () => ({ backchannelKeys: 'null' }) },
  {
    contract: '2025.12.1',
    minor: '2025.12',
    patches: [0, 1],
    changes: ({ userKeys, groupKeys, neighbourKeys, document }) => ({
      neighbourKeys: {
        ...neighbourKeys,
        me: keysAfter(neighbourKeys.me, 'groups', 'roles'),
        group: keysAfter(
          replaceKey(replaceKey(neighbourKeys.group, 'parent', 'parents', 'parents_obj'), 'parent_name'),
          'roles_obj',
          'inherited_roles_obj',
        ),
        application: keysAfter(neighbourKeys.application, 'meta_icon', 'meta_icon_url'),
        parameters: [...neighbourKeys.parameters, 'include_parents', 'include_inherited_roles', 'include_roles'],
      },
      document: {
        ...document,
        roleName: { maxLength: 150 },
        usedByActions: [...document.usedByActions, 'left_dangling'],
      },
      backchannelKeys: 'absent',
      userKeys: replaceKey(userKeys, 'groups_obj', 'groups_obj', 'roles', 'roles_obj'),
      groupKeys: replaceKey(replaceKey(groupKeys, 'parent'), 'parent_name'),
      pageSize: 20,
      maxPageSize: 100,
      includeRoles: true,
      groupParents: 'several',
      otherSchemes: 'anonymous',
    }),
  },
  {
    contract: '2025.12.4',
    minor: '2025.12',
    patches: [2, 3, 4],
    recorded: [4],
    changes: ({ neighbourKeys }) => ({
      backchannelKeys: 'null',
      neighbourKeys: {
        ...neighbourKeys,
        application: keysAfter(neighbourKeys.application, 'meta_icon_url', 'meta_icon_themed_urls'),
        brand: keysAfter(
          keysAfter(neighbourKeys.brand, 'branding_logo', 'branding_logo_themed_urls'),
          'branding_favicon',
          'branding_favicon_themed_urls',
        ),
      },
    }),
  },
  {
    contract: '2025.12',
    minor: '2025.12',
    patches: [5, 6],
    changes: ({ neighbourKeys }) => ({
      providerView: 'general',
      neighbourKeys: {
        ...neighbourKeys,
        flags: ['policies_buffered_access_view', 'flows_continuous_login', 'flows_refresh_others'],
      },
    }),
  },
  {
    contract: '2026.2.2',
    minor: '2026.2',
    patches: [0, 1, 2],
    recorded: [2],
    changes: ({ neighbourKeys, oauth2, document }) => ({
      neighbourKeys: {
        ...neighbourKeys,
        flags: [
          ...['enterprise_audit_include_expanded_diff', 'policies_buffered_access_view', 'flows_continuous_login'],
          'flows_refresh_others',
        ],
        parameters: [...neighbourKeys.parameters, ...momentParameters('last_login'), 'last_login__isnull'],
      },
      document: { ...document, roleName: {} },
      oauth2: {
        ...oauth2,
        basicCredentials: 'percent-decoded',
        offlineAccess: 'asks for nothing',
        loginHint: 'fills in the user',
        requestParameter: 'judged first',
        idTokenAlone: 'alone',
        endSessionInFlow: 'a page',
        appPasswords: 'of active users',
        assertionWithoutKid: 'invalid_grant',
      },
      providerView: 'full',
      jti: true,
      jsonType: 'application/json',
    }),
  },
  {
    contract: '2026.2',
    minor: '2026.2',
    patches: [3, 4, 5, 6],
    changes: ({ oauth2 }) => ({ providerView: 'general', oauth2: { ...oauth2, rotation: 'time left' } }),
  },
  {
    contract: '2026.5',
    minor: '2026.5',
    patches: [0, 2, 3, 4, 5, 6],
    changes: ({ neighbourKeys, oauth2, document }) => ({
      neighbourKeys: {
        ...neighbourKeys,
        application: [...neighbourKeys.application, 'meta_hide'],
        flags: [
          ...['core_default_app_access', 'enterprise_audit_include_expanded_diff', 'flows_continuous_login'],
          'flows_refresh_others',
        ],
      },
      document: { ...document, unsorted: [] },
      oauth2: { ...oauth2, revocation: 'own and federated tokens' },
      metricsStatus: 404,
      expiredToken: 'kept',
    }),
  },
  {
    contract: '2026.8',
    minor: '2026.8',
    patches: [3],
    changes: ({ neighbourKeys, document }) => ({
      neighbourKeys: {
        ...neighbourKeys,
        me: keysAfter(neighbourKeys.me, 'is_superuser', 'is_current'),
        application: keysAfter(neighbourKeys.application, 'pk', 'pbm_uuid'),
        brand: keysAfter(neighbourKeys.brand, 'branding_custom_css', 'branding_map_tiles'),
        flags: ['flows_continuous_login', 'flows_refresh_others'],
      },
      document: {
        ...document,
        nullFlows: true,
        securitySchemes: {
          ...document.securitySchemes,
          authentik_device_auth: 'bearer+agent',
          authentik_device_enroll: 'bearer',
          authentik_device_federation: 'bearer',
        },
      },
    }),
  },
]

export const DEFAULT_RELEASE = '2025.2'

/** Every known release, the oldest first. */
export const RELEASES: Release[] = readTable()

function readTable(): Release[] {
  let traits = FIRST
  const lines = LINES.map((line) => {
    traits = { ...traits, ...line.changes(traits) }
    const shown = {
      ...traits,
      providerKeys: shownProviderKeys(traits),
      documentedProviderKeys: shownProviderKeys({ ...traits, backchannelKeys: 'null' }),
      fullProviderKeys: shownProviderKeys({ ...traits, providerView: 'full' }),
      generalProviderKeys: shownProviderKeys({ ...traits, providerView: 'general' }),
    }
    return { line, shown }
  })
  const parameters = new Set(lines.flatMap(({ shown }) => shown.neighbourKeys.parameters))
  return lines.flatMap(({ line: { contract, minor, patches, recorded = [] }, shown }) => {
    const own = shown.neighbourKeys.parameters
    const absentParameters = [...parameters].filter((parameter) => !own.includes(parameter))
    return patches.map((patch) => ({
      name: `${minor}.${patch}`,
      contract,
      evidence: recorded.includes(patch) ? ('recorded' as const) : ('derived' as const),
      absentParameters,
      ...shown,
    }))
  })
}

/** A moment itself, after and before. */
function momentParameters(name: string): string[] {
  return [name, `${name}__gt`, `${name}__lt`]
}

/** The same keys with others in the place of one. */
function replaceKey(keys: string[], key: string, ...others: string[]): string[] {
  return keys.flatMap((own) => (own === key ? others : [own]))
}

/** The same keys with others behind one. */
function keysAfter(keys: string[], key: string, ...others: string[]): string[] {
  return replaceKey(keys, key, key, ...others)
}

function shownProviderKeys({ providerKeys, backchannelKeys, providerView }: Traits): string[] {
  const keys = providerView === 'full' ? providerKeys : GENERAL_PROVIDER_KEYS
  if (backchannelKeys === 'absent') return keys
  const pair = ['assigned_backchannel_application_slug', 'assigned_backchannel_application_name']
  return replaceKey(keys, 'assigned_application_name', 'assigned_application_name', ...pair)
}

/** The release of a name such as `2025.2.4`, `2025.2` (its last patch) or `latest`. */
export function findRelease(name: string): Release | undefined {
  if (name === 'latest') return RELEASES.at(-1)
  if (!/^\d{4}\.\d/.test(name)) return undefined
  return (
    RELEASES.find((release) => release.name === name) ??
    RELEASES.findLast((release) => release.name.startsWith(`${name}.`))
  )
}

/** The known release that is next to an unknown one by its numbers. Undefined: the name is no release at all. */
export function nearestRelease(name: string): Release | undefined {
  const position = positionOf(name)
  if (Number.isNaN(position)) return undefined
  const ranked = RELEASES.map((release) => ({ release, distance: Math.abs(positionOf(release.name) - position) }))
  return ranked.sort((a, b) => a.distance - b.distance)[0]?.release
}

function positionOf(name: string): number {
  const [, year, month, patch = '0'] = /^(\d{4})\.(\d{1,2})(?:\.(\d{1,3}))?$/.exec(name) ?? []
  return Number(year) * 12 + Number(month) + Number(patch) / 1000
}
