import type { Answer } from '../authentik/answer.js'
import { refuseUnsafeMethods } from '../authentik/browser/csrf.js'
import { admitted, isAnswer, toFlow, toSignIn } from '../authentik/browser/visitor.js'
import type { RequestContext } from '../authentik/context.js'
import type { View } from '../authentik/view.js'
import { findDevice } from '../oauth2/device-codes.js'
import { DEVICE_FLOW, flowOf } from '../oauth2/flows.js'

/** /device: where the user of a device types its code, or comes with it. */
export const devicePageView: View = {
  route: 'device_page',
  url: '/device',
  before: [refuseUnsafeMethods],
  methods: {},
  otherwise: answerDevicePage,
}

function answerDevicePage(ctx: RequestContext): Answer {
  if (ctx.browser?.user === undefined) return toSignIn(ctx)
  return toDevice(ctx, ctx.parameter('code')) ?? toFlow(ctx, { slug: DEVICE_FLOW, purpose: 'device' })
}

/** The way to the flow in which a user lets a device in, or the page that says why not. Undefined: nothing has this code. */
function toDevice(ctx: RequestContext, code: string | undefined): Answer | undefined {
  const found = code === undefined ? undefined : findDevice(ctx.database, code)
  if (found === undefined) return undefined
  const { provider, application } = found
  const visitor = admitted(ctx, application)
  if (isAnswer(visitor)) return visitor
  return toFlow(ctx, { slug: flowOf(ctx.database, provider, 'authorization').slug, purpose: 'device' })
}
