import bearerAuth from '@fastify/bearer-auth'
import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import type { TSchema } from 'typebox'
import { compilers } from '../server/compilers.js'
import { jsonText } from '../world/json.js'
import { createCheck } from '../world/load/check.js'
import { readJsonText } from '../world/load/json-text.js'
import { FixtureError, type Mistake } from '../world/load/mistakes.js'
import type { Problem } from './bodies.js'
import type { Control } from './control.js'
import { FormError } from './form-error.js'
import { ControlError, PROBLEM, problemOf } from './problem.js'
import { caRoutes } from './routes/ca.js'
import { cleanUpRoutes } from './routes/clean-up.js'
import { clockRoutes } from './routes/clock.js'
import { consoleRoutes, isForConsole } from './routes/console.js'
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
import type { World } from './worlds/world.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** The world that a control request is about, once it was asked for. */
    controlledWorld: World | null
    /** Finds it: asked only once the request was found to be a good one. */
    findWorld(): World
    /** What is odd about the text of the body, such as a number that comes back otherwise. */
    bodyWarnings: string[] | null
  }
}

const MAX_BODY = 32 * 1024 * 1024
/** In a body, of any kind. Each takes many times the memory of the three bytes that it may come in. */
const MAX_VALUES = 500_000

/** The application under `/_mock/`: all of what a mock adds to authentik, apart from the application that plays it. */
export async function buildControl(control: Control): Promise<FastifyInstance> {
  const { worlds, mount } = control
  const app = Fastify({
    frameworkErrors(error, _, reply) {
      sendProblem(reply, problemOf(error))
    },
    bodyLimit: MAX_BODY,
    exposeHeadRoutes: false,
    rewriteUrl({ url = '' }) {
      const { path, query } = mount.parse(url)
      return path + query
    },
    schemaController: compilers(checkOf, jsonText),
    routerOptions: { ignoreTrailingSlash: true },
  })
  app.decorateRequest('controlledWorld', null)
  app.decorateRequest('bodyWarnings', null)
  app.decorateRequest('findWorld', function () {
    this.controlledWorld ??= worlds.find(mount.parse(this.originalUrl).world)
    return this.controlledWorld
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    try {
      if (body === '') return done(null, undefined)
      const { value, warnings } = readJsonText(String(body), 'body', MAX_VALUES)
      request.bodyWarnings = warnings
      done(null, value)
    } catch (error) {
      done(error instanceof FixtureError ? error : new ControlError(400, (error as Error).message))
    }
  })
  app.setErrorHandler((error, _, reply) => {
    const problem = problemOf(error)
    if (problem.status === 503) control.log.warn(problem.detail)
    else if (problem.status >= 500) control.log.error(error)
    return sendProblem(reply, problem)
  })
  const known = createKnownRoutes()
  app.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) known.add(each, url.replace(/\/+$/, ''))
  })
  app.setNotFoundHandler(({ method, url }) => {
    throw known.refusal(method, url)
  })
  // A world that a request began is there once the request has done something, and not if it was refused.
  app.addHook('onSend', async ({ controlledWorld }, reply) => {
    if (controlledWorld !== null && reply.statusCode < 400) worlds.keep(controlledWorld)
  })

  control.replication?.takeTurns(app)
  await app.register(swagger, { openapi: documentOf(control) })
  if (control.token !== undefined) {
    await app.register(bearerAuth, {
      addHook: false,
      keys: new Set([control.token]),
      contentType: PROBLEM,
      errorResponse: (error) => ({ ...problemOf(error), error: error.message }),
    })
    app.addHook('onRequest', (request, reply, done) => {
      if (isForConsole(request)) done()
      else app.verifyBearerAuth?.(request, reply, done)
    })
  }
  for (const routes of [
    infoRoutes,
    releaseRoutes,
    consoleRoutes,
    fixtureRoutes,
    rowListRoutes,
    rowRoutes,
    secretRoutes,
    issueRoutes,
    deviceCodeRoutes,
    cleanUpRoutes,
    historyRoutes,
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
  ])
    routes(app, control)
  app.get('/_mock/openapi.json', { schema: { hide: true } }, () => app.swagger())
  await app.ready()
  return app
}

/** Typebox checks what is sent, as it does for fixtures. A body that was not sent is null. */
function checkOf({ schema, httpPart = '' }: { schema: TSchema; httpPart?: string }) {
  const check = createCheck(schema)
  return (given: unknown) => {
    const value = httpPart === 'querystring' ? withTypes(given, schema) : given
    const found = (mistake: Mistake) => (given === null && mistake.path === '' ? 'nothing' : mistake.found)
    const mistakes = check(value, { file: httpPart, path: '' }).map((one) => ({ ...one, found: found(one) }))
    return mistakes.length === 0 ? { value } : { error: new FormError(mistakes) }
  }
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 503) reply.header('Retry-After', '1')
  return reply.code(problem.status).type(PROBLEM).send(problem)
}

/** Query parameters are texts; those that should be numbers or say yes or no become so, if they look like it. */
function withTypes(query: unknown, { properties = {} }: { properties?: Record<string, { type?: string }> }): object {
  const entries = Object.entries(query as Record<string, string>).map(([name, value]) => {
    const type = properties[name]?.type ?? ''
    if (type === 'boolean' && /^(?:|true|false)$/.test(value)) return [name, value !== 'false']
    const isNumber = /^(?:integer|number)$/.test(type) && /^-?\d+(?:\.\d+)?$/.test(value)
    return [name, isNumber ? Number(value) : value]
  })
  return Object.fromEntries(entries)
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
