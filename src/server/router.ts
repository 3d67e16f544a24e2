import { Server, type ServerResponse } from 'node:http'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifySchema } from 'fastify'
import { type Answer, bodyOf } from '../authentik/answer.js'
import { BodyBroken, collectBody } from '../authentik/body-bytes.js'
import { RequestContext } from '../authentik/context.js'
import { errorPage } from '../authentik/error-pages.js'
import type { Release } from '../authentik/releases.js'
import { dispatch, type Operation, type View } from '../authentik/view.js'
import { ErrorDetail, ValidationError } from '../authentik/wire-types.js'
import { PARTS, type Part, partAt, ROUTER_OPTIONS, viewAt } from '../routes/views.js'
import { lazy } from '../world/lazy.js'
import { memoizeAll } from '../world/memoize.js'
import { compilers } from './compilers.js'
import { frontAnswer, KNOWN_METHODS, protocolError, refuse } from './front.js'
import type { ControlPort, Respond } from './port.js'

/**
 * Every route: Fastify applications for each release, which all mocks of the process share. A connection knows the mock
 * whose client it is.
 */

/** What is a mock's own on the way of a request. */
export interface Owner {
  port: ControlPort
  /** Is told of errors that nobody handled. */
  fail: (error: unknown, response: ServerResponse) => void
}

declare module 'node:net' {
  interface Socket {
    /** The mock that was connected to. */
    owner?: Owner
  }
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void
type IncomingMessage = FastifyRequest['raw']
type Params = Record<string, string>

/** The ways into the applications of a release, for the connections of a mock. */
export interface Router {
  /** For requests as Node reads them. */
  handle: Handler
  /** For those that Node did not take for one. */
  answer: Handler
}

/** One part of the routes of a release. */
interface Application {
  beginning: string
  /** The way in; undefined: it is not built yet. */
  routing: Handler | undefined
  /** Builds it, the first time. */
  open: () => Promise<Handler>
}

const applicationsOf = memoizeAll((release: Release) => PARTS.map((part) => applicationOf(release, part)))

/** @param release what the schemas of the routes are of */
export function openRouter(release: Release, owner: Owner): Router {
  const { mount, hasControl, control } = owner.port
  /** The last of those who wait. */
  let waiting: Promise<void> | undefined
  const parts = applicationsOf(release)

  /** Who comes while somebody waits for routes waits, too: requests get to their routes in the order in which they came. */
  function route(path: string, request: IncomingMessage, response: ServerResponse): void {
    const { routing, open } = partAt(path, parts)
    if (routing !== undefined && waiting === undefined) return routing(request, response)
    const turn = Promise.all([open(), waiting])
      .then(([enter]) => enter(request, response))
      .catch((error) => owner.fail(error, response))
      .then(() => {
        if (waiting === turn) waiting = undefined
      })
    waiting = turn
  }

  return {
    handle(request, response) {
      try {
        const { isControl, routable } = mount.parse(request.url ?? '')
        // What a mock adds to authentik is an application of its own.
        if (hasControl && isControl) control(request, response)
        else route(routable, request, response)
      } catch (error) {
        owner.fail(error, response)
      }
    },
    answer(request, response) {
      // Fastify takes no method that Node does not know; none of them gets as far as a route.
      if (KNOWN_METHODS.has(request.method ?? '')) route(mount.parse(request.url ?? '').routable, request, response)
      else handle(owner, request, response, request.url ?? '', undefined, {})
    },
  }
}

function applicationOf(release: Release, part: Part): Application {
  const application: Application = {
    beginning: part.beginning,
    routing: undefined,
    open: lazy(async () => {
      const { routing } = await buildApplication(release, part)
      application.routing = routing
      return routing
    }),
  }
  return application
}

async function buildApplication(release: Release, part: Part): Promise<FastifyInstance> {
  const app = Fastify({
    // Each mock has servers of its own.
    serverFactory: () => new Server(),
    exposeHeadRoutes: false,
    genReqId: () => '',
    rewriteUrl: ({ url = '', socket }) => ownerOf(socket).port.mount.parse(url).routable,
    // What the HTTP parser does not take is answered by whoever manages the connections.
    clientErrorHandler: () => {},
    // authentik's own rules decide what a parameter may be, and bodies are text already: the schemas only say what they are.
    schemaController: compilers(() => () => true, String),
    routerOptions: ROUTER_OPTIONS,
  })
  // Answered before Fastify looks at a body or its type: that is left to the routes, and to authentik's rules.
  const handler = () => {}
  for (const route of routesOf(release, part)) app.route({ ...route, onRequest: answering(route.view), handler })
  // Methods that a view answers all alike: to register some thirty of them with each takes longer than everything else.
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done()
    const { raw, originalUrl, method, url } = request
    const found = method === 'CONNECT' ? undefined : viewAt(url)
    answering(found?.view)({ raw, originalUrl, params: found?.params ?? {} }, reply)
  })

  await app.ready()
  return app
}

