import { type Credentials, isClient, readCredentials } from '../oauth2/client-auth.js'
import { findClient } from '../oauth2/find.js'
import type { OAuthRequest } from '../oauth2/request.js'
import { Crash } from '../python/crash.js'
import { type Attributes, pythonLine, pythonText } from '../world/json.js'
import { type Answer, bodyOf, NO_STORE } from './answer.js'
import type { RequestContext } from './context.js'
import { emptyPage, errorPage } from './error-pages.js'
import { MAX_FORM_BYTES, readForm } from './form.js'
import { originOf } from './own-url.js'
import type { Handle, Operation, Step, View } from './view.js'

/** What is special about one of the OAuth2 endpoints. They are no part of the REST API: no permissions, no formats. */
export interface OAuthRoute {
  /** Its name in the journal. */
  route: string
  url: string
  /** The Allow header, as Django orders it. */
  allow: string
  /** What is judged before the method. */
  before?: Step[]
  /** HEAD goes with GET. Without OPTIONS of its own a route answers as Django does. */
  methods: Record<string, Handle>
  otherwise?: Handle
}

/** A route of the OAuth2 endpoints. What authentik does not get over is answered by its error page. */
export function oauthView({ route, url, allow, before = [], methods, otherwise }: OAuthRoute): View {
  const { GET, OPTIONS = () => ({ ...emptyPage(200), allow }) } = methods
  const all: Record<string, Handle> = { ...methods, ...(GET !== undefined && { HEAD: GET }), OPTIONS }
  return {
    route,
    url,
    before,
    methods: Object.fromEntries(
      Object.entries(all).map(([method, handle]): [string, Operation] => [
        method,
        { handle: crashing(handle), ...(method === 'POST' && { bodyLimit: MAX_FORM_BYTES }) },
      ]),
    ),
    otherwise: crashing(otherwise ?? (() => methodNotAllowedPage(allow))),
  }
}

export function methodNotAllowedPage(allow: string): Answer {
  return { ...emptyPage(405), allow }
}

/** Answers a crash as authentik's error page does: on a POST that is an empty 405. */
export function crashing(handle: Handle): Handle {
  const recover = (error: unknown, ctx: RequestContext): Answer => {
    if (!(error instanceof Crash)) throw error
    ctx.reason = `authentik fails on this request: ${error.message}`
    return errorPage(ctx, 500)
  }
  return (ctx) => {
    try {
      const answer = handle(ctx)
      return answer instanceof Promise ? answer.catch((error) => recover(error, ctx)) : answer
    } catch (error) {
      return recover(error, ctx)
    }
  }
}

/** The world as a request to an OAuth2 endpoint sees it. */
export async function oauthRequest(ctx: RequestContext): Promise<OAuthRequest> {
  const { database, release } = ctx
  ctx.form = await readForm(ctx)
  return { database, release, origin: originOf(ctx), form: ctx.form, now: database.clock.now() }
}

/** The same with what the client says of itself. Log and journal name it, if it may say so. */
export async function clientRequest(ctx: RequestContext): Promise<{ request: OAuthRequest; credentials: Credentials }> {
  const request = await oauthRequest(ctx)
  const { authorization } = ctx.request.headers
  const credentials = readCredentials(authorization, request.form, ctx.release.oauth2)
  const client = findClient(ctx.database, credentials.id)
  if (client !== undefined && isClient(client, credentials.secret)) ctx.client = client.client_id
  return { request, credentials }
}

/** An answer of the endpoints for programs, which nobody is to keep. */
export function tokenAnswer(status: number, value: Attributes): Answer {
  return { status, contentType: 'application/json', body: bodyOf(pythonLine(value)), headers: NO_STORE }
}

/** JSON as Django labels it, unlike that of the API: on one line, or indented by so many blanks. */
export function jsonAnswer(value: Attributes, indent = 0): Answer {
  const text = indent === 0 ? pythonLine(value) : pythonText(value, indent)
  return { status: 200, contentType: 'application/json', body: bodyOf(text) }
}
