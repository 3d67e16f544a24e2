import type { ServerResponse } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import { type Answer, bodyOf } from '../authentik/answer.js'
import { authenticate, tokenAdmitted } from '../authentik/bearer-auth.js'
import type { RequestContext } from '../authentik/context.js'
import type { Masks } from '../server/masking.js'
import type { ControlPort, Respond } from '../server/port.js'
import { send } from '../server/send.js'
import { isOutOfDescriptors, lazyImport } from '../world/lazy.js'
import { FixtureError } from '../world/load/mistakes.js'
import type { Fault } from './bodies.js'
import { effectOf, type FaultEffect } from './faults/fault-effect.js'
import type { Faults } from './faults/faults.js'
import { createGate, type Gate, type Held, MAX_GATE_WAIT } from './faults/gate.js'
import { type OAuthSeen, seenOf } from './findings/oauth-seen.js'
import type { Reporter } from './findings/report.js'
import type { createForwarder } from './forward.js'
import { isProbe } from './health-probe.js'
import { type Reply, replyOf } from './journal/exchange.js'
import type { Outcome } from './journal/journal.js'
import { mockAnswer } from './mock-answer.js'
import { problemOf } from './problem.js'
import type { SharedGates } from './replicas/gates.js'
import { answerOfStub, readBody } from './stubs/stub-answer.js'
import type { Found, Stubs } from './stubs/stubs.js'
import type { createUnserved } from './unserved.js'
import type { Waits } from './waits.js'
import type { World } from './worlds/world.js'

/** The header by which a single request asks for an answer of its own. */
const PREFER_HEADER = 'x-mock-prefer'
const MAX_SHOWN = 100
/** As much of a body as stubs look at. */
export const MAX_STUB_BODY = 1024 * 1024

type Proceed = Parameters<ControlPort['intercept']>[2]

/**
 * Lets what strikes a request be decided where no other mock decides at the same time, if that changes anything.
 *
 * @param find what strikes it, and what that changes
 * @param decide does that
 * @param then goes on with what was decided, once it stands
 */
export type InTurn = <F extends { changes: unknown[] }, T>(
  ctx: RequestContext,
  response: ServerResponse,
  find: () => F,
  decide: (found: F) => T,
  then: (decided: T) => void,
) => void

/** A mock with worlds of its own decides at once. */
const atOnce: InTurn = (_, __, find, decide, then) => then(decide(find()))

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
  /** Answers what nothing serves, and warns of it. */
  unserved: ReturnType<typeof createUnserved>
  /** Where it goes instead; undefined: nowhere. */
  forward: { url: string; load: () => Promise<ReturnType<typeof createForwarder>> } | undefined
  /** Undefined: its worlds are this mock's alone. */
  inTurn?: InTurn | undefined
  /** Where requests to several mocks wait for each other; undefined, as well. */
  sharedGates?: SharedGates | undefined
}

