import t from 'tap'
import type { Change } from '../../src/world/change.js'
import { microsOf } from '../../src/world/instant.js'
import { SHIPPED_WORLD } from '../../src/world/load/shipped.js'
import { startWorld } from '../../src/world/start.js'
import type { WireAnswer, WireRequest } from '../http.js'
import { random } from '../random.js'
import { type Served, serveSnapshot } from './served.js'

/**
 * What happens to a world is a log of plain JSON: whoever applies it to the same beginning, in order, answers the same.
 * Sessions of random steps are played over HTTP, and their logs applied to a second world.
 */

const API = '/api/v3/oauth2'
const STEPS = 150
const ROOT = { Authorization: 'Bearer root' }
const CLIENT = { client_id: 'grafana', client_secret: 'grafana-client-secret' }
const FIELDS: { [section: string]: (pick: Pick) => object } = {
  groups: ({ number }) => ({ name: `group ${number(9)}`, is_superuser: number(2) === 0 }),
  users: ({ number }) => ({ username: `user-${number(9)}`, is_active: number(4) > 0, groups: ['IT-Betrieb'] }),
  providers: ({ number }) => ({ name: `provider ${number(5)}`, client_id: `client-${number(5)}` }),
  applications: ({ number }) => ({ slug: `app-${number(5)}`, name: `App ${number(5)}` }),
  refresh_tokens: ({ number }) => ({ user: 10, provider: 1, expires: `hours=${1 + number(60)}` }),
  access_tokens: ({ number }) => ({ user: 10, provider: 1, expires: `hours=${1 + number(9)}` }),
  authorization_codes: () => ({ user: 10, provider: 1 }),
  tokens: ({ number }) => ({ name: `key-${number(2)}`, key: `key-${number(2)}`, user: 10, expires: 'hours=20' }),
}

interface Pick {
  number(below: number): number
  of<T>(values: readonly T[]): T
}

interface Session {
  served: Served
  pick: Pick
  /** Refresh and access tokens that were given out. */
  secrets: string[]
  /** The refresh tokens among them. */
  refreshTokens: string[]
}

type Step = (session: Session) => WireRequest

const control = (method: string, path: string, body?: object): WireRequest => ({
  method,
  path: `/_mock${path}`,
  ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
})

const form = (path: string, fields: Record<string, string>): WireRequest => ({
  method: 'POST',
  path: `/application/o/${path}/`,
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  body: String(new URLSearchParams(fields)),
})

const fieldsOf = (section: string, pick: Pick) => FIELDS[section]?.(pick) ?? {}

const rowOf = ({ served, pick }: Session) => {
  const section = pick.of(Object.keys(FIELDS))
  const keys = [...served.world.database.table(section).keys()]
  return { section, key: encodeURIComponent(String(keys.length === 0 ? 'none' : pick.of(keys))) }
}

const STEP_KINDS: Record<string, Step> = {
  'a row is created'({ pick }) {
    const section = pick.of(Object.keys(FIELDS))
    return control('POST', `/${section}`, fieldsOf(section, pick))
  },
  'a row is changed'(session) {
    const { section, key } = rowOf(session)
    const { name: _, client_id, ...fields } = fieldsOf(section, session.pick) as { name?: string; client_id?: string }
    return control('PATCH', `/${section}/${key}`, fields)
  },
  'a row is deleted by control'(session) {
    const { section, key } = rowOf(session)
    return control('DELETE', section === 'providers' ? `/${section}/2` : `/${section}/${key}`)
  },
  'a row is deleted by the API': ({ served, pick }) => ({
    method: 'DELETE',
    path: `${API}/refresh_tokens/${pick.of([...served.world.database.refresh_tokens.keys(), 0])}/`,
    headers: ROOT,
  }),
  'a key that may have expired is used': ({ pick }) => ({
    path: `${API}/refresh_tokens/`,
    headers: { Authorization: `Bearer key-${pick.number(2)}` },
  }),
  'time goes on': ({ pick }) => control('POST', '/clock/advance', { by: `minutes=${1 + pick.number(600)}` }),
  'time stands still, or runs': ({ pick }) => control('PUT', '/clock', { frozen: pick.number(2) === 0 }),
  'a fault is added': ({ pick }) =>
    control('POST', '/faults', {
      ...{ status: 503, times: 1 + pick.number(3), skip: pick.number(2) },
      ...{ path: pick.of(['/api/**', '/application/**']), after: pick.number(2) === 0 },
    }),
  'faults are removed': ({ pick }) => control('DELETE', pick.of(['/faults', '/faults/1', '/faults/2'])),
  'another release is served': ({ pick }) => control('PUT', '/release', { release: pick.of(['2025.2', '2025.12.4']) }),
  'fixtures are merged in': ({ pick }) =>
    control('POST', '/fixtures', { refresh_tokens: [{ user: { username: `merged-${pick.number(3)}` }, provider: 1 }] }),
  'fixtures take the place of all': ({ pick }) =>
    pick.number(4) > 0
      ? { path: '/-/health/live/' }
      : control('PUT', '/fixtures', {
          users: [{ pk: 10, username: 'ten' }],
          groups: [{ name: 'IT-Betrieb' }],
          providers: [{ pk: 1, name: 'one', ...CLIENT }],
          refresh_tokens: [{ pk: 7 }],
        }),
  'everything begins again': ({ pick }) =>
    pick.number(4) > 0 ? { path: '/-/health/live/' } : control('POST', '/reset'),
  'a client is granted a token': () => form('token', { ...CLIENT, grant_type: 'client_credentials' }),
  'a refresh token is used': ({ refreshTokens, pick }) =>
    form('token', {
      ...CLIENT,
      grant_type: 'refresh_token',
      refresh_token: pick.of(['none', ...refreshTokens.slice(-2)]),
    }),
  'a refresh token is issued'({ secrets, refreshTokens }) {
    const token = `issued-${secrets.length}`
    secrets.push(token)
    refreshTokens.push(token)
    return control('POST', '/refresh_tokens', { user: 10, provider: 1, scope: ['openid', 'offline_access'], token })
  },
  'a token is revoked': ({ secrets, pick }) => form('revoke', { ...CLIENT, token: pick.of([...secrets, 'none']) }),
}

