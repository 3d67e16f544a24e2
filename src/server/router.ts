import { METHODS, type Server, type ServerResponse } from 'node:http'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifySchema } from 'fastify'
import type { Answer } from '../authentik/answer.js'
import { RequestContext } from '../authentik/context.js'
import { errorPage } from '../authentik/pages.js'
import type { Release } from '../authentik/releases.js'
import { collectBody } from '../authentik/request-body.js'
import { dispatch, type Operation, type View } from '../authentik/view.js'
import { ErrorDetail, ValidationError } from '../authentik/wire-types.js'
import { ROUTER_OPTIONS, VIEWS, viewAt } from '../routes/views.js'
import { compilers } from './compilers.js'
import { frontAnswer, KNOWN_METHODS, protocolError, refuse } from './front.js'
import type { ControlPort, Respond } from './port.js'

/** Every route of a mock: one Fastify application, which owns its server. */

export interface RouterSettings {
  /** What the schemas of the routes are of. */
  release: Release
  port: ControlPort
  createServer: (handler: Handler) => Server
  /** Is told of errors that nobody handled. */
  fail: (error: unknown, response: ServerResponse) => void
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void
type IncomingMessage = FastifyRequest['raw']
type Params = Record<string, string>

/** The application, and the way into it for a request that Node did not take for one. */
export interface Router {
  app: FastifyInstance
  answer: Handler
}

export function buildApp({ release, port, createServer, fail }: RouterSettings): Router {
  const { mount, hasControl } = port
  const app = Fastify({
    // What a mock adds to authentik is an application of its own.
    serverFactory: (application) =>
      createServer((request, response) => {
        try {
          if (hasControl && mount.parse(request.url ?? '').isControl) port.control(request, response)
          else application(request, response)
        } catch (error) {
          fail(error, response)
        }
      }),
    exposeHeadRoutes: false,
    genReqId: () => '',
    rewriteUrl: ({ url = '' }) => mount.parse(url).routable,
    // What the HTTP parser does not take is answered by whoever manages the connections.
    clientErrorHandler: () => {},
    // authentik's own rules decide what a parameter may be, and bodies are text already: the schemas only say what they are.
    schemaController: compilers(() => () => true, String),
    routerOptions: ROUTER_OPTIONS,
  })
  for (const method of METHODS) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true })
  // Bodies are left to the routes: authentik reads none where it does not expect one.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))

  /** Fastify's own way of replying is passed by, because it would reorder the headers. */
  function answering(view: View | undefined) {
    return (
      { raw, originalUrl, params }: Pick<FastifyRequest, 'raw' | 'originalUrl' | 'params'>,
      reply: FastifyReply,
    ) => {
      reply.hijack()
      try {
        handle(raw, reply.raw, originalUrl, view, params as Params)
      } catch (error) {
        fail(error, reply.raw)
      }
    }
  }

  /** The way of every request. */
  function handle(
    request: IncomingMessage,
    response: ServerResponse,
    url: string,
    view: View | undefined,
    params: Params,
  ): void {
    const error = protocolError(request)
    if (error !== undefined) return refuse(response, ...error)
    const target = mount.parse(url)
    if (target.world !== undefined && port.turnAway(request, response, target.world)) return
    if (target.bytes === undefined) return refuse(response, 400, 'Bad Request')
    const world = port.locate(target.world)
    const ofRoute = view?.methods[request.method ?? '']?.bodyLimit ?? 0
    const sent = collectBody(request, Math.max(ofRoute, port.bodyLimit(world, target.decoded)))
    const ctx = new RequestContext(request, world, url, target.decoded, target.query.slice(1), sent)
    ctx.base = mount.base
    const answer = frontAnswer(ctx, target)
    ctx.isServed = answer !== undefined || view !== undefined
    if (answer === undefined) {
      ctx.view = view
      ctx.params = params
    }
    port.intercept(ctx, response, (respond) => {
      if (answer !== undefined) respond(ctx, response, answer)
      else if (ctx.view === undefined) port.unserved(ctx, response, respond)
      else settle(ctx, ctx.view, response, respond)
    })
  }

  function settle(ctx: RequestContext, view: View, response: ServerResponse, respond: Respond): void {
    try {
      const answer = dispatch(view, ctx)
      if (!(answer instanceof Promise)) return respond(ctx, response, answer)
      answer
        .catch((error) => answerError(error, ctx))
        .then((later) => respond(ctx, response, later))
        .catch((error) => fail(error, response))
    } catch (error) {
      respond(ctx, response, answerError(error, ctx))
    }
  }

  function answerError(error: unknown, ctx: RequestContext): Answer {
    ctx.reason = String(error)
    return errorPage(ctx, 500)
  }

  for (const route of routesOf(release)) app.route({ ...route, handler: answering(route.view) })
  // Methods that a view answers all alike: to register some thirty of them with each takes longer than everything else.
  app.setNotFoundHandler(({ raw, originalUrl, method, url }: FastifyRequest, reply) => {
    const found = method === 'CONNECT' ? undefined : viewAt(url)
    answering(found?.view)({ raw, originalUrl, params: found?.params ?? {} }, reply)
  })

  return {
    app,
    answer(request, response) {
      // Fastify takes no method that Node does not know; none of them gets as far as a route.
      if (KNOWN_METHODS.has(request.method ?? '')) app.routing(request, response)
      else handle(request, response, request.url ?? '', undefined, {})
    },
  }
}

interface Route {
  view: View
  url: string
  method: string[]
  schema: FastifySchema
}

const routes = new WeakMap<Release, Route[]>()

/** The routes of a release, made once for all mocks: for each view, the methods that share a schema. */
function routesOf(release: Release): Route[] {
  const known = routes.get(release)
  if (known !== undefined) return known
  const made = VIEWS.flatMap((view) => {
    const methods = new Map<Operation['schema'], string[]>()
    for (const [method, { schema }] of Object.entries(view.methods))
      methods.set(schema, [...(methods.get(schema) ?? []), method])
    const { url } = view
    return [...methods].map(([schema, method]) => ({ view, url, method, schema: schemaOf(schema, release) }))
  })
  routes.set(release, made)
  return made
}

/** What a route takes and answers. */
function schemaOf(schema: Operation['schema'] = {}, release: Release): FastifySchema {
  const { params, querystring, response } = schema
  const answers = response && { 200: response(release), 400: ValidationError, 403: ErrorDetail }
  return { ...(params && { params }), ...(querystring && { querystring }), ...(answers && { response: answers }) }
}
