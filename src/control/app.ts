import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import bearerAuth from '@fastify/bearer-auth'
import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import type { TSchema } from 'typebox'
import { compilers } from '../compilers.js'
import type { Log } from '../log.js'
import type { Baseline } from '../world/baseline.js'
import { createCheck } from '../world/fixtures/check.js'
import type { Document } from '../world/fixtures/collect.js'
import { parseJson } from '../world/fixtures/files.js'
import { FixtureError } from '../world/fixtures/mistakes.js'
import type { Micros } from '../world/instant.js'
import { ControlError, problemOf } from './problem.js'
import type { Reporter } from './report/report.js'
import { clockRoutes } from './routes/clock.js'
import { faultRoutes } from './routes/faults.js'
import { fixtureRoutes } from './routes/fixtures.js'
import { infoRoutes } from './routes/info.js'
import { reportRoutes } from './routes/report.js'
import { requestRoutes } from './routes/requests.js'
import { rowRoutes } from './routes/rows.js'
import { worldRoutes } from './routes/worlds.js'
import type { Problem } from './schema.js'
import type { Waits } from './waits.js'
import type { Worlds } from './worlds.js'

/** What the control API works on. */
export interface Control {
  worlds: Worlds
  version: string
  /** What made-up values are a function of. */
  seed: number
  /** The key that control requests must show; undefined: none. */
  token: string | undefined
  log: Log
  reporter: Reporter
  waits: Waits
  /** Puts the rows of other documents together; relative times count from `now`. */
  begin(documents: Document[], now: Micros): Promise<Baseline>
}

const MAX_BODY = 32 * 1024 * 1024
const PROBLEM = 'application/problem+json'

/** The application under `/_mock/`: all of what a mock adds to authentik, apart from the application that plays it. */
export async function buildControl(control: Control): Promise<FastifyInstance> {
  const app = Fastify({
    frameworkErrors(error, _, reply) {
      sendProblem(reply, problemOf(error))
    },
    bodyLimit: MAX_BODY,
    exposeHeadRoutes: false,
    schemaController: compilers(checkOf, JSON.stringify),
    routerOptions: { ignoreTrailingSlash: true },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => {
    try {
      done(null, body === '' ? undefined : parseJson(String(body)))
    } catch (error) {
      done(new ControlError(400, (error as Error).message))
    }
  })
  app.setErrorHandler((error, _, reply) => {
    const problem = problemOf(error)
    if (problem.status >= 500) control.log.error(error)
    return sendProblem(reply, problem)
  })
  app.setNotFoundHandler(({ method, url }) => {
    throw new ControlError(404, `${method} ${url} is no control request; see /_mock/openapi.json`)
  })
  app.addHook('onRequest', async ({ headers }) => refusePages(headers))

  await app.register(swagger, { openapi: documentOf(control) })
  if (control.token !== undefined)
    await app.register(bearerAuth, {
      keys: new Set([control.token]),
      contentType: PROBLEM,
      errorResponse: (error) => ({ ...problemOf(error), error: error.message }),
    })
  for (const routes of [
    infoRoutes,
    fixtureRoutes,
    rowRoutes,
    clockRoutes,
    faultRoutes,
    requestRoutes,
    reportRoutes,
    worldRoutes,
  ])
    routes(app, control)
  app.get('/_mock/openapi.json', { schema: { hide: true } }, () => app.swagger())
  await app.ready()
  return app
}

/** Typebox checks what is sent, as it does for fixtures. A body that was not sent is an empty object. */
function checkOf({ schema, httpPart = '' }: { schema: TSchema; httpPart?: string }) {
  const check = createCheck(schema)
  return (given: unknown) => {
    const value = httpPart === 'querystring' ? withNumbers(given, schema) : given === undefined ? {} : given
    const mistakes = check(value, { file: httpPart, path: '' })
    return mistakes.length === 0 ? { value } : { error: new FixtureError(mistakes) }
  }
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.code(problem.status).type(PROBLEM).send(problem)
}

/** Query parameters are texts; those that should be numbers become numbers, if they look like one. */
function withNumbers(query: unknown, { properties = {} }: { properties?: Record<string, { type?: string }> }): object {
  const entries = Object.entries(query as Record<string, string>).map(([name, value]) => {
    const isNumber = /^(?:integer|number)$/.test(properties[name]?.type ?? '') && /^-?\d+(?:\.\d+)?$/.test(value)
    return [name, isNumber ? Number(value) : value]
  })
  return Object.fromEntries(entries)
}

/** A page in a browser must not drive the mock, not even one whose name leads to this machine. */
function refusePages({ origin, host, 'sec-fetch-site': site }: IncomingHttpHeaders): void {
  const isForeign = origin !== undefined && !isOwn(origin, host)
  if (!isForeign && site !== 'cross-site' && site !== 'same-site') return
  throw new ControlError(403, `a page${origin === undefined ? '' : ` of ${origin}`} may not drive the mock`)
}

function isOwn(origin: string, host = ''): boolean {
  const name = host.replace(/:\d+$/, '')
  return origin === `http://${host}` && (name === 'localhost' || isIP(name.replace(/^\[|\]$/g, '')) !== 0)
}

function documentOf({ version, token }: Control) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'The control API of authentik-mock',
      version,
      description: 'Every path also works in a world of its own, under /@name/.',
    },
    ...(token !== undefined && {
      components: { securitySchemes: { key: { type: 'http' as const, scheme: 'bearer' } } },
      security: [{ key: [] }],
    }),
  }
}
