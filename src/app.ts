import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifySchema,
  type FastifyServerOptions,
} from 'fastify'
import { answerNeighbour, neighbours } from './api/neighbours.js'
import { VIEWS } from './api/views.js'
import type { Answer } from './authentik/answer.js'
import type { Respond } from './authentik/front.js'
import { pageView } from './authentik/pages.js'
import type { Release } from './authentik/releases.js'
import { ErrorDetail, ValidationError } from './authentik/schema.js'
import { judge, type View } from './authentik/view.js'
import type { Visit } from './authentik/visit.js'
import { createOnce, type Log } from './log.js'

const MAX_PATH = 1024 * 1024

/** authentik's own rules decide what a parameter may be, and bodies are text already: the schemas only say what they are. */
const AS_IT_IS = {
  compilersFactory: { buildValidator: () => () => () => true, buildSerializer: () => () => String },
} as unknown as NonNullable<FastifyServerOptions['schemaController']>

type Request = FastifyRequest<{ Params: { id?: string } }>

/** The application that stands behind the front server: every route of the mock, in reading order. It does not listen. */
export function buildApp(respond: Respond, release: Release, log: Log): FastifyInstance {
  const app = Fastify({
    exposeHeadRoutes: false,
    schemaController: AS_IT_IS,
    routerOptions: { maxParamLength: MAX_PATH },
  })

  /** Fastify's own way of replying is passed by, because it would reorder the headers. */
  function answering(answer: (visit: Visit, request: Request) => Answer) {
    return (request: Request, reply: FastifyReply): void => {
      const { visit } = request.raw
      if (visit === undefined) throw new Error('a request must come through the front server')
      const answered = answer(visit, request)
      reply.hijack()
      respond(reply.raw, visit, answered)
    }
  }

  for (const view of VIEWS) {
    app.get(
      view.url,
      { schema: schemaOf(view, release) },
      answering((visit, { params }) => judge(view, visit, params.id ?? '')),
    )
  }
  app.get('/api/v3/schema/', async (request, reply) => {
    const { answerSchema } = await import('./api/v3/schema.js')
    answering(answerSchema)(request as Request, reply)
  })
  for (const [url, page] of Object.entries(neighbours))
    app.get(
      url,
      answering((visit) => answerNeighbour(visit, page)),
    )

  const unserved = createOnce(log)
  app.setNotFoundHandler(
    answering((visit) => {
      unserved(visit.path, `${visit.path} is not served by this mock: answered as authentik answers an unknown path`)
      return pageView(visit, 404)
    }),
  )
  app.setErrorHandler((error, request, reply) => {
    log.error(error)
    answering((visit) => pageView(visit, 500))(request as Request, reply)
  })
  return app
}

/** What a route takes and answers, at the release that the mock began with. */
function schemaOf({ params, querystring, body }: View, release: Release): FastifySchema {
  const response = { 200: body(release), 400: ValidationError, 403: ErrorDetail }
  return { ...(params && { params }), ...(querystring && { querystring }), response }
}
