import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRecording as readSteps } from '../replay/recording.js'
import { globOf } from '../src/control/glob.js'
import { readRecording } from '../test/conformance/exchanges.js'
import list from './exclusions.json' with { type: 'json' }

/** A failed check, as Schemathesis reports it. */
export interface Failure {
  check: string
  operation: string
  message: string
}

/** Something that authentik does against its own contract, and the mock after it. */
export interface Exclusion {
  name: string
  /** The name of the check, as Schemathesis has it. */
  check: string
  /** Methods and paths of the document; `*` stands for anything between slashes, `**` for anything. */
  operations: string[]
  /** A part of the message. */
  says: string
  evidence: Evidence
}

/**
 * A recorded exchange, or a step of the recorded API, with that status; a field of a recorded row with that value (none: it
 * is absent); or what `docs/differences.md` says.
 */
type Evidence =
  | { exchange: string; status: number }
  | { step: string; status: number }
  | { release: string; field: string; value?: unknown }
  | { difference: string }

const ROOT = join(import.meta.dirname, '..')

const DEFAULT_RECORDING = '2025.2.4'

export const exclusions: Exclusion[] = list

/** @param used gets those that are met */
export function isExcluded({ check, operation, message }: Failure, used: Set<Exclusion>): boolean {
  const met = exclusions.filter(
    (exclusion) =>
      exclusion.check === check &&
      exclusion.operations.some((pattern) => globOf(pattern)(operation)) &&
      message.includes(exclusion.says),
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
  if ('step' in evidence) {
    const { steps } = readSteps(join(ROOT, `test/conformance/oauth2/${DEFAULT_RECORDING}/api.json`))
    return steps.some(({ name, status }) => name === evidence.step && status === evidence.status)
  }
  if ('difference' in evidence)
    return readFileSync(join(ROOT, 'docs/differences.md'), 'utf8').replace(/\s+/g, ' ').includes(evidence.difference)
  const rows = [...readRecording(evidence.release).rows.values()]
  return rows.some((row) => {
    const path = evidence.field.split('.')
    const value = path.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], row)
    return value === evidence.value
  })
}
