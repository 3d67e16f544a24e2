import type { TObject, TSchema } from 'typebox'
import type { Answer } from './answer.js'
import type { RequestContext } from './context.js'
import type { Release } from './releases.js'
import type { Resource } from './resource.js'
import type { Route } from './route.js'

/** One route: what it does with each method, and what comes before. */
export interface View extends Route {
  /** The rows that it is about, where it is about rows. */
  resource?: Resource
  /** As Fastify writes it. */
  url: string
  /** In order: the first that returns an answer ends the request. */
  before: Step[]
  methods: Record<string, Operation>
  /** The methods that authentik allows, served here or not. */
  allowed?: string[]
  /** For all other methods. */
  otherwise: Handle
  /** The last word on each answer. */
  after?: (answer: Answer, ctx: RequestContext) => Answer
}

export type Handle = (ctx: RequestContext) => Answer | Promise<Answer>
export type Step = (ctx: RequestContext) => Answer | undefined | Promise<Answer | undefined>

/** What a view does with one method. */
export interface Operation {
  handle: Handle
  /** How many bytes of a body it reads; undefined: none. */
  bodyLimit?: number
  /** authentik's name for it; undefined: it is not in authentik's document. */
  operationId?: string
  /** authentik's own document of it is not at hand: a recording of one release shows it, and clients those of the others. */
  undocumented?: true | undefined
  schema?: {
    params?: TObject
    querystring?: TObject
    /** What the document says of the body that is sent. */
    body?: TObject
    /** What a release documents as the body of a 200. */
    response?: (release: Release) => TSchema
  }
}

/** Answers a request, at once where everything on the way does. */
export function dispatch(view: View, ctx: RequestContext): Answer | Promise<Answer> {
  const answer = proceed(view, ctx, 0)
  const { after } = view
  if (after === undefined) return answer
  return answer instanceof Promise ? answer.then((later) => after(later, ctx)) : after(answer, ctx)
}

function proceed(view: View, ctx: RequestContext, from: number): Answer | Promise<Answer> {
  const { before } = view
  for (let i = from; i < before.length; i++) {
    const refused = (before[i] as Step)(ctx)
    if (refused instanceof Promise) return refused.then((answer) => answer ?? proceed(view, ctx, i + 1))
    if (refused !== undefined) return refused
  }
  const operation = view.methods[ctx.method]
  return operation === undefined ? view.otherwise(ctx) : operation.handle(ctx)
}

/** The operations that authentik documents, by method in lower case. */
export function documentedOperations({ methods }: View): [method: string, operation: Operation][] {
  return Object.entries(methods).flatMap(([method, operation]): [string, Operation][] =>
    operation.operationId === undefined ? [] : [[method.toLowerCase(), operation]],
  )
}

/** Whether authentik's own document says nothing of a view. */
export function restsOnRecordings(view: View): boolean {
  return documentedOperations(view).every(([, { undocumented }]) => undocumented === true)
}

/** The path of a view as documents write it: `/api/v3/core/users/{id}/`. */
export function documentedPath({ url }: View): string {
  return url.replace(/:(\w+)\([^/]*\)/g, '{$1}')
}

/** authentik's name for what a method does; HEAD counts as GET. */
export function operationOf({ methods }: Route, method: string): string | undefined {
  return methods[method === 'HEAD' ? 'GET' : method]?.operationId
}
