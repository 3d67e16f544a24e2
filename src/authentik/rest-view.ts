import { type Answer, bodyOf } from './answer.js'
import { authenticate } from './bearer-auth.js'
import type { RequestContext } from './context.js'
import { methodNotAllowed } from './errors.js'
import { refuseOtherFormats } from './negotiation.js'
import type { Resource } from './resource.js'
import type { Handle, Operation, Step, View } from './view.js'

/** What is special about a route of the REST API. */
export interface RestRoute {
  /** The rows that it is about, where it is about rows. */
  resource?: Resource
  route: string
  url: string
  /** What OPTIONS says of it. */
  name: string
  description: string
  /** Refuses callers before the method is looked at. */
  authorize?: Step
  methods: Record<string, Operation>
  /** The Allow header, as authentik orders it. */
  allow: string
  /** For methods that authentik allows and this mock does not serve. */
  unserved?: Handle
}

/** A route of authentik's REST API: format, credentials and permission are judged before the method. */
export function restView(rest: RestRoute): View {
  const { resource, route, url, name, description, authorize, methods, allow, unserved = methodNotAllowed } = rest
  const { GET } = methods
  const allowed = allow.split(', ')
  const head: Record<string, Operation> = GET === undefined ? {} : { HEAD: { handle: GET.handle } }
  return {
    ...(resource && { resource }),
    route,
    url,
    before: [refuseOtherFormats, authenticate, ...(authorize === undefined ? [] : [authorize])],
    allowed,
    methods: { ...methods, ...head, OPTIONS: { handle: metadataOf(name, description) } },
    otherwise: (ctx) => (allowed.includes(ctx.method) ? unserved(ctx) : methodNotAllowed(ctx)),
    after(answer: Answer, _: RequestContext): Answer {
      // The pages of unhandled errors are not the route's own.
      if (answer.contentType === undefined) answer.allow = allow
      return answer
    },
  }
}

function metadataOf(name: string, description: string): Handle {
  const types = ['application/json']
  const body = bodyOf(JSON.stringify({ name, description, renders: types, parses: types }))
  return () => ({ status: 200, body })
}