/** Fastify's own way of replying is passed by, because it would reorder the headers. */
function answering(view: View | undefined) {
  return (
    { raw, originalUrl, params }: Pick<FastifyRequest, 'raw' | 'originalUrl' | 'params'>,
    reply: FastifyReply,
  ) => {
    reply.hijack()
    const owner = ownerOf(raw.socket)
    try {
      handle(owner, raw, reply.raw, originalUrl, view, params as Params)
    } catch (error) {
      owner.fail(error, reply.raw)
    }
  }
}

/** The way of every request. */
function handle(
  owner: Owner,
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
  view: View | undefined,
  params: Params,
): void {
  const { port } = owner
  const error = protocolError(request)
  if (error !== undefined) return refuse(response, ...error)
  const target = port.mount.parse(url)
  if (target.world !== undefined && port.turnAway(request, response, target.world)) return
  if (target.bytes === undefined) return refuse(response, 400, 'Bad Request')
  const world = port.locate(target.world)
  const ofRoute = view?.methods[request.method ?? '']?.bodyLimit ?? 0
  const sent = collectBody(request, Math.max(ofRoute, port.bodyLimit(world, target.decoded)))
  const ctx = new RequestContext(request, world, url, target.decoded, target.query.slice(1), sent)
  ctx.base = port.mount.base
  const answer = frontAnswer(ctx, target)
  ctx.isServed = answer !== undefined || view !== undefined
  ctx.isOutside = target.isOutside
  if (target.isOutside) ctx.reason = `authentik is served below ${ctx.base}/, and this path is outside of it`
  if (answer === undefined) {
    ctx.view = view
    ctx.params = params
  }
  port.intercept(ctx, response, (respond) => {
    if (answer !== undefined) respond(ctx, response, answer)
    else if (view === undefined) port.unserved(ctx, response, respond)
    else settle(owner, ctx, view, response, respond)
  })
}

function settle(owner: Owner, ctx: RequestContext, view: View, response: ServerResponse, respond: Respond): void {
  try {
    const answer = dispatch(view, ctx)
    if (!(answer instanceof Promise)) return respond(ctx, response, answer)
    answer
      .catch((error) => answerError(error, ctx))
      .then((later) => respond(ctx, response, later))
      .catch((error) => owner.fail(error, response))
  } catch (error) {
    respond(ctx, response, answerError(error, ctx))
  }
}

const BROKEN_BODY: Answer = {
  status: 400,
  contentType: 'text/plain; charset=utf-8',
  body: bodyOf('400 Bad Request'),
  from: 'router',
}

function answerError(error: unknown, ctx: RequestContext): Answer {
  if (error instanceof BodyBroken) {
    ctx.reason = error.message
    return BROKEN_BODY
  }
  ctx.reason = String(error)
  return errorPage(ctx, 500)
}

function ownerOf({ owner }: IncomingMessage['socket']): Owner {
  if (owner === undefined) throw new Error('a request came on the connection of no mock')
  return owner
}

interface Route {
  view: View
  url: string
  method: string[]
  schema: FastifySchema
}

/** For each view, the methods that share a schema. */
function routesOf(release: Release, { views }: Part): Route[] {
  return views.flatMap((view) => {
    const methods = new Map<Operation['schema'], string[]>()
    for (const [method, { schema }] of Object.entries(view.methods))
      methods.set(schema, [...(methods.get(schema) ?? []), method])
    const { url } = view
    return [...methods].map(([schema, method]) => ({ view, url, method, schema: schemaOf(schema, release) }))
  })
}

/** What a route takes and answers. */
function schemaOf(schema: Operation['schema'] = {}, release: Release): FastifySchema {
  const { params, querystring, response } = schema
  const answers = response && { 200: response(release), 400: ValidationError, 403: ErrorDetail }
  return { ...(params && { params }), ...(querystring && { querystring }), ...(answers && { response: answers }) }
}
