import { timingSafeEqual } from 'node:crypto'
import bearerAuth from '@fastify/bearer-auth'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import { compilers } from '../server/compilers.js'
import { jsonText } from '../world/json.js'
import { createCheck } from '../world/load/check.js'
import { readJsonText } from '../world/load/json-text.js'
import { FixtureError, type Mistake } from '../world/load/mistakes.js'
import type { Problem } from './bodies.js'
import { controlOf } from './control.js'
import { FormError } from './form-error.js'
import { ControlError, PROBLEM, problemOf } from './problem.js'
import { isForConsole } from './routes/console.js'
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

/**
 * An application under `/_mock/`, with some or all of what a mock adds to authentik.
 *
 * @param add registers its routes
 * @param refusal what is said of a request that none of them takes
 */
export async function buildApp(
  add: (app: FastifyInstance) => unknown,
  refusal: (method: string, url: string) => Promise<ControlError>,
): Promise<FastifyInstance> {
  const app = Fastify({
    frameworkErrors(error, _, reply) {
      sendProblem(reply, problemOf(error))
    },
    bodyLimit: MAX_BODY,
    exposeHeadRoutes: false,
    rewriteUrl({ url = '', socket }) {
      const { path, query } = controlOf(socket).mount.parse(url)
      return path + query
    },
    schemaController: compilers(checkOf, jsonText),
    routerOptions: { ignoreTrailingSlash: true },
  })
  app.decorateRequest('control', {
    getter() {
      return controlOf(this.raw.socket)
    },
  })
  app.decorateRequest('controlledWorld', null)
  app.decorateRequest('endTurn', null)
  app.decorateRequest('bodyWarnings', null)
  app.decorateRequest('findWorld', function () {
    const { worlds, mount } = this.control
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
  app.setErrorHandler((error, { control: { log } }, reply) => {
    const problem = problemOf(error)
    if (problem.status === 503) log.warn(problem.detail)
    else if (problem.status >= 500) log.error(error)
    return sendProblem(reply, problem)
  })
  app.setNotFoundHandler(async ({ method, url }) => {
    throw await refusal(method, url)
  })
  // Few mocks share their worlds with others: hooks that all the others wait for would cost each request a tenth.
  app.addHook('preHandler', (request, reply, done) => {
    const { replication } = request.control
    if (replication === undefined) done()
    else replication.beginTurn(request, reply).then(() => done(), done)
  })
  app.addHook('onSend', (request, reply, _, done) => {
    const { controlledWorld, control } = request
    // A world that a request began is there once the request has done something, and not if it was refused.
    if (controlledWorld !== null && reply.statusCode < 400) control.worlds.keep(controlledWorld)
    if (control.replication === undefined) done()
    else control.replication.endTurn(request, reply).then(() => done(), done)
  })

  await app.register(bearerAuth, {
    addHook: false,
    keys: [],
    auth: (key: string, { control }: FastifyRequest) => isSameKey(key, control.token ?? ''),
    contentType: PROBLEM,
    errorResponse: (error) => ({ ...problemOf(error), error: error.message }),
  })
  app.addHook('onRequest', (request, reply, done) => {
    if (request.control.token === undefined || isForConsole(request)) done()
    else app.verifyBearerAuth?.(request, reply, done)
  })
  await add(app)
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

function isSameKey(shown: string, key: string): boolean {
  const [given, wanted] = [Buffer.from(shown), Buffer.from(key)]
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
