import { type Answer, bodyOf } from '../../authentik/answer.js'
import { refuseForgery } from '../../authentik/browser/csrf.js'
import { redirect } from '../../authentik/browser/visitor.js'
import type { RequestContext } from '../../authentik/context.js'
import { errorPage } from '../../authentik/error-pages.js'
import { type Form, readForm } from '../../authentik/form.js'
import { oauthView } from '../../authentik/oauth-view.js'
import { AUTHENTICATION_FLOW, DEVICE_FLOW, LOGOUT_FLOW } from '../../oauth2/flows.js'

const ALLOW = 'GET, HEAD, POST, OPTIONS'

/** /if/flow/{slug}/: the pages for people, in the mock's own words. They are loaded by the first who comes by. */
export const flowPageView = oauthView({
  route: 'flow',
  url: '/if/flow/:slug([-a-zA-Z0-9_]+)/',
  allow: ALLOW,
  methods: { GET: answerPage, POST: answerPage },
})

/** What a page answers: to whoever comes by (no form), or to whoever submits its form. */
export type FlowPage = (ctx: RequestContext, form: Form | undefined) => Answer | Promise<Answer>

async function answerPage(ctx: RequestContext): Promise<Answer> {
  const form = await readForm(ctx)
  const forged = refuseForgery(ctx, form)
  if (forged !== undefined) return forged
  if (isStray(ctx)) return redirect(`${ctx.prefix}/application/o/authorize/?${ctx.queryText}`)
  const page = await pageOf(ctx)
  if (page !== undefined) return page(ctx, ctx.method === 'POST' ? form : undefined)
  ctx.reason = `no flow ${ctx.params['slug']} is under way in this browser, and there is none to begin here`
  return errorPage(ctx, 404)
}

/** An authorization request that comes here by itself has to begin at its beginning. */
function isStray(ctx: RequestContext): boolean {
  const isUnderWay = ctx.browser?.session !== undefined && ctx.browser.notes.flow?.slug === ctx.params['slug']
  return ctx.method !== 'POST' && ctx.parameter('client_id') !== undefined && !isUnderWay
}

/** By what the flow that is under way is for, else by its name. */
async function pageOf({ params, database, browser }: RequestContext): Promise<FlowPage | undefined> {
  const { slug = '' } = params
  const flow = browser?.notes.flow
  if (slug === LOGOUT_FLOW) return (await import('../../pages/sign-out.js')).signOutPage
  if (slug === DEVICE_FLOW) return (await import('../../pages/device.js')).deviceCodePage
  if (flow?.slug === slug && browser?.session !== undefined) {
    if (flow.purpose === 'consent') return (await import('../../pages/consent.js')).consentPage
    if (flow.purpose === 'device') return (await import('../../pages/device.js')).deviceConsentPage
    return (await import('../../pages/sign-out.js')).endedPage
  }
  const isKnown = slug === AUTHENTICATION_FLOW || database.flows.find('slug', slug) !== undefined
  return isKnown ? (await import('../../pages/sign-in.js')).signInPage : undefined
}

/** /if/user/: where authentik has the applications of a user. */
export const homePageView = oauthView({
  route: 'home',
  url: '/if/user/',
  allow: 'GET, HEAD, OPTIONS',
  methods: { GET: async (ctx) => (await import('../../pages/sign-out.js')).homePage(ctx) },
})

/** The API behind authentik's own pages is not served: it would be another program. */
export const executorView = oauthView({
  route: 'flow_executor',
  url: '/api/v3/flows/executor/:slug([-a-zA-Z0-9_]+)/',
  allow: ALLOW,
  methods: { GET: refuseExecutor, POST: refuseExecutor },
  otherwise: refuseExecutor,
})

function refuseExecutor({ params, prefix }: RequestContext): Answer {
  const page = `${prefix}/if/flow/${params['slug']}/`
  const detail = `This mock does not serve the API of the flow executor. ${page} is a page with a form, without scripts.`
  return { status: 501, body: bodyOf(JSON.stringify({ detail })) }
}