/** What happens around the handling of a request: faults before it and after it, and the note in the journal. */
export function createInterceptor({
  log,
  fail,
  reporter,
  masks,
  waits,
  isControlled,
  unserved,
  forward,
  inTurn,
  sharedGates,
}: InterceptorSettings): Pick<ControlPort, 'intercept' | 'unserved' | 'bodyLimit'> & { respond: Respond } {
  const decideInTurn = inTurn ?? atOnce
  const outcomes = new WeakMap<RequestContext, Outcome>()
  const effects = new WeakMap<RequestContext, FaultEffect>()
  const gates = new WeakMap<Fault, Gate>()
  const uploads = new WeakMap<RequestContext, Readable>()

  /** What the client sends is kept for the server that may get it, up to so much; then the client waits. */
  function hold(ctx: RequestContext, response: ServerResponse): void {
    const upload = ctx.request.pipe(new PassThrough({ highWaterMark: MAX_STUB_BODY }))
    uploads.set(ctx, upload)
    response.once('finish', () => upload.resume())
  }

  /** What throws in a timer would end the process. */
  function later(milliseconds: number, response: ServerResponse, act: () => void): void {
    waits.after(milliseconds, () => attempt(response, act), response.req.socket)
  }

  function attempt(response: ServerResponse, act: () => void): void {
    try {
      act()
    } catch (error) {
      fail(error, response)
    }
  }

  function finish(
    ctx: RequestContext,
    response: ServerResponse,
    answer: Answer | undefined,
    effect?: FaultEffect,
  ): void {
    const isDropped = answer === undefined || effect?.connection === 'drop'
    const status = isDropped ? null : answer.status
    const isOwn = effect === undefined || (effect.answer === undefined && effect.connection === undefined)
    const noteIt = () =>
      note(ctx, status, isOwn, effect, isDropped || !isControlled ? undefined : replyOf(response, answer))
    // Whoever has the answer may ask another mock at once what was noted here. One that stands alone answers first.
    const isFirst = inTurn !== undefined
    if (isFirst && isDropped) noteIt()
    if (isDropped) response.socket?.destroySoon()
    else send(response, ctx, answer, effect?.connection, isFirst ? noteIt : undefined)
    if (!isFirst) noteIt()
  }

  function note(ctx: RequestContext, status: number | null, isOwn: boolean, effect?: FaultEffect, reply?: Reply): void {
    if (isProbe(ctx)) return log(ctx, status)
    const noted = outcomes.get(ctx)
    const outcome = effect === undefined ? noted : { ...noted, fault: effect.fault }
    const isElsewhere = Boolean(outcome?.stub ?? outcome?.forwarded)
    const answered = { status, isOwn, isElsewhere, isDisturbed: effect !== undefined }
    const findings = reporter.note(ctx, answered)
    // Without control nobody reads it.
    if (isControlled) worldOf(ctx).journal.note(ctx, answered, outcome, findings, reply)
    log(ctx, status)
  }

  const respond: Respond = (ctx, response, answer) => finish(ctx, response, answer)

  /** @param worked is called once the request has done its work */
  function respondUnder(ctx: RequestContext, effect: FaultEffect, worked: () => void): Respond {
    effects.set(ctx, effect)
    return (ctx, response, answer) => {
      worked()
      later(effect.after ? effect.delay : 0, response, () => finish(ctx, response, effect.answer ?? answer, effect))
    }
  }

  function proceedUnder(
    effect: FaultEffect | undefined,
    ctx: RequestContext,
    response: ServerResponse,
    proceed: Proceed,
  ): void {
    if (effect === undefined) return proceed(respond)
    const gate = gateOf(effect, ctx)
    const act = (worked: () => void) => strike(effect, ctx, response, proceed, worked)
    const delay: Held['delay'] = (then) => delayBefore(effect, ctx, response, then)
    if (gate === undefined) return delay(() => act(() => {}))
    gate.enter({
      delay,
      go(worked, answered) {
        let hasWorked = false
        // Whoever leaves in the middle of its work is at it for as long as that takes; in a turn nobody else could be.
        whenClosed(response, () => {
          if (hasWorked || response.writableEnded || effect.ticket !== undefined) answered()
        })
        attempt(response, () =>
          act(() => {
            hasWorked = true
            worked()
            if (response.closed) answered()
          }),
        )
      },
    })
  }

  function proceedToFault(
    ctx: RequestContext,
    response: ServerResponse,
    seen: OAuthSeen | undefined,
    proceed: Proceed,
  ): void {
    decideInTurn(
      ctx,
      response,
      () => worldOf(ctx).faults.match(ctx, seen),
      (found) => effectOfFault(ctx, response, found),
      (effect) => proceedUnder(effect, ctx, response, proceed),
    )
  }

  function effectOfFault(
    ctx: RequestContext,
    response: ServerResponse,
    { changes, fault }: ReturnType<Faults['match']>,
  ): FaultEffect | undefined {
    const world = worldOf(ctx)
    const ticket = fault !== undefined && hasGate(fault) ? sharedGates?.issue(world) : undefined
    if (changes.length > 0) world.apply(...changes)
    if (fault === undefined) return undefined
    if (ticket !== undefined) {
      whenClosed(response, () => sharedGates?.forget(world, ticket))
      world.apply({ type: 'gate entered', id: fault.id, ticket, at: Date.now() })
    }
    return { ...effectOf(fault, fault.id, ctx), planned: fault, ticket }
  }

  function gateOf({ planned, ticket, delay }: FaultEffect, ctx: RequestContext): Gate | undefined {
    if (planned === undefined || !hasGate(planned)) return undefined
    const { barrier: size = 1, order, one_winner: isSerial = false } = planned
    const patience = MAX_GATE_WAIT + (isSerial ? delay : 0)
    if (ticket !== undefined) return sharedGates?.gateFor(worldOf(ctx), planned, ticket, patience)
    const known = gates.get(planned)
    if (known !== undefined) return known
    const gate = createGate({ size, order, isSerial, patience, waits })
    gates.set(planned, gate)
    worldOf(ctx).faults.whenGone(planned, gate.open)
    return gate
  }

  function delayBefore(effect: FaultEffect, ctx: RequestContext, response: ServerResponse, then: () => void): void {
    if (isAnswerBefore(effect)) findCaller(ctx)
    // Who goes together goes at once.
    else if (effect.after || effect.delay === 0) return then()
    later(effect.delay, response, then)
  }

  function strike(
    effect: FaultEffect,
    ctx: RequestContext,
    response: ServerResponse,
    proceed: Proceed,
    worked: () => void,
  ): void {
    // Only a delay, or a cut: authentik's own answer follows.
    if (!isAnswerBefore(effect)) return proceed(respondUnder(ctx, effect, worked))
    finish(ctx, response, effect.answer, effect)
    worked()
  }

  /** Lets a stub answer, if one is for this request. */
  function proceedToStub(ctx: RequestContext, response: ServerResponse, respond: Respond, proceed: Proceed): void {
    // It may be another world when it is asked again.
    const stubs = () => worldOf(ctx).stubs
    if (stubs().size === 0) return proceed(respond)
    if (ctx.sent === undefined || !stubs().readsBody(ctx.path)) return decide(undefined)
    // One that is too large, or breaks off, is none.
    ctx
      .body()
      .then(
        (bytes) => readBody(bytes, ctx.request.headers['content-type']),
        () => undefined,
      )
      .then(decide)
      .catch((error) => fail(error, response))

    function decide(body: unknown): void {
      decideInTurn(
        ctx,
        response,
        () => stubs().match(ctx, body),
        (found) => stubOf(found, body),
        (found) => answer(found, body),
      )
    }

    function stubOf({ stub: found, changes }: ReturnType<Stubs['match']>, body: unknown): Found | undefined {
      const world = worldOf(ctx)
      if (found === undefined && !ctx.isServed) {
        const closest = world.stubs.closest(ctx, body, masks.mask)
        if (closest !== undefined) outcomes.set(ctx, { closest })
      }
      if (changes.length > 0) world.apply(...changes)
      return found
    }

    function answer(found: Found | undefined, body: unknown): void {
      if (found === undefined) return proceed(respond)
      outcomes.set(ctx, { stub: found.stub.id })
      findCaller(ctx)
      answerOfStub(found, ctx, body)
        .catch((error) => failedStub(found.stub.id, error))
        .then((answer) => later(found.stub.delay ?? 0, response, () => respond(ctx, response, answer)))
        .catch((error) => fail(error, response))
    }
  }

  return {
    respond,
    bodyLimit: (world, path) => ((world as World).stubs.readsBody(path) ? MAX_STUB_BODY : 0),
    unserved(ctx, response, respond) {
      if (forward === undefined) return respond(ctx, response, unserved(ctx, outcomes.get(ctx)?.closest))
      const effect = effects.get(ctx)
      findCaller(ctx)
      outcomes.set(ctx, { forwarded: forward.url })
      forward
        .load()
        .then((send) =>
          send({
            ctx,
            response,
            upload: uploads.get(ctx),
            begin(status) {
              // A fault that comes after the work takes the place of the answer.
              if (effect !== undefined) respond(ctx, response, { status, contentType: null, from: 'router' })
              else note(ctx, status, true)
              return effect === undefined
            },
            respond: (answer) => respond(ctx, response, answer),
          }),
        )
        .catch((error) => fail(error, response))
    },
    intercept(ctx, response, toAuthentik) {
      if (forward !== undefined && !ctx.isServed && ctx.sent !== undefined) hold(ctx, response)
      const proceed: Proceed = (respond) => proceedToStub(ctx, response, respond, toAuthentik)
      // Where no authentik is, nothing stands in for it, and no fault is used up.
      if (ctx.isOutside) return toAuthentik(respond)
      if (!isControlled) return proceed(respond)
      const prefer = ctx.request.headers[PREFER_HEADER]
      if (prefer === undefined) {
        const { faults } = worldOf(ctx)
        if (faults.size === 0) return proceed(respond)
        if (!faults.asksForm) return proceedToFault(ctx, response, undefined, proceed)
        seenOf(ctx)
          .then((seen) => proceedToFault(ctx, response, seen, proceed))
          .catch((error) => fail(error, response))
        return
      }
      effectOfPrefer(ctx, String(prefer), masks)
        .then((effect) => proceedUnder(effect, ctx, response, proceed))
        .catch((error) => fail(error, response))
    },
  }
}

