import type { Answer } from '../authentik/answer.js'
import { notedCookie } from '../authentik/browser/cookies.js'
import { admitted, isAnswer, redirect, toSignIn } from '../authentik/browser/visitor.js'
import type { RequestContext } from '../authentik/context.js'
import type { Form } from '../authentik/form.js'
import { findDevice, letIn, turnAway } from '../oauth2/device-codes.js'
import type { Application } from '../world/kinds/applications.js'
import type { DeviceCode } from '../world/kinds/device-codes.js'
import { scopeList } from './consent.js'
import { html } from './html.js'
import { pageAnswer } from './page.js'

/** Where somebody types the code that a device shows. */
export function deviceCodePage(ctx: RequestContext, form: Form | undefined): Answer {
  if (ctx.browser?.user === undefined) return toSignIn(ctx)
  const code = (form?.get('code') ?? '').replace(/\s+/g, '')
  if (form !== undefined && findDevice(ctx.database, code) !== undefined)
    return redirect(`${ctx.prefix}/device?code=${code}`)
  const shown = form === undefined ? ctx.parameter('code') : code
  const alert = shown === undefined ? undefined : html`<p role="alert">No device shows the code ${shown}.</p>`
  return pageAnswer(ctx, {
    title: 'Device - authentik',
    heading: 'Which code does your device show?',
    main: (token) => html`${alert}<form method="post">${token}<label for="code">Code</label>
<input id="code" name="code" inputmode="numeric" autocomplete="off" required autofocus><p><button>Go on</button></p></form>`,
  })
}

/** Where somebody lets a device in. */
export function deviceConsentPage(ctx: RequestContext, form: Form | undefined): Answer {
  const found = findDevice(ctx.database, ctx.parameter('code') ?? '')
  if (found === undefined) return redirect(`${ctx.prefix}/device`)
  const { application, device } = found
  const visitor = admitted(ctx, application)
  if (isAnswer(visitor)) return visitor
  if (form === undefined) return questionPage(ctx, application, device)
  const isRefused = form.get('consent') === 'refuse'
  ctx.apply([isRefused ? turnAway(device) : letIn(device, visitor.user)])
  const said = isRefused ? 'It was told so' : `It uses ${application.name} as ${visitor.user.username} now`
  return pageAnswer(ctx, {
    title: 'Device - authentik',
    heading: isRefused ? 'Your device was turned away' : 'Your device is signed in',
    main: () => html`<p>${said}. You may close this page.</p>`,
    cookies: [notedCookie(ctx, { flow: undefined, message: undefined })],
  })
}

function questionPage(ctx: RequestContext, { name }: Application, { scope }: DeviceCode): Answer {
  return pageAnswer(ctx, {
    title: `Sign in to ${name} - authentik`,
    heading: `Sign a device in to ${name}?`,
    main: (token) => html`<p>Go on only if it is you who has the device.</p>${scopeList(scope)}
<form method="post">${token}<button name="consent" value="agree" autofocus>Sign it in</button>
<button name="consent" value="refuse">Turn it away</button></form>`,
  })
}
