import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import type { Kinds } from '../world/kinds/registry.js'
import { lazy } from '../world/lazy.js'
import { memoizeAll } from '../world/memoize.js'
import { buildApp } from './app.js'
import type { Control } from './control.js'
import { caRoutes } from './routes/ca.js'
import { cleanUpRoutes } from './routes/clean-up.js'
import { clockRoutes } from './routes/clock.js'
import { consoleRoutes } from './routes/console.js'
import { deviceCodeRoutes } from './routes/device-codes.js'
import { eventRoutes } from './routes/events.js'
import { faultRoutes } from './routes/faults.js'
import { fixtureRoutes } from './routes/fixtures.js'
import { historyRoutes } from './routes/history.js'
import { infoRoutes } from './routes/info.js'
import { issueRoutes } from './routes/issue.js'
import { lookRoutes } from './routes/look.js'
import { presetRoutes } from './routes/presets.js'
import { releaseRoutes } from './routes/releases.js'
import { reportRoutes } from './routes/report.js'
import { requestRoutes } from './routes/requests.js'
import { rowListRoutes } from './routes/row-lists.js'
import { rowRoutes } from './routes/rows.js'
import { secretRoutes } from './routes/secrets.js'
import { stubRoutes } from './routes/stubs.js'
import { worldRoutes } from './routes/worlds.js'
import { createKnownRoutes } from './unknown-route.js'

/**
 * The ways into the control API, which all mocks of a process share that have the same kinds of rows. Its routes are put in
 * place when one of them is first asked for: those of a kind of row, or all that are about no kind. All of them together
 * take as long as everything else that a short test does.
 */

type Add = (app: FastifyInstance, kinds: Kinds) => void
type Handler = FastifyInstance['routing']

const OF_KINDS: Add[] = [rowListRoutes, rowRoutes, secretRoutes, historyRoutes, issueRoutes, deviceCodeRoutes]
const OTHERS: Add[] = [
  infoRoutes,
  releaseRoutes,
  consoleRoutes,
  fixtureRoutes,
  cleanUpRoutes,
  clockRoutes,
  faultRoutes,
  presetRoutes,
  stubRoutes,
  requestRoutes,
  eventRoutes,
  reportRoutes,
  lookRoutes,
  worldRoutes,
  caRoutes,
]

const DOCUMENT_PATH = '/_mock/openapi.json'

/** Finds the way in for a path, decoded. */
export const partsOf = memoizeAll((kinds: Kinds): ((path: string) => Promise<Handler>) => {
  const all = lazy(() => describeAll(kinds))
  const refusal = async (method: string, url: string) => (await all()).known.refusal(method, url)
  const open = (adds: Add[], own: Kinds) =>
    lazy(async () => {
      const app = await buildApp((app) => register(app, adds, own), refusal)
      return app.routing
    })
  const documentRoute: Add = (app) =>
    app.get(DOCUMENT_PATH, async ({ control }) => documentOf((await all()).document, control))
  const others = open([...OTHERS, documentRoute], kinds)
  const ofKind = memoizeAll((section: string) => open(OF_KINDS, { [section]: kinds[section] } as Kinds))
  return (path) => {
    const [, , section = ''] = path.split('/', 3)
    return Object.hasOwn(kinds, section) ? ofKind(section)() : others()
  }
}, new WeakMap())

function register(app: FastifyInstance, adds: Add[], kinds: Kinds): void {
  for (const add of adds) add(app, kinds)
}

/** For the OpenAPI document, and for what an unknown route may be meant for. */
async function describeAll(kinds: Kinds) {
  const known = createKnownRoutes()
  known.add('GET', DOCUMENT_PATH)
  const app = await buildApp(
    async (app) => {
      app.addHook('onRoute', ({ method, url }) => {
        for (const each of [method].flat()) known.add(each, url.replace(/\/+$/, ''))
      })
      await app.register(swagger, { openapi: DOCUMENT })
      register(app, [...OTHERS, ...OF_KINDS], kinds)
    },
    async (method, url) => known.refusal(method, url),
  )
  return { known, document: app.swagger() as OpenApi }
}

const INFO = {
  title: 'The control API of authentik-mock',
  description: 'Every path also works in a world of its own, under /@name/.',
}
const DOCUMENT = { openapi: '3.1.0', info: { ...INFO, version: '' } }

interface OpenApi {
  components?: object
}

/** The OpenAPI document with what is a mock's own. */
function documentOf(document: OpenApi, { version, token }: Control) {
  const whole = { ...document, info: { ...INFO, version } }
  if (token === undefined) return whole
  const components = { ...document.components, securitySchemes: { key: { type: 'http', scheme: 'bearer' } } }
  return { ...whole, components, security: [{ key: [] }] }
}
