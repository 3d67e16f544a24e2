import { readRecording } from '../test/conformance/exchanges.js'
import list from './exclusions.json' with { type: 'json' }
import type { Failure } from './run.js'

/** Something that authentik does against its own contract, and the mock after it. */
export interface Exclusion {
  name: string
  /** The name of the check, as Schemathesis has it. */
  check: string
  operations: string[]
  /** A part of the message. */
  says: string
  evidence: Evidence
}

/** A recorded exchange with that status, or a field of a recorded row with that value (none: it is absent). */
type Evidence = { exchange: string; status: number } | { release: string; field: string; value?: unknown }

const DEFAULT_RECORDING = '2025.2.4'

export const exclusions: Exclusion[] = list

/** @param used gets those that are met */
export function isExcluded({ check, operation, message }: Failure, used: Set<Exclusion>): boolean {
  const met = exclusions.filter(
    (exclusion) =>
      exclusion.check === check && exclusion.operations.includes(operation) && message.includes(exclusion.says),
  )
  for (const exclusion of met) used.add(exclusion)
  return met.length > 0
}

/** The names of exclusions whose evidence no recording holds. */
export function unprovenEvidence(): string[] {
  return exclusions.filter(({ evidence }) => !isRecorded(evidence)).map(({ name }) => name)
}

function isRecorded(evidence: Evidence): boolean {
  if ('exchange' in evidence) {
    const { exchanges } = readRecording(DEFAULT_RECORDING)
    return exchanges.some(({ name, status }) => name === evidence.exchange && status === evidence.status)
  }
  const rows = [...readRecording(evidence.release).rows.values()]
  return rows.some((row) => {
    const path = evidence.field.split('.')
    const value = path.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], row)
    return value === evidence.value
  })
}
