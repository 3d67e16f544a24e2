import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from '../authentik/answer.js'
import type { RequestContext } from '../authentik/context.js'
import type { ServedWorld } from '../authentik/served-world.js'
import type { Mount } from './target.js'

/** Sends an answer, and notes it where it belongs. */
export type Respond = (ctx: RequestContext, response: ServerResponse, answer: Answer) => void

/** What a mock adds to authentik, as the server sees it: worlds, and what happens around the handling of a request. */
export interface ControlPort {
  /** What may stand in front of a path. */
  mount: Mount
  /** Whether anything is served under `/_mock/`. */
  hasControl: boolean
  /** Answers what must not touch anything. False: the request may go on. */
  turnAway(request: IncomingMessage, response: ServerResponse, world: string | undefined): boolean
  /** The world of a name, born at its first use; undefined: the one without a prefix. */
  locate(name: string | undefined): ServedWorld
  /** Decides whether and when a request goes on, and tells how it is to be answered then. */
  intercept(ctx: RequestContext, response: ServerResponse, proceed: (respond: Respond) => void): void
  /** How many bytes of a body are looked at, beside what the route reads. */
  bodyLimit(world: ServedWorld, path: string): number
  /** Answers where neither a route nor the front server knows the path. */
  unserved(ctx: RequestContext, response: ServerResponse, respond: Respond): void
  /** Answers a request under `/_mock/`. */
  control(request: IncomingMessage, response: ServerResponse): void
  /** Answers a request whose body broke off, if nothing but the body would have answered it. */
  refuseBody(response: ServerResponse): void
}
