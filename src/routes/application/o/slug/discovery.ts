import type { Answer } from '../../../../authentik/answer.js'
import { refuseUnsafeMethods } from '../../../../authentik/browser/csrf.js'
import type { RequestContext } from '../../../../authentik/context.js'
import { allowOrigin } from '../../../../authentik/cors.js'
import { emptyPage, errorPage } from '../../../../authentik/error-pages.js'
import { jsonAnswer, methodNotAllowedPage, oauthView } from '../../../../authentik/oauth-view.js'
import { originOf } from '../../../../authentik/own-url.js'
import { discoveryOf } from '../../../../oauth2/discovery.js'
import { providerOfPath } from './provider-of-path.js'

const ALLOW = 'GET, HEAD, OPTIONS'

/** /application/o/{slug}/.well-known/openid-configuration, in this form alone. */
export const discoveryView = oauthView({
  route: 'discovery',
  url: '/application/o/:slug([-a-zA-Z0-9_]+)/.well-known/openid-configuration',
  allow: ALLOW,
  before: [refuseUnsafeMethods],
  methods: { GET: answerDiscovery, OPTIONS: answerDiscovery },
  otherwise: answerDiscovery,
})

async function answerDiscovery(ctx: RequestContext): Promise<Answer> {
  const found = providerOfPath(ctx)
  if (found === undefined) return errorPage(ctx, 404)
  return allowOrigin(ctx, await answerTo(ctx, found), found.provider)
}

async function answerTo(ctx: RequestContext, found: NonNullable<ReturnType<typeof providerOfPath>>): Promise<Answer> {
  if (ctx.method === 'OPTIONS') return { ...emptyPage(200), allow: ALLOW }
  if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return methodNotAllowedPage(ALLOW)
  const { database, release } = ctx
  const request = { database, release, origin: originOf(ctx), now: database.clock.now() }
  return jsonAnswer(await discoveryOf(request, found.provider, found.application), 2)
}

const REDIRECTED = 'GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS'

/** /application/o/{slug}/ leads there, whether or not there is such an application. */
export const providerRootView = oauthView({
  route: 'discovery_redirect',
  url: '/application/o/:slug([-a-zA-Z0-9_]+)/',
  allow: REDIRECTED,
  before: [refuseUnsafeMethods],
  methods: { OPTIONS: redirect },
  otherwise: redirect,
})

/** By the methods that Django redirects. */
function redirect({ params, prefix, method }: RequestContext): Answer {
  if (!REDIRECTED.split(', ').includes(method)) return methodNotAllowedPage(REDIRECTED)
  return emptyPage(302, { Location: `${prefix}/application/o/${params['slug']}/.well-known/openid-configuration` })
}
