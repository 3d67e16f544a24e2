import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRecording } from '../replay/recording.js'
import { RELEASES, type Release } from '../src/authentik/releases.js'
import type { Fixtures, RefreshTokenBody } from '../src/index.js'

/** What every client is to do, in the world of the recordings, and what comes of it on a real authentik. */

const RECORDINGS = join(import.meta.dirname, '..', 'test', 'conformance')
const LIST = '/api/v3/oauth2/refresh_tokens/'

/** The world that was recorded, as seeds, and somebody who is signed in. */
const RECORDED_WORLD = join(RECORDINGS, '2026.2.2', 'world.json')
export const WORLD: Fixtures[] = [RECORDED_WORLD, { sessions: [{ user: 'jane' }] }]

export const TASK = {
  superuser: 'ada-superuser-token',
  plainUser: 'jane-plain-user-token',
  row: 1,
  rowWithoutApplication: 5,
  rowWithoutExpiry: 12,
  ownRow: 2,
  missingRow: 424242,
  user: 102,
  provider: 13,
  username: 'jane',
  application: 'grafana',
  group: 'engineering',
  scope: 'openid',
}
const PAGE_SIZE = 4

export interface Outcome {
  step: string
  ok: boolean
  detail: unknown
}

interface Exchange {
  method: string
  path: string
  as?: string
  status: number
  body?: string
  page?: Recording['page']
}

/** What was recorded of one release. */
export interface Recording {
  release: string
  rows: RefreshTokenBody[]
  /** Every row, in the order of a list by default. */
  page: object & { results: number[] }
  answerTo(method: string, path: string, as: string): Exchange
  neighbours: Neighbours
}

/** What was recorded next to the refresh tokens, which is of one release. */
export interface Neighbours {
  release: string
  /** By path, without what was asked for. */
  bodies: Map<string, string>
}

/** The recording of a release; where there is none, of the nearest before it, else of the first. */
export function recordingOf(release: Release): Recording {
  const before = RELEASES.slice(0, RELEASES.indexOf(release) + 1)
  const sameContract = RELEASES.filter(({ contract }) => contract === release.contract)
  const isRecorded = ({ evidence }: Release) => evidence === 'recorded'
  const { name } = (sameContract.find(isRecorded) ??
    before.findLast(isRecorded) ??
    RELEASES.find(isRecorded)) as Release
  const read = (file: string) => JSON.parse(readFileSync(join(RECORDINGS, name, file), 'utf8'))
  const exchanges: Exchange[] = read('exchanges.json')
  const answerTo = (method: string, path: string, as: string) =>
    exchanges.find((exchange) => exchange.method === method && exchange.path === path && exchange.as === as) as Exchange
  const { page = { results: [] } } = answerTo('GET', LIST, 'grace')
  return { release: name, rows: read('rows.json'), page, answerTo, neighbours: readNeighbours() }
}

function readNeighbours(): Neighbours {
  const { release, steps, bodies } = readRecording(join(RECORDINGS, 'oauth2', '2025.2.4', 'api.json'))
  const found = new Map<string, string>()
  for (const { name, path, status, responseBody, responseBodyAt } of steps) {
    const [pathname = ''] = path.split('?')
    // Only who asked with a cookie had a session.
    const caller = pathname.includes('sessions') ? 'session' : 'ada'
    const body = responseBody ?? bodies[responseBodyAt ?? Number.NaN]
    const isWanted = name === `${caller} ${path}` && status === 200 && !found.has(pathname)
    if (isWanted && body !== undefined) found.set(pathname, body)
  }
  return { release, bodies: found }
}

/** The outcome of each step where a client works, from the rows and errors of a recording. */
export function expectedOutcomes(recording: Recording, release: Release): Outcome[] {
  return [...outcomesOfTokens(recording), ...outcomesOfNeighbours(recording, release)]
}

/** Whether a step is one of those next to the refresh tokens. */
export function isNeighbour(step: string, recording: Recording): boolean {
  return outcomesOfTokens(recording).every((outcome) => outcome.step !== step)
}

