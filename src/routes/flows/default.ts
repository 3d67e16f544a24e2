import { notedCookie } from '../../authentik/browser/cookies.js'
import { refuseUnsafeMethods } from '../../authentik/browser/csrf.js'
import { flowPath, redirect, signInFlow } from '../../authentik/browser/visitor.js'
import type { RequestContext } from '../../authentik/context.js'
import type { View } from '../../authentik/view.js'
import { LOGOUT_FLOW } from '../../oauth2/flows.js'

/** /flows/-/default/…: the way to the flow that is meant, with the same query. Another flow that was under way is over. */
function defaultView(purpose: string, slugOf: (ctx: RequestContext) => string): View {
  return {
    url: `/flows/-/default/${purpose}/`,
    before: [refuseUnsafeMethods],
    methods: {},
    otherwise(ctx) {
      const slug = slugOf(ctx)
      const { flow = { slug } } = ctx.browser?.notes ?? {}
      const answer = redirect(flowPath(ctx, slug))
      return flow.slug === slug ? answer : { ...answer, cookies: [notedCookie(ctx, { flow: undefined })] }
    },
  }
}

export const defaultFlowViews: View[] = [
  defaultView('authentication', signInFlow),
  defaultView('invalidation', () => LOGOUT_FLOW),
]