/** A template may take too long, or too much. */
function failedStub(id: string, { message }: Error): Answer {
  return mockAnswer(500, `stub ${id} could not be filled in: ${message.split('\n')[0]}`)
}

/** What authentik would have found out, had it answered. */
function findCaller(ctx: RequestContext): void {
  const asksForCaller = ctx.view === undefined || ctx.view.before.includes(authenticate)
  if (asksForCaller) ctx.token = tokenAdmitted(ctx)?.name
}

/** Every world that requests are located in is one of the control's. */
function worldOf(ctx: RequestContext): World {
  return ctx.world as World
}

/** Whether a fault answers, or drops, in the place of the work. */
function isAnswerBefore({ after, answer, connection }: FaultEffect): boolean {
  return !after && (answer !== undefined || connection === 'drop')
}

/** Whether requests wait for each other there. */
function hasGate({ barrier, one_winner }: Fault): boolean {
  return barrier !== undefined || one_winner === true
}

/** Calls back once it was answered, or its client is gone, which may have been before. */
function whenClosed(response: ServerResponse, then: () => void): void {
  if (response.closed) then()
  else response.once('close', then)
}

/** The header is read by typebox, which is loaded by the first of them. */
const loadReader = lazyImport(async () => (await import('./faults/prefer.js')).readPrefer)

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