/** The steps next to the refresh tokens. What all releases say of them is what was recorded of one. */
function outcomesOfNeighbours({ rows, neighbours }: Recording, release: Release): Outcome[] {
  const recorded = (path: string) => JSON.parse(neighbours.bodies.get(`/api/v3/${path}`) as string)
  const userOf = ({ pk, username, name, is_active }: Record<string, unknown>) => ({ pk, username, name, is_active })
  const user = userOf(recorded(`core/users/${TASK.user}/`))
  const { is_superuser, ...me } = recorded('core/users/me/').user
  const application = recorded(`core/applications/${TASK.application}/`)
  const { name, users } = recorded('core/groups/').results.find(({ name }: { name: string }) => name === TASK.group)
  const mapping = recorded('propertymappings/provider/scope/').results.find(
    ({ scope_name }: { scope_name: string }) => scope_name === TASK.scope,
  )
  const pks = rows.filter(({ user }) => user.pk === TASK.user).map(({ pk }) => pk)
  const details = {
    'users by name': { count: 1, users: [user] },
    me: { ...userOf(me), is_superuser },
    'user by key': user,
    'used by user': { pks },
    'application by slug': { slug: application.slug, name: application.name, provider: application.provider },
    'provider of application': { count: 1, pks: [application.provider] },
    'check access': { passing: recorded(`core/applications/${TASK.application}/check_access/`).passing },
    'API tokens': { count: 1, identifiers: [TASK.username] },
    sessions: { count: 1, users: [TASK.user] },
    'end session': null,
    'sessions left': { count: 0, users: [] },
    groups: [{ name, users }],
    configuration: { cache_timeout: recorded('root/config/').cache_timeout },
    version: { version_current: release.name },
    brand: { matched_domain: recorded('core/brands/current/').matched_domain },
    'scope mappings': [{ name: mapping.name, scope_name: mapping.scope_name }],
    'switch off': { ...user, is_active: false },
    'switched off': { ...user, is_active: false },
  }
  return Object.entries(details).map(([step, detail]) => ({ step, ok: true, detail }))
}

function outcomesOfTokens({ rows, answerTo }: Recording): Outcome[] {
  const done = (step: string, detail: unknown): Outcome => ({ step, ok: true, detail })
  const refused = (step: string, method: string, path: string, as: string): Outcome => {
    const { status, body } = answerTo(method, path, as)
    return { step, ok: false, detail: { status, body } }
  }
  const retrieved = (step: string, pk: number) => done(step, rowDetail(rows.find((row) => row.pk === pk)))
  const page = (step: string, listed: RefreshTokenBody[]) =>
    done(step, { count: listed.length, pks: listed.map(({ pk }) => pk) })
  const all = rows.map(({ pk }) => pk).sort((a, b) => b - a)

  return [
    retrieved('retrieve', TASK.row),
    retrieved('retrieve without application', TASK.rowWithoutApplication),
    retrieved('retrieve without expiry', TASK.rowWithoutExpiry),
    page('list', rows),
    page(
      'filter by user',
      rows.filter(({ user }) => user.pk === TASK.user),
    ),
    page(
      'filter by provider',
      rows.filter(({ provider }) => provider.pk === TASK.provider),
    ),
    done('every page', { pages: Math.ceil(rows.length / PAGE_SIZE), pks: all }),
    done('used by', []),
    refused('missing row', 'GET', `${LIST}${TASK.missingRow}/`, 'bot'),
    refused('bad filter', 'GET', `${LIST}?user=${TASK.missingRow}`, 'ada'),
    refused('no permission', 'DELETE', `${LIST}${TASK.ownRow}/`, 'jane'),
    done('destroy', null),
    { ...refused('missing row', 'GET', `${LIST}${TASK.missingRow}/`, 'bot'), step: 'gone after destroy' },
  ]
}

function rowDetail(row: RefreshTokenBody | undefined) {
  const { pk, provider, user, scope, expires, revoked, is_expired } = row as RefreshTokenBody
  const application = provider.assigned_application_slug
  const names = { provider: provider.name, application, user: user.username, email: user.email }
  return { pk, ...names, scope, expires, revoked, is_expired }
}

/** Whether two outcomes are the same: moments to the millisecond, and pages whose order nobody asked for as sets. */
export function isSame(some: Outcome, other: Outcome | undefined): boolean {
  return other !== undefined && comparable(some) === comparable(other)
}

function comparable({ step, ok, detail }: Outcome): string {
  const sorted = (key: string, value: unknown) => {
    if (key === 'expires' && typeof value === 'string') return new Date(value).getTime()
    if (key === 'pks' && step !== 'every page') return [...(value as number[])].sort((a, b) => a - b)
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  return JSON.stringify({ ok, detail }, sorted)
}
