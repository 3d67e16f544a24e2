import type { TObject, TSchema } from 'typebox'
import { type Answer, bodyOf } from './answer.js'
import { authenticate } from './bearer-auth.js'
import { methodNotAllowed } from './errors.js'
import { refuseOtherFormats } from './negotiation.js'
import type { Release } from './releases.js'
import type { Visit } from './visit.js'

/** One route of the API and what it does; everything that is regular about a route stands in `judge`. */
export interface View {
  /** Its name in the journal. */
  route: string
  /** As Fastify writes it. */
  url: string
  /** The Allow header, as authentik orders it. */
  allow: string
  /** What OPTIONS says of it. */
  name: string
  description: string
  params?: TObject
  querystring?: TObject
  /** What a release documents as the body of a 200. */
  body: (release: Release) => TSchema
  /** The methods that authentik documents, with their operation ids. */
  operations: { get: string; delete?: string }
  /** Refuses callers before the method is looked at. */
  admit?: (visit: Visit) => Answer | undefined
  get: (visit: Visit, id: string) => Answer
  delete?: (visit: Visit, id: string) => Answer
}

/** The order of judgement: the first that fires answers. */
export function judge(view: View, visit: Visit, id: string | undefined): Answer {
  visit.route = view.route
  visit.id = id
  const answer = refuseOtherFormats(visit) ?? authenticate(visit) ?? view.admit?.(visit) ?? act(view, visit, id ?? '')
  // The pages of unhandled errors are not the route's own.
  if (answer.contentType === undefined) answer.allow = view.allow
  return answer
}

function act(view: View, visit: Visit, id: string): Answer {
  switch (visit.method) {
    case 'GET':
    case 'HEAD':
      return view.get(visit, id)
    case 'DELETE':
      return view.delete?.(visit, id) ?? methodNotAllowed(visit)
    case 'OPTIONS':
      return metadataOf(view)
    default:
      return methodNotAllowed(visit)
  }
}

function metadataOf({ name, description }: View): Answer {
  const types = ['application/json']
  return { status: 200, body: bodyOf(JSON.stringify({ name, description, renders: types, parses: types })) }
}
