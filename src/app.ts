import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifySchema } from 'fastify'
import { answerNeighbour, neighbours } from './api/neighbours.js'
import { VIEWS } from './api/views.js'
import type { Answer } from './authentik/answer.js'
import type { Handler, Respond } from './authentik/front.js'
import { pageView } from './authentik/pages.js'
import type { Release } from './authentik/releases.js'
import { ErrorDetail, ValidationError } from './authentik/schema.js'
import { judge, type View } from './authentik/view.js'
import type { Visit } from './authentik/visit.js'
import { compilers } from './compilers.js'
import type { Log } from './log.js'
import { lazy, lazyImport } from './world/lazy.js'

const MAX_PATH = 1024 * 1024

type Request = FastifyRequest<{ Params: { id?: string } }>

/** Where the application of one mock puts its answers, and what it tells of those that are no good. */
export interface Outlet {
  respond: Respond
  log: Log
  /** Warns of a path that no route knows. */
  unserved: (path: string) => void
}

declare module 'node:http' {
  interface IncomingMessage {
    /** Set by the mock that hands the request to the application. */
    outlet?: Outlet
  }
}

const apps = new Map<Release, () => Promise<Handler>>()

/** The application of a release. Its routes are the same in every mock of a process, so it is built once. */
export function appOf(release: Release): Promise<Handler> {
  const known = apps.get(release)
  if (known !== undefined) return known()
  const build = lazy(async () => {
    const app = buildApp(release)
    await app.ready()
    return app.routing
  })
  apps.set(release, build)
  return build()
}

const loadSchema = lazyImport(async () => (await import('./api/v3/schema.js')).answerSchema)

/** What stands behind the front server: every route of the mock, in reading order. It does not listen. */
function buildApp(release: Release): FastifyInstance {
  const app = Fastify({
    exposeHeadRoutes: false,
    genReqId: () => '',
    // authentik's own rules decide what a parameter may be, and bodies are text already: the schemas only say what they are.
    schemaController: compilers(() => () => true, String),
    routerOptions: { maxParamLength: MAX_PATH },
  })

  /** Fastify's own way of replying is passed by, because it would reorder the headers. */
  function answering(answer: (visit: Visit, request: Request) => Answer) {
    return (request: Request, reply: FastifyReply): void => {
      const { visit, outlet } = request.raw
      if (visit === undefined || outlet === undefined) throw new Error('a request must come through a front server')
      const answered = answer(visit, request)
      reply.hijack()
      outlet.respond(reply.raw, visit, answered)
    }
  }

  for (const view of VIEWS) {
    app.get(
      view.url,
      { schema: schemaOf(view, release) },
      answering((visit, { params }) => judge(view, visit, params.id)),
    )
  }
  app.get('/api/v3/schema/', async (request, reply) => {
    answering(await loadSchema())(request as Request, reply)
  })
  for (const [url, page] of Object.entries(neighbours))
    app.get(
      url,
      answering((visit) => answerNeighbour(visit, page)),
    )

  app.setNotFoundHandler(
    answering((visit, { raw }) => {
      raw.outlet?.unserved(visit.path)
      return pageView(visit, 404)
    }),
  )
  app.setErrorHandler((error, request, reply) => {
    request.raw.outlet?.log.error(error)
    answering((visit) => pageView(visit, 500))(request as Request, reply)
  })
  return app
}

/** What a route takes and answers, at the release that the mock began with. */
function schemaOf({ params, querystring, body }: View, release: Release): FastifySchema {
  const response = { 200: body(release), 400: ValidationError, 403: ErrorDetail }
  return { ...(params && { params }), ...(querystring && { querystring }), response }
}
