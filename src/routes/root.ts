import type { Answer } from '../authentik/answer.js'
import { refuseUnsafeMethods } from '../authentik/browser/csrf.js'
import type { RequestContext } from '../authentik/context.js'
import { apiBrowser, emptyPage, errorPage } from '../authentik/error-pages.js'
import type { View } from '../authentik/view.js'

/** The few pages around the API that a client or a health check may come by. */
const pages: Record<string, (ctx: RequestContext) => Answer> = {
  '/': ({ prefix, browser }) =>
    emptyPage(302, {
      Location:
        browser?.user === undefined
          ? `${prefix}/flows/-/default/authentication/?next=${prefix}/`
          : `${prefix}/if/user/`,
    }),
  '/api/v3/': apiBrowser,
  // From 2024.12 on the front server answers it.
  '/-/health/live/': () => emptyPage(200),
  '/-/health/ready/': () => emptyPage(200),
  '/-/metrics/': (ctx) => (ctx.release.metricsStatus === 404 ? errorPage(ctx, 404) : emptyPage(401)),
}

export const rootViews = Object.entries(pages).map(
  ([url, page]): View => ({ url, before: [refuseUnsafeMethods], methods: {}, otherwise: page }),
)
