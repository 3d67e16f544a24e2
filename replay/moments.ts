import { type Micros, microsOf, parseIso } from '../src/world/instant.js'
import type { Recording, Step } from './recording.js'

/** When a step was sent. */
export function atOf(step: Step | undefined): Micros | undefined {
  const instant = parseIso(step?.at ?? '')
  return instant === undefined ? undefined : microsOf(instant)
}

/** When the recorded tokens of a step were issued, in seconds. */
export function issuedAt({ name }: Step, { tokens }: Recording): number | undefined {
  const claims = tokens[`${name}#access_token`]?.claims ?? tokens[`${name}#id_token`]?.claims
  return claims?.['iat'] === undefined ? undefined : Number(claims['iat'])
}

/** A second that ended during the recorded answer: its tokens do not agree about it among themselves. */
export function driftOf(step: Step, recording: Recording): number {
  const [issued, at] = [issuedAt(step, recording), atOf(step)]
  return issued !== undefined && at !== undefined && issued * 1e6 > at ? 1 : 0
}

/**
 * The moment to which the clock is set: `at`, or the second of the recorded tokens where that had begun before they
 * were issued. Undefined: it stays.
 */
export function momentOf(batch: Step[], recording: Recording): Micros | undefined {
  const at = atOf(batch[0])
  const issued = Math.max(...batch.map((step) => issuedAt(step, recording) ?? 0)) * 1e6
  if (at === undefined) return issued > 0 ? issued : undefined
  return issued > at && issued < at + 2e6 ? issued : at
}

/** Steps without `at` began with codes made beforehand: these were issued when their people signed in. */
export function beginOf({ steps, tokens }: Recording): Micros | undefined {
  if (steps.some(({ at }) => at !== undefined)) return undefined
  const first = Object.values(tokens)[0]?.claims?.['auth_time']
  return first === undefined ? undefined : Number(first) * 1e6
}
