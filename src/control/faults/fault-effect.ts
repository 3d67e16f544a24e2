import { type Answer, bodyOf } from '../../authentik/answer.js'
import type { RequestContext } from '../../authentik/context.js'
import { jsonText } from '../../world/json.js'
import type { Fault, FaultSeed } from '../bodies.js'
import { PRESETS } from './presets.js'

/** What a fault makes of a request. */
export interface FaultEffect {
  /** The id of the fault, or `request` where the request itself asked for it. */
  fault: string
  /** Whether the request does its work first. */
  after: boolean
  /** Milliseconds. */
  delay: number
  connection: 'drop' | 'cut' | undefined
  /** What is sent in the place of authentik's answer; undefined: that answer. */
  answer: Answer | undefined
  /** The fault itself, where it is one of the world's. */
  planned?: Fault
  /** What names the request among those that wait at the fault, whichever mocks they came to. */
  ticket?: string | undefined
}

/** In milliseconds. */
export function delayOf({ delay, preset }: FaultSeed): number {
  return delay ?? (preset === undefined ? undefined : PRESETS[preset].delay) ?? 0
}

export function effectOf(fault: FaultSeed, id: string, ctx: RequestContext): FaultEffect {
  const preset = fault.preset === undefined ? undefined : PRESETS[fault.preset]
  return {
    fault: id,
    after: fault.after ?? preset?.after ?? false,
    delay: delayOf(fault),
    connection: fault.connection ?? preset?.connection,
    answer: answerOf(fault, preset?.answer?.(ctx)),
  }
}

/** A preset's answer with what the fault says otherwise; a status alone comes with authentik's headers and no body. */
export function answerOf(
  { status, headers = {}, body }: Pick<FaultSeed, 'status' | 'headers' | 'body'>,
  preset: Answer | undefined,
): Answer | undefined {
  if (preset === undefined && status === undefined) return undefined
  const answer: Answer = {
    status: status ?? 500,
    contentType: null,
    ...preset,
    ...(status !== undefined && { status }),
  }
  if (body !== undefined) {
    answer.body = bodyOf(typeof body === 'string' ? body : jsonText(body))
    answer.contentType = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'
  }
  // Without a prototype, as any name may be among them.
  const others: Record<string, string> = Object.assign(Object.create(null), preset?.headers)
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() === 'content-type') answer.contentType = value
    else others[name] = value
  }
  return { ...answer, headers: others }
}
