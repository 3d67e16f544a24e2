import { flowOf, providerOf } from '../../oauth2/flows.js'
import { mayUse } from '../../oauth2/policies.js'
import { iriToUri, quotePlus, urlEncode } from '../../python/url.js'
import type { Application } from '../../world/kinds/applications.js'
import type { Session } from '../../world/kinds/sessions.js'
import type { User } from '../../world/kinds/users.js'
import type { Answer } from '../answer.js'
import type { RequestContext } from '../context.js'
import { deniedPage, emptyPage } from '../error-pages.js'
import type { Notes } from './browser.js'
import { notedCookie } from './cookies.js'

/** Somebody who is signed in, and may use an application. */
export interface Visitor {
  session: Session
  user: User
}

/** Who visits, or the answer to whoever may not: a page that says so, or the way to the sign-in. */
export function admitted(ctx: RequestContext, application: Application | undefined): Visitor | Answer {
  if (application === undefined) return deniedPage(ctx, 'the provider has no application')
  const { session, user } = ctx.browser ?? {}
  if (session === undefined || user === undefined) return toSignIn(ctx, { application: application.slug })
  if (mayUse(application, user, ctx.database)) return { session, user }
  return deniedPage(ctx, `application ${application.slug} is closed to user ${user.username}`)
}

export function isAnswer(found: object): found is Answer {
  return 'status' in found
}

/** Sends somebody to the sign-in, and back here afterwards. Without notes no session begins. */
export function toSignIn(ctx: RequestContext, notes?: Notes): Answer {
  const { prefix, path, queryText } = ctx
  const here = `${prefix}${path}${queryText === '' ? '' : `?${iriToUri(queryText)}`}`
  const answer = redirect(`${prefix}/flows/-/default/authentication/?next=${quotePlus(here, '/')}`)
  return notes === undefined ? answer : { ...answer, cookies: [notedCookie(ctx, notes)] }
}

/** Sends somebody to the page of a flow, with the same query. */
export function toFlow(ctx: RequestContext, flow: NonNullable<Notes['flow']>, notes: Notes = {}): Answer {
  return { ...redirect(flowPath(ctx, flow.slug)), cookies: [notedCookie(ctx, { ...notes, flow })] }
}

export function flowPath(ctx: RequestContext, slug: string): string {
  const pairs = Object.keys(ctx.query).map((name) => [name, ctx.parameter(name) ?? ''] as const)
  return `${ctx.prefix}/if/flow/${slug}/${pairs.length === 0 ? '' : `?${urlEncode(pairs)}`}`
}

/** @param address written as Django does: what is not ASCII is encoded */
export function redirect(address: string): Answer {
  return emptyPage(302, { Location: iriToUri(address) })
}

/** The slug of the flow that signs somebody in, who comes from where the notes say. */
export function signInFlow({ database, browser }: RequestContext): string {
  const application = database.applications.find('slug', browser?.notes.application ?? '')
  return flowOf(database, providerOf(database, application), 'authentication').slug
}
