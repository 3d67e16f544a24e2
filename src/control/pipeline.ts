import type { ServerResponse } from 'node:http'
import { type Answer, bodyOf } from '../authentik/answer.js'
import { send } from '../authentik/send.js'
import type { Visit } from '../authentik/visit.js'
import { FixtureError } from '../world/fixtures/mistakes.js'
import { isOutOfDescriptors, lazyImport } from '../world/lazy.js'
import { problemOf } from './problem.js'
import { realmOf } from './realm.js'
import type { Reporter } from './report/report.js'
import { type Strike, strikeOf } from './strike.js'
import type { Waits } from './waits.js'

/** The header by which a single request asks for an answer of its own. */
const WISH_HEADER = 'x-mock-prefer'

/** What happens around the handling of a request: faults before it and after it, and the note in the journal. */
export interface Pipeline {
  /** Lets a request go on, or not. */
  admit(response: ServerResponse, visit: Visit, proceed: () => void): void
  respond(response: ServerResponse, visit: Visit, answer: Answer): void
}

export interface PipelineSettings {
  /** Is told of every answer; null: the connection was dropped. */
  log: (visit: Visit, status: number | null) => void
  /** Ends a request that could not be answered. */
  fail: (error: unknown, response: ServerResponse) => void
  reporter: Reporter
  waits: Waits
  /** Whether tests may interfere at all. */
  isControlled: boolean
}

export function createPipeline({ log, fail, reporter, waits, isControlled }: PipelineSettings): Pipeline {
  const strikes = new WeakMap<Visit, Strike>()

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

  function finish(response: ServerResponse, visit: Visit, answer: Answer | undefined, strike?: Strike): void {
    const isDropped = answer === undefined || strike?.connection === 'drop'
    if (isDropped) response.socket?.destroy()
    else send(response, visit, answer, strike?.connection)
    const status = isDropped ? null : answer.status
    realmOf(visit).journal.note(visit, status, strike?.fault ?? null, reporter.note(visit, status))
    log(visit, status)
  }

  function strikeBefore(response: ServerResponse, visit: Visit, strike: Strike, proceed: () => void): void {
    const { answer, connection } = strike
    if (answer === undefined && connection !== 'drop') {
      // Only a delay, or a cut: authentik's own answer follows.
      strikes.set(visit, { ...strike, delay: 0, answer: undefined })
      later(strike.delay, response, proceed)
    } else later(strike.delay, response, () => finish(response, visit, answer, strike))
  }

  function proceedUnder(strike: Strike | undefined, response: ServerResponse, visit: Visit, proceed: () => void): void {
    if (strike === undefined) proceed()
    else if (!strike.after) strikeBefore(response, visit, strike, proceed)
    else {
      strikes.set(visit, strike)
      proceed()
    }
  }

  return {
    admit(response, visit, proceed) {
      if (!isControlled) return proceed()
      const wish = visit.request.headers[WISH_HEADER]
      if (wish === undefined) proceedUnder(strikeOfFault(visit), response, visit, proceed)
      else
        strikeOfWish(visit, String(wish))
          .then((strike) => proceedUnder(strike, response, visit, proceed))
          .catch((error) => fail(error, response))
    },
    respond(response, visit, answer) {
      const strike = strikes.get(visit)
      if (strike === undefined) return finish(response, visit, answer)
      later(strike.delay, response, () => finish(response, visit, strike.answer ?? answer, strike))
    },
  }
}

function strikeOfFault(visit: Visit): Strike | undefined {
  const { faults } = realmOf(visit)
  const fault = faults.list.length === 0 ? undefined : faults.take(visit)
  return fault && strikeOf(fault, fault.id, visit)
}

/** Wishes are read by typebox, which is loaded by the first of them. */
const loadReader = lazyImport(async () => (await import('./wish.js')).readWish)

async function strikeOfWish(visit: Visit, header: string): Promise<Strike> {
  try {
    const readWish = await loadReader()
    return strikeOf(readWish(header), 'request', visit)
  } catch (error) {
    if (!(error instanceof FixtureError) && !isOutOfDescriptors(error)) throw error
    return { fault: 'request', after: false, delay: 0, connection: undefined, answer: refusalOf(error) }
  }
}

/** A wish that cannot be met is nothing that authentik would say. */
function refusalOf(error: unknown): Answer {
  const problem = problemOf(error)
  return {
    status: problem.status,
    contentType: 'application/problem+json',
    body: bodyOf(JSON.stringify(problem)),
    from: 'router',
  }
}
