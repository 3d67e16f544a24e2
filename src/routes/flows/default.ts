import { refuseUnsafeMethods } from '../../authentik/browser/csrf.js'
import { flowPath, redirect, signInFlow } from '../../authentik/browser/visitor.js'
import type { RequestContext } from '../../authentik/context.js'
import type { View } from '../../authentik/view.js'
import { LOGOUT_FLOW } from '../../oauth2/flows.js'

/** /flows/-/default/…: the way to the flow that is meant, with the same query. */
function defaultView(purpose: string, slugOf: (ctx: RequestContext) => string): View {
  return {
    url: `/flows/-/default/${purpose}/`,
    before: [refuseUnsafeMethods],
    methods: {},
    otherwise: (ctx) => redirect(flowPath(ctx, slugOf(ctx))),
  }
}

export const defaultFlowViews: View[] = [
  defaultView('authentication', signInFlow),
  defaultView('invalidation', () => LOGOUT_FLOW),
]
