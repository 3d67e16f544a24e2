import {
  AdminApi,
  Configuration,
  CoreApi,
  Oauth2Api,
  PropertymappingsApi,
  ProvidersApi,
  ResponseError,
  RootApi,
} from '@goauthentik/api'

/** The steps through the TypeScript client. */

const task = JSON.parse(process.env.TASK)
const as = (accessToken) => new Configuration({ basePath: `${task.url}/api/v3`, accessToken })
const superuser = as(task.superuser)
const api = new Oauth2Api(superuser)
const core = new CoreApi(superuser)

const rowOf = ({ pk, provider, user, scope, expires, revoked, isExpired }) => ({
  pk,
  provider: provider.name,
  application: provider.assignedApplicationSlug || null,
  user: user.username,
  email: user.email,
  scope,
  expires: expires ?? null,
  revoked,
  is_expired: isExpired,
})
const pageOf = ({ pagination, results }) => ({ count: pagination.count, pks: results.map(({ pk }) => pk) })

async function everyPage() {
  const pks = []
  let pages = 0
  for (let page = 1; page > 0; pages++) {
    const { pagination, results } = await api.oauth2RefreshTokensList({ ordering: '-pk', page, pageSize: 4 })
    pks.push(...results.map(({ pk }) => pk))
    page = pagination.next
  }
  return { pages, pks }
}

const retrieve = async (id) => rowOf(await api.oauth2RefreshTokensRetrieve({ id }))
const list = async (query) => pageOf(await api.oauth2RefreshTokensList(query))

const userOf = ({ pk, username, name, isActive }) => ({ pk, username, name, is_active: isActive })
const me = ({ user }) => ({ ...userOf(user), is_superuser: user.isSuperuser })
const applicationOf = ({ slug, name, provider }) => ({ slug, name, provider })
const ofUser = { userUsername: task.username }

async function usersByName() {
  const { pagination, results } = await core.coreUsersList({ username: task.username })
  return { count: pagination.count, users: results.map(userOf) }
}

async function usedByUser() {
  const uses = await core.coreUsersUsedByList({ id: task.user })
  return { pks: uses.filter(({ modelName }) => modelName === 'refreshtoken').map(({ pk }) => Number(pk)) }
}

async function providerOfApplication() {
  const { pk: application } = await core.coreApplicationsRetrieve({ slug: task.application })
  return pageOf(await new ProvidersApi(superuser).providersOauth2List({ application }))
}

async function apiTokens() {
  const { pagination, results } = await core.coreTokensList(ofUser)
  return { count: pagination.count, identifiers: results.map(({ identifier }) => identifier) }
}

async function sessions() {
  const { pagination, results } = await core.coreAuthenticatedSessionsList(ofUser)
  return { count: pagination.count, users: results.map(({ user }) => user) }
}

async function endSession() {
  const [{ uuid }] = (await core.coreAuthenticatedSessionsList(ofUser)).results
  await core.coreAuthenticatedSessionsDestroy({ uuid })
}

async function groups() {
  const { results } = await core.coreGroupsList({ name: task.group })
  return results.map(({ name, users }) => ({ name, users }))
}

async function scopeMappings() {
  const query = { scopeName: task.scope }
  const { results } = await new PropertymappingsApi(superuser).propertymappingsProviderScopeList(query)
  return results.map(({ name, scopeName }) => ({ name, scope_name: scopeName }))
}

const steps = {
  retrieve: () => retrieve(task.row),
  'retrieve without application': () => retrieve(task.rowWithoutApplication),
  'retrieve without expiry': () => retrieve(task.rowWithoutExpiry),
  list: () => list({}),
  'filter by user': () => list({ user: task.user }),
  'filter by provider': () => list({ provider: task.provider }),
  'every page': everyPage,
  'used by': () => api.oauth2RefreshTokensUsedByList({ id: task.row }),
  'missing row': () => retrieve(task.missingRow),
  'bad filter': () => list({ user: task.missingRow }),
  'no permission': () => new Oauth2Api(as(task.plainUser)).oauth2RefreshTokensDestroy({ id: task.ownRow }),
  destroy: () => api.oauth2RefreshTokensDestroy({ id: task.row }),
  'gone after destroy': () => retrieve(task.row),
  'users by name': usersByName,
  me: async () => me(await core.coreUsersMeRetrieve()),
  'user by key': async () => userOf(await core.coreUsersRetrieve({ id: task.user })),
  'used by user': usedByUser,
  'application by slug': async () => applicationOf(await core.coreApplicationsRetrieve({ slug: task.application })),
  'provider of application': providerOfApplication,
  'check access': async () => ({
    passing: (await core.coreApplicationsCheckAccessRetrieve({ slug: task.application })).passing,
  }),
  'API tokens': apiTokens,
  sessions,
  'end session': endSession,
  'sessions left': sessions,
  groups,
  configuration: async () => ({ cache_timeout: (await new RootApi(superuser).rootConfigRetrieve()).cacheTimeout }),
  version: async () => ({
    version_current: (await new AdminApi(superuser).adminVersionRetrieve()).versionCurrent,
  }),
  brand: async () => ({ matched_domain: (await core.coreBrandsCurrentRetrieve()).matchedDomain }),
  'scope mappings': scopeMappings,
  'switch off': async () =>
    userOf(await core.coreUsersPartialUpdate({ id: task.user, patchedUserRequest: { isActive: false } })),
  'switched off': async () => userOf(await core.coreUsersRetrieve({ id: task.user })),
}

async function outcomeOf(call) {
  try {
    return { ok: true, detail: (await call()) ?? null }
  } catch (error) {
    if (!(error instanceof ResponseError)) return { ok: false, detail: { error: String(error) } }
    return { ok: false, detail: { status: error.response.status, body: await error.response.text() } }
  }
}

for (const [step, call] of Object.entries(steps)) console.log(JSON.stringify({ step, ...(await outcomeOf(call)) }))
