import type { Answer } from '../authentik/answer.js'
import {
  type Authorization,
  asksConsent,
  grantAuthorization,
  judgeAuthorization,
  leave,
} from '../authentik/browser/authorization.js'
import { notedCookie } from '../authentik/browser/cookies.js'
import { isAnswer } from '../authentik/browser/visitor.js'
import type { RequestContext } from '../authentik/context.js'
import type { Form } from '../authentik/form.js'
import { putConsent } from '../oauth2/consents.js'
import { OPENID } from '../oauth2/scopes.js'
import { type Html, html } from './html.js'
import { pageAnswer } from './page.js'

const SCOPE_WORDS: Record<string, string> = {
  email: 'your e-mail address',
  profile: 'your name and your groups',
  offline_access: 'to stay signed in while you are away',
  'goauthentik.io/api': 'the API of authentik, as you',
}

/** The rest of an authorization: consent where it is due, and then the way to the client. */
export async function consentPage(ctx: RequestContext, form: Form | undefined): Promise<Answer> {
  const judged = await judgeAuthorization(ctx, (name) => ctx.parameter(name))
  if (isAnswer(judged)) return judged
  if (!asksConsent(ctx, judged)) return leaveFlow(ctx, judged)
  if (form === undefined) return questionPage(ctx, judged)
  const { application, asked, flow, user } = judged
  if (flow.consent === 'explicit') ctx.apply([putConsent(ctx.database, user, application, asked.scope, flow)])
  return leaveFlow(ctx, judged)
}

function questionPage(ctx: RequestContext, { application, asked, user }: Authorization): Answer {
  return pageAnswer(ctx, {
    title: `Sign in to ${application.name} - authentik`,
    heading: `Sign in to ${application.name}?`,
    main: (token) => html`<p>${application.name} gets to know who you are: ${user.name || user.username}.</p>
${scopeList(asked.scope)}<form method="post">${token}<button name="consent" value="agree" autofocus>Agree</button></form>`,
  })
}

/** What an application asks for, in words where we have some. */
export function scopeList(scope: string[]): Html | undefined {
  const others = scope.filter((name) => name !== OPENID).sort()
  if (others.length === 0) return undefined
  return html`<p>It asks for:</p><ul>${others.map((name) => html`<li>${SCOPE_WORDS[name] ?? name}</li>`)}</ul>`
}

async function leaveFlow(ctx: RequestContext, judged: Authorization): Promise<Answer> {
  const way = await grantAuthorization(ctx, judged)
  if ('location' in way) return leave(ctx, way.location)
  const { application } = judged
  return pageAnswer(ctx, {
    title: `Redirecting to ${application.name}...`,
    main: () => html`<form method="post" action="${way.post}">
${way.fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button autofocus>Go on to ${application.name}</button></form>`,
    script: 'document.forms[0].submit()',
    cookies: [notedCookie(ctx, { flow: undefined, message: undefined })],
  })
}
