import type { ServerResponse } from 'node:http'
import type { Answer } from '../../authentik/answer.js'
import type { RequestContext } from '../../authentik/context.js'
import type { ControlPort, Respond } from '../../server/port.js'
import type { Replica } from '../../store/replica.js'
import type { Store } from '../../store/store.js'
import type { Guard } from '../guard.js'
import type { InTurn } from '../intercept.js'
import { mockAnswer } from '../mock-answer.js'
import { sendProblem } from '../problem.js'
import type { Waits } from '../waits.js'
import type { World } from '../worlds/world.js'
import { createSharedGates, type SharedGates } from './gates.js'

/**
 * The way of a request where worlds are shared. It waits until all that was changed before it came is known here. What
 * only reads is done at once; what writes is done in a turn, and answered once it stands in the log.
 */

/** What a request that changes nothing waits for: all of the log; the same while the store is there; nothing. */
export type StoreReads = 'current' | 'available' | 'local'

type Intercept = ControlPort['intercept']
type Proceed = Parameters<Intercept>[2]

export interface Passage {
  intercept: Intercept
  inTurn: InTurn
  sharedGates: SharedGates
}

export interface PassageSettings {
  guard: Guard
  fail: (error: unknown, response: ServerResponse) => void
  waits: Waits
  /** The way of a request in a world of its own, and how it sends an answer. */
  way: () => { intercept: Intercept; respond: Respond }
}

const LIVE = '/-/health/live/'
const READY = '/-/health/ready/'
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
/** What changes nothing, although it is posted. */
const READING_ROUTES = new Set(['introspect', 'userinfo'])
/** Who reads what is known here has this mock look at the log no more often. */
const LOOK_MILLISECONDS = 10

export function createPassage(store: Store, reads: StoreReads, { guard, fail, waits, way }: PassageSettings): Passage {
  const looks = new WeakMap<Replica, number>()
  /** How those who ask whether this mock lives are answered, whatever else was to happen to them. */
  const living = new WeakMap<RequestContext, () => void>()

  /** @throws StoreAway */
  async function arrive(ctx: RequestContext, replica: Replica): Promise<void> {
    if (ctx.path === READY) return store.ready()
    if (reads === 'local' && isReading(ctx) && replica.hasBegun) return look(replica)
    try {
      await replica.current('use')
    } catch (error) {
      if (reads === 'current' || !isReading(ctx)) throw error
    }
  }

  /** Nobody waits for that. */
  function look(replica: Replica): void {
    const now = performance.now()
    if (now - (looks.get(replica) ?? Number.NEGATIVE_INFINITY) < LOOK_MILLISECONDS) return
    looks.set(replica, now)
    replica.current('use').catch(() => {})
  }

  /** A world with a name that nobody has used yet is begun by this request, if it may do that. */
  async function mayBegin(ctx: RequestContext, response: ServerResponse, replica: Replica): Promise<boolean> {
    if (ctx.world.name === '' || replica.hasBegun) return true
    await replica.current('look')
    const problem = guard.world(ctx.request, ctx.world.name, replica.hasBegun)
    if (problem !== undefined) sendProblem(response, problem)
    return problem === undefined
  }

  function away(ctx: RequestContext, response: ServerResponse, error: unknown): void {
    if (!isAway(error)) return fail(error, response)
    ctx.lookAgain()
    const live = living.get(ctx)
    if (live !== undefined) return live()
    ctx.reason = (error as Error).message
    way().respond(ctx, response, awayAnswer(ctx, error as Error))
  }

  async function enter(ctx: RequestContext, response: ServerResponse, proceed: Proceed): Promise<void> {
    const replica = replicaOf(ctx)
    if (ctx.path !== LIVE) {
      if (!(await mayBegin(ctx, response, replica))) return
      await arrive(ctx, replica)
    }
    ctx.lookAgain()
    way().intercept(ctx, response, (respond) => work(ctx, response, proceed, respond))
  }

  function work(ctx: RequestContext, response: ServerResponse, proceed: Proceed, respond: Respond): void {
    if (ctx.view === undefined || ctx.path === LIVE || ctx.path === READY) return proceed(respond)
    const act = isReading(ctx) ? read : write
    // Nobody is kept waiting by a body that comes slowly. What is wrong with it the route finds out by itself.
    const whole = ctx.sent?.whole().catch(() => {}) ?? Promise.resolve()
    whole.then(() => act(ctx, response, proceed, respond)).catch((error) => away(ctx, response, error))
  }

  async function read(
    ctx: RequestContext,
    response: ServerResponse,
    proceed: Proceed,
    respond: Respond,
  ): Promise<void> {
    const replica = replicaOf(ctx)
    const end = await replica.read()
    const { refused } = replica
    const answer = await answerOf(ctx, response, proceed)
    end()
    if (answer === undefined) return
    // It found out on its way that it has to change something, and has not done so yet.
    if (replica.refused !== refused) return writeOrForget(ctx, response, proceed, respond)
    respond(ctx, response, answer)
  }

  async function write(
    ctx: RequestContext,
    response: ServerResponse,
    proceed: Proceed,
    respond: Respond,
  ): Promise<void> {
    const answer = await replicaOf(ctx).write(() => answerOf(ctx, response, proceed), 'again')
    if (answer !== undefined) respond(ctx, response, answer)
  }

  /** What strikes a request: nothing, for the most part, which needs no turn. */
  async function decideFor<F extends { changes: unknown[] }, T>(
    ctx: RequestContext,
    find: () => F,
    decide: (found: F) => T,
  ): Promise<T> {
    const replica = replicaOf(ctx)
    const act = () => {
      ctx.lookAgain()
      return decide(find())
    }
    const end = await replica.read()
    try {
      if (find().changes.length === 0) return act()
    } finally {
      end()
    }
    return replica.write(act, 'again')
  }

  /** A read that only has something to remember is answered without, where the store cannot take that. */
  async function writeOrForget(...request: Parameters<typeof read>): Promise<void> {
    const [ctx] = request
    try {
      await write(...request)
    } catch (error) {
      if (!isAway(error) || ctx.isForgetful) throw error
      ctx.isForgetful = true
      await read(...request)
    }
  }

  return {
    intercept(ctx, response, proceed) {
      if (ctx.path === LIVE) living.set(ctx, () => proceed(way().respond))
      enter(ctx, response, proceed).catch((error) => away(ctx, response, error))
    },
    inTurn(ctx, response, find, decide, then) {
      decideFor(ctx, find, decide)
        .then(then)
        .catch((error) => away(ctx, response, error))
    },
    sharedGates: createSharedGates(waits),
  }
}

/** What a request is answered. Undefined: it was ended without an answer. */
function answerOf(ctx: RequestContext, response: ServerResponse, proceed: Proceed): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    response.once('close', () => resolve(undefined))
    ctx.lookAgain()
    try {
      proceed((_, __, answer) => resolve(answer))
    } catch (error) {
      reject(error)
    }
  })
}

function awayAnswer({ path }: RequestContext, { message }: Error): Answer {
  const headers = { 'Retry-After': '1' }
  return { ...mockAnswer(503, `${path === READY ? 'not ready: ' : ''}${message}`), headers }
}

function isReading({ method, view }: RequestContext): boolean {
  return SAFE.has(method) || READING_ROUTES.has(view?.route ?? '')
}

function replicaOf(ctx: RequestContext): Replica {
  return (ctx.world as World).replica as Replica
}

function isAway(error: unknown): boolean {
  return error instanceof Error && error.name === 'StoreAway'
}
