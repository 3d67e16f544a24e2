import type { Answer } from '../../../authentik/answer.js'
import {
  grantAuthorization,
  judgeAuthorization,
  leave,
  needsFlow,
  signInAgain,
} from '../../../authentik/browser/authorization.js'
import { notedCookie } from '../../../authentik/browser/cookies.js'
import { refuseForgery } from '../../../authentik/browser/csrf.js'
import { isAnswer, toFlow } from '../../../authentik/browser/visitor.js'
import type { RequestContext } from '../../../authentik/context.js'
import { emptyPage, errorPage } from '../../../authentik/error-pages.js'
import { readForm } from '../../../authentik/form.js'
import { methodNotAllowedPage, oauthView } from '../../../authentik/oauth-view.js'

const ALLOW = 'GET, HEAD, OPTIONS'

/** /application/o/authorize/: where a browser begins. A request is judged whatever its method. */
export const authorizeView = oauthView({
  route: 'authorize',
  url: '/application/o/authorize/',
  allow: ALLOW,
  methods: { GET: answerAuthorization, POST: answerAuthorization, OPTIONS: answerAuthorization },
  otherwise: answerAuthorization,
})

async function answerAuthorization(ctx: RequestContext): Promise<Answer> {
  const form = await readForm(ctx)
  const forged = refuseForgery(ctx, form)
  if (forged !== undefined) return forged
  if (Object.keys(ctx.query).length === 0) return errorPage(ctx, 404)
  const judged = await judgeAuthorization(ctx, (name) => (ctx.method === 'POST' ? form.get(name) : ctx.parameter(name)))
  if (isAnswer(judged)) return judged
  if (ctx.method === 'OPTIONS') return { ...emptyPage(200), allow: ALLOW }
  if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return methodNotAllowedPage(ALLOW)
  const again = signInAgain(ctx, judged)
  if (again !== undefined) return again
  if (needsFlow(judged)) return toFlow(ctx, { slug: judged.flow.slug, purpose: 'consent' })
  // The last stage of the flow answers by itself, and knows no HEAD.
  if (ctx.method === 'HEAD') return { ...methodNotAllowedPage('GET, POST, OPTIONS'), cookies: [notedCookie(ctx, {})] }
  const way = await grantAuthorization(ctx, judged)
  return leave(ctx, 'location' in way ? way.location : '')
}
