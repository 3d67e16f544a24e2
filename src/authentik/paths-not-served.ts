import type { RequestContext } from './context.js'

/**
 * Paths that a real authentik answers, and this mock does not: there an answer may say so in a header. Anywhere else the
 * mock answers an unknown path as authentik does, byte for byte.
 */

/** What lies below `/api/v3/`, by application: the routes of its API, of any release. */
const API: Record<string, string> = {
  admin: 'apps|file|metrics|models|settings|system|system_tasks|version|workers',
  authenticators: 'admin|all|duo|email|endpoint|sms|static|totp|webauthn',
  core: 'application_entitlements|applications|authenticated_sessions|brands|groups|tokens|transactional|user_consent|users',
  crypto: 'certificatekeypairs',
  endpoints: 'agents|connectors|device|device_access_groups|device_bindings|devices|enrollment|fleet|stages',
  enterprise: 'license',
  events: 'events|notifications|rules|system_tasks|transports',
  flows: 'bindings|executor|inspector|instances',
  lifecycle: 'iterations|reviews|rules',
  managed: 'blueprints',
  outposts: 'instances|ldap|proxy|radius|service_connections',
  policies: 'all|bindings|dummy|event_matcher|expression|geoip|password|password_expiry|reputation|unique_password',
  propertymappings: 'all|notification|provider|source',
  providers:
    'all|google_workspace|google_workspace_groups|google_workspace_users|ldap|microsoft_entra|microsoft_entra_groups|microsoft_entra_users|oauth2|proxy|rac|radius|saml|scim|scim_groups|scim_users|ssf|wsfed',
  rac: 'connection_tokens|endpoints',
  rbac: 'initial_permissions|permissions|roles',
  reports: 'exports',
  root: 'config',
  sources: 'all|group_connections|kerberos|ldap|oauth|plex|saml|scim|scim_groups|scim_users|telegram|user_connections',
  ssf: 'streams',
  stages:
    'all|authenticator|captcha|consent|deny|dummy|email|identification|invitation|mtls|password|prompt|redirect|source|user_delete|user_login|user_logout|user_write|account_lockdown',
  tasks: 'schedules|tasks|workers',
  tenants: 'domains|tenants',
}

const OF_API = /^\/api\/v3\/(\w+)\/(\w+)\/(?:.*\/)?$/s
/** The pages and files of its user interface, and other protocols. */
const OF_PAGES = /^\/(?:application\/(?:o\/device\/$|saml\/)|device$|flows\/-\/|if\/|media\/|source\/|static\/|ws\/)/

/** Whether authentik would have another answer than that there is nothing at this path. */
export function isKnownPath({ path }: RequestContext): boolean {
  const [, application = '', first = ''] = OF_API.exec(path) ?? []
  if (application !== '')
    return Object.hasOwn(API, application) && API[application]?.split('|').includes(first) === true
  return OF_PAGES.test(path)
}