/** What a world answers to everybody who asks for it. */
function everything({ served, secrets }: Session): WireRequest[] {
  const { database } = served.world
  const resources = ['refresh_tokens', 'access_tokens', 'authorization_codes'] as const
  return [
    control('GET', '/fixtures'),
    control('GET', '/faults'),
    control('GET', '/clock'),
    control('GET', '/'),
    ...Object.keys(database.kinds).flatMap((section) =>
      [...database.table(section).keys()].map((key) => control('GET', `/${section}/${encodeURIComponent(key)}`)),
    ),
    ...resources.flatMap((section) =>
      Array.from({ length: STEPS }, (_, i) => control('GET', `/${section}/${i + 1}/history`)),
    ),
    ...resources.flatMap((section) =>
      ['', '?ordering=-expires&page_size=3', ...[...database.table(section).keys()].map((key) => `${key}/`)].map(
        (rest) => ({ path: `${API}/${section}/${rest}`, headers: ROOT }),
      ),
    ),
    ...[...database.applications.keys()].flatMap((key) =>
      ['jwks/', '.well-known/openid-configuration'].map((rest) => ({
        path: `/application/o/${database.applications.get(key)?.slug}/${rest}`,
      })),
    ),
    ...secrets.map((token) => form('introspect', { ...CLIENT, token })),
    ...secrets.map((token) => ({
      path: '/application/o/userinfo/',
      headers: { Authorization: `Bearer ${token}` },
    })),
  ]
}

const shown = ({ status, body }: WireAnswer) => ({ status, body })

const succeeded = new Set<string>()

for (const seed of [1, 2, 3, 4]) {
  t.test(
    `the log of session ${seed}, applied to another world, leads to the same answers; so does what it came to`,
    async (t) => {
      const { snapshot } = await startWorld({
        sources: [SHIPPED_WORLD],
        ...{ generate: seed % 2 === 0 ? 50 : 0, seed, token: 'root', begin: microsOf('2026-05-06T07:08:09.101112Z') },
      })
      const log: string[] = []
      await using served = await serveSnapshot(snapshot, (_, changes) => log.push(JSON.stringify(changes)))
      const next = random(seed)
      const pick: Pick = { number: next, of: (values) => values[next(values.length)] as (typeof values)[number] }
      const session: Session = { served, pick, secrets: [], refreshTokens: [] }
      for (let i = 0; i < STEPS; i++) {
        const name = pick.of(Object.keys(STEP_KINDS))
        const answer = await served.ask((STEP_KINDS[name] as Step)(session))
        if (answer.status >= 500 && answer.status !== 503) t.fail(`${name}: ${answer.status} ${answer.body}`)
        if (answer.status < 300) succeeded.add(name)
        const secrets = secretsIn(answer)
        session.secrets.push(...secrets)
        if (name === 'a refresh token is used') session.refreshTokens.push(...secrets)
      }
      await served.ask(control('PUT', '/clock', { frozen: true }))
      // What was asked of a server is no part of its world.
      await served.ask(control('DELETE', '/requests'))

      await using other = await serveSnapshot(snapshot)
      for (const changes of log) other.world.apply(...(JSON.parse(changes) as Change[]))
      await using restored = await serveSnapshot(snapshot)
      restored.behind.restore(JSON.parse(JSON.stringify(other.behind.save())))
      let compared = 0
      for (const request of everything(session)) {
        const [wanted, got] = [shown(await served.ask(request)), shown(await other.ask(request))]
        if (JSON.stringify(got) !== JSON.stringify(wanted))
          t.strictSame(got, wanted, `${request.method} ${request.path}`)
        const saved = shown(await restored.ask(request))
        if (JSON.stringify(saved) !== JSON.stringify(wanted)) t.strictSame(saved, wanted, `${request.path}, as saved`)
        compared++
      }
      t.ok(log.length > STEPS / 3, `${log.length} changes`)
      t.ok(compared > 20, `${compared} answers`)
    },
  )
}

t.test('the sessions had a bit of everything', async (t) => {
  t.strictSame([...succeeded].sort(), Object.keys(STEP_KINDS).sort())
})

/** Tokens that an answer gives out, in the endpoints' words or as fields of a row. */
function secretsIn({ body }: WireAnswer): string[] {
  return [...body.matchAll(/"(?:access_token|refresh_token|token)": ?"([^"]+)"/g)].map(([, secret]) => secret as string)
}
