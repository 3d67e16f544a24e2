import type { Answer } from '../authentik/answer.js'
import { sessionCookie } from '../authentik/browser/cookies.js'
import { redirect, toSignIn } from '../authentik/browser/visitor.js'
import type { RequestContext } from '../authentik/context.js'
import type { Form } from '../authentik/form.js'
import { LOGOUT_FLOW } from '../oauth2/flows.js'
import { endedBySession } from '../oauth2/lifecycle.js'
import { type Html, html } from './html.js'
import { pageAnswer } from './page.js'

/** Where a session ends. It takes a click, so that no other site can do it. */
export function signOutPage(ctx: RequestContext, form: Form | undefined): Answer {
  const { session, user } = ctx.browser ?? {}
  if (session === undefined) return signedOut(ctx)
  if (form === undefined)
    return pageAnswer(ctx, {
      title: 'Sign out - authentik',
      heading: 'Sign out of authentik?',
      main: (token) => html`<p>You are signed in as ${user?.username}.</p>
<form method="post">${token}<button name="sign-out" value="yes" autofocus>Sign out</button></form>`,
    })
  ctx.apply(endedBySession(session.pk))
  return { ...redirect(`${ctx.prefix}/if/flow/${LOGOUT_FLOW}/`), cookies: [sessionCookie(ctx, undefined, {})] }
}

function signedOut(ctx: RequestContext): Answer {
  return pageAnswer(ctx, {
    title: 'Signed out - authentik',
    heading: 'You are signed out',
    main: () => html`<p><a href="${ctx.prefix}/flows/-/default/authentication/">Sign in again</a></p>`,
  })
}

/**
 * Where an application signs somebody out: of itself alone, authentik goes on knowing who it is. Only another flow ends
 * this one.
 */
export function endedPage(ctx: RequestContext): Answer {
  const { browser, database } = ctx
  const name = database.applications.find('slug', browser?.notes.application ?? '')?.name ?? 'the application'
  return pageAnswer(ctx, {
    title: 'Signed out - authentik',
    heading: `You are signed out of ${name}`,
    main: () => html`<p>authentik still knows you as ${browser?.user?.username}.</p>${signOutLink(ctx)}`,
  })
}

/** Whoever is signed in, and was on the way to nothing else. */
export function homePage(ctx: RequestContext): Answer {
  const { user } = ctx.browser ?? {}
  if (user === undefined) return toSignIn(ctx)
  return pageAnswer(ctx, {
    title: 'Signed in - authentik',
    heading: `You are signed in as ${user.name || user.username}`,
    main: () =>
      html`<p>This stand-in has no list of applications: begin at the application itself.</p>${signOutLink(ctx)}`,
  })
}

function signOutLink({ prefix }: RequestContext): Html {
  return html`<p><a href="${prefix}/flows/-/default/invalidation/">Sign out of authentik</a></p>`
}
