import { Configuration, Oauth2Api, ResponseError } from '@goauthentik/api'

/** The steps through the TypeScript client. */

const task = JSON.parse(process.env.TASK)
const apiAs = (accessToken) => new Oauth2Api(new Configuration({ basePath: `${task.url}/api/v3`, accessToken }))
const api = apiAs(task.superuser)

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
  'no permission': () => apiAs(task.plainUser).oauth2RefreshTokensDestroy({ id: task.ownRow }),
  destroy: () => api.oauth2RefreshTokensDestroy({ id: task.row }),
  'gone after destroy': () => retrieve(task.row),
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
