import type { ServerResponse } from 'node:http'
import { type Answer, bodyOf } from '../authentik/answer.js'
import { authenticate, tokenAdmitted } from '../authentik/bearer-auth.js'
import type { RequestContext } from '../authentik/context.js'
import type { View } from '../authentik/view.js'
import type { Masks } from '../server/masking.js'
import type { ControlPort, Respond } from '../server/port.js'
import { send } from '../server/send.js'
import { isOutOfDescriptors, lazyImport } from '../world/lazy.js'
import { FixtureError } from '../world/load/mistakes.js'
import { effectOf, type FaultEffect } from './fault-effect.js'
import type { Reporter } from './findings/report.js'
import { problemOf } from './problem.js'
import type { Waits } from './waits.js'
import type { World } from './world.js'

/** The header by which a single request asks for an answer of its own. */
const PREFER_HEADER = 'x-mock-prefer'
const MAX_SHOWN = 100

type Proceed = Parameters<ControlPort['intercept']>[2]

export interface InterceptorSettings {
  /** Is told of every answer; null: the connection was dropped. */
  log: (ctx: RequestContext, status: number | null) => void
  /** Ends a request that could not be answered. */
  fail: (error: unknown, response: ServerResponse) => void
  reporter: Reporter
  masks: Masks
  waits: Waits
  /** Whether tests may interfere at all. */
  isControlled: boolean
}

/** What happens around the handling of a request: faults before it and after it, and the note in the journal. */
export function createInterceptor({
  log,
  fail,
  reporter,
  masks,
  waits,
  isControlled,
}: InterceptorSettings): Pick<ControlPort, 'intercept'> {
  /** What throws in a timer would end the process. */
  function later(milliseconds: number, response: ServerResponse, act: () => void): void {
    waits.after(milliseconds, () => {
      try {
        act()
      } catch (error) {
        fail(error, response)
      }
    })
  }

  function finish(
    ctx: RequestContext,
    response: ServerResponse,
    answer: Answer | undefined,
    effect?: FaultEffect,
  ): void {
    const isDropped = answer === undefined || effect?.connection === 'drop'
    if (isDropped) response.socket?.destroy()
    else send(response, ctx, answer, effect?.connection)
    const status = isDropped ? null : answer.status
    const isOwn = effect === undefined || (effect.answer === undefined && effect.connection === undefined)
    const answered = { status, isOwn, isDisturbed: effect !== undefined }
    worldOf(ctx).journal.note(ctx, answered, effect?.fault ?? null, reporter.note(ctx, answered))
    log(ctx, status)
  }

  const respond: Respond = (ctx, response, answer) => finish(ctx, response, answer)

  function respondUnder(effect: FaultEffect): Respond {
    return (ctx, response, answer) =>
      later(effect.delay, response, () => finish(ctx, response, effect.answer ?? answer, effect))
  }

  function actBefore(ctx: RequestContext, response: ServerResponse, effect: FaultEffect, proceed: Proceed): void {
    const { answer, connection } = effect
    const isAnswer = answer !== undefined || connection === 'drop'
    // What authentik would have found out.
    if (isAnswer && asksForCaller(ctx.view)) ctx.token = tokenAdmitted(ctx)?.name
    later(effect.delay, response, () => {
      if (isAnswer) finish(ctx, response, answer, effect)
      // Only a delay, or a cut: authentik's own answer follows.
      else proceed(respondUnder({ ...effect, delay: 0 }))
    })
  }

  function proceedUnder(
    effect: FaultEffect | undefined,
    ctx: RequestContext,
    response: ServerResponse,
    proceed: Proceed,
  ): void {
    if (effect === undefined) proceed(respond)
    else if (effect.after) proceed(respondUnder(effect))
    else actBefore(ctx, response, effect, proceed)
  }

  return {
    intercept(ctx, response, proceed) {
      if (!isControlled) return proceed(respond)
      const prefer = ctx.request.headers[PREFER_HEADER]
      if (prefer === undefined) return proceedUnder(effectOfFault(ctx), ctx, response, proceed)
      effectOfPrefer(ctx, String(prefer), masks)
        .then((effect) => proceedUnder(effect, ctx, response, proceed))
        .catch((error) => fail(error, response))
    },
  }
}

function asksForCaller(view: View | undefined): boolean {
  return view === undefined || view.before.includes(authenticate)
}

/** Every world that requests are located in is one of the control's. */
export function worldOf(ctx: RequestContext): World {
  return ctx.world as World
}

function effectOfFault(ctx: RequestContext): FaultEffect | undefined {
  const world = worldOf(ctx)
  if (world.faults.size === 0) return undefined
  const { changes, fault } = world.faults.match(ctx)
  if (changes.length > 0) world.apply(...changes)
  return fault && effectOf(fault, fault.id, ctx)
}

/** The header is read by typebox, which is loaded by the first of them. */
const loadReader = lazyImport(async () => (await import('./prefer.js')).readPrefer)

async function effectOfPrefer(ctx: RequestContext, header: string, masks: Masks): Promise<FaultEffect> {
  try {
    const readPrefer = await loadReader()
    return effectOf(readPrefer(header), 'request', ctx)
  } catch (error) {
    if (!(error instanceof FixtureError) && !isOutOfDescriptors(error)) throw error
    return { fault: 'request', after: false, delay: 0, connection: undefined, answer: refusalOf(error, masks) }
  }
}

/** What cannot be done is nothing that authentik would say. */
function refusalOf(error: unknown, masks: Masks): Answer {
  const problem = problemOf(error instanceof FixtureError ? maskedError(error, masks) : error)
  return {
    status: problem.status,
    contentType: 'application/problem+json',
    body: bodyOf(JSON.stringify(problem)),
    from: 'router',
  }
}

/** The answer shows what the header said, and may be logged by whoever gets it. */
function maskedError({ mistakes }: FixtureError, masks: Masks): FixtureError {
  const shown = (text: string) => masks.mask(text.slice(0, MAX_SHOWN), text.length > MAX_SHOWN)
  return new FixtureError(
    mistakes.map((mistake) => ({ ...mistake, path: shown(mistake.path), found: shown(mistake.found) })),
  )
}
