import {
  type AuthorizeRequest,
  type Parameters,
  readAuthorizeRequest,
  type WayBack,
} from '../../oauth2/authorize/params.js'
import { refusalLocation, respond, type WayOut } from '../../oauth2/authorize/response.js'
import { hasConsented } from '../../oauth2/consents.js'
import { PAGE_ERRORS, PageRefusal, RedirectRefusal } from '../../oauth2/errors.js'
import { applicationOf } from '../../oauth2/find.js'
import { flowOf } from '../../oauth2/flows.js'
import { signIn } from '../../oauth2/sessions.js'
import { isOver, microsOf } from '../../world/instant.js'
import type { Application } from '../../world/kinds/applications.js'
import type { Flow } from '../../world/kinds/flows.js'
import type { Answer } from '../answer.js'
import type { RequestContext } from '../context.js'
import { badRequestPage } from '../error-pages.js'
import { originOf } from '../own-url.js'
import { notedCookie } from './cookies.js'
import { admitted, isAnswer, redirect, toSignIn, type Visitor } from './visitor.js'

/** An authorization request that nothing speaks against but, perhaps, its user. */
export interface Authorization extends Visitor {
  asked: AuthorizeRequest
  application: Application
  flow: Omit<Flow, 'pk'>
  wayBack: WayBack
}

/** Signs in whoever comes without a session, where the mock was asked for that: again in the session that there is. */
function signInByDefault(ctx: RequestContext): void {
  const { database, world } = ctx
  if (world.signedIn === undefined || ctx.browser !== undefined) return
  const user = database.users.find('username', world.signedIn)
  if (user?.is_active !== true) {
    ctx.reason = `user ${world.signedIn} of --signed-in is not active, or not there`
    return
  }
  const now = database.clock.now()
  const begun = database.sessions.referring('user', user.pk).find(({ expires }) => !isOver(expires, now))
  if (begun !== undefined) return ctx.signIn(begun, user)
  const { session, changes } = signIn(database, user, now)
  ctx.apply(changes)
  ctx.signIn(session, user)
}

/**
 * Judges an authorization request, up to the policy of its application.
 *
 * @throws Crash
 */
export async function judgeAuthorization(ctx: RequestContext, parameter: Parameters): Promise<Authorization | Answer> {
  const { database, release } = ctx
  let wayBack: WayBack | undefined
  try {
    const asked = await readAuthorizeRequest(parameter, {
      ...{ database, release },
      apply: (change) => ctx.apply([change]),
      onWayBack(way) {
        wayBack = way
      },
    })
    signInByDefault(ctx)
    if (asked.prompt.none && ctx.browser?.user === undefined)
      throw new RedirectRefusal('login_required', 'nobody is signed in, and prompt=none')
    const application = applicationOf(database, asked.client)
    const visitor = admitted(ctx, application)
    if (isAnswer(visitor)) return visitor
    const flow = flowOf(database, asked.client, 'authorization')
    return { ...visitor, asked, application: application as Application, flow, wayBack: wayBack as unknown as WayBack }
  } catch (error) {
    return refusalAnswer(ctx, error, wayBack)
  }
}

function refusalAnswer(ctx: RequestContext, error: unknown, wayBack: WayBack | undefined): Answer {
  if (error instanceof RedirectRefusal && wayBack !== undefined) {
    ctx.reason = error.reason
    return redirect(refusalLocation(wayBack, error))
  }
  if (!(error instanceof PageRefusal)) throw error
  ctx.reason = error.reason
  const { heading, text } = PAGE_ERRORS[error.code]
  return badRequestPage(ctx, heading, text)
}

/** Sends somebody to sign in again, where the request asks for that. Undefined: it does not, or it has happened. */
export function signInAgain(ctx: RequestContext, { asked, session, application }: Authorization): Answer | undefined {
  const { maxAge, prompt } = asked
  const again = () => toSignIn(ctx, { application: application.slug, relogin: session.pk })
  const age = (ctx.database.clock.now() - microsOf(session.auth_time)) / 1e6
  if (maxAge !== undefined && age > maxAge) return again()
  const { relogin = session.pk } = ctx.browser?.notes ?? {}
  return prompt.login && relogin === session.pk ? again() : undefined
}

/** Whether the flow has something to show: a question, or a form. Where it has not, it is not gone through. */
export function needsFlow({ asked, flow }: Authorization): boolean {
  return flow.consent === 'explicit' || asked.prompt.consent || asked.responseMode === 'form_post'
}

/** Whether the user is asked for consent: always where the request wants it, else where no such consent is stored. */
export function asksConsent({ database }: RequestContext, { asked, flow, user, application }: Authorization): boolean {
  if (flow.consent === 'implicit') return asked.prompt.consent
  return !hasConsented(database, user, application, asked.scope, database.clock.now())
}

/**
 * What the client gets: the way out, or a refusal.
 *
 * @throws Crash
 */
export async function grantAuthorization(
  ctx: RequestContext,
  { asked, session, wayBack }: Authorization,
): Promise<WayOut> {
  const { database, release } = ctx
  if (asked.prompt.none && asked.prompt.consent) {
    const refusal = new RedirectRefusal('consent_required', 'consent is due, and prompt=none')
    ctx.reason = refusal.reason
    return { location: refusalLocation(wayBack, refusal) }
  }
  const request = { database, release, origin: originOf(ctx), now: database.clock.now(), form: new Map() }
  const client = asked.client.client_id
  return respond(request, asked, session, (change) => ctx.apply([change], { client }))
}

/** Leads somebody to the client; the flow is over. */
export function leave(ctx: RequestContext, location: string): Answer {
  return { ...redirect(location), cookies: [notedCookie(ctx, { flow: undefined })] }
}
