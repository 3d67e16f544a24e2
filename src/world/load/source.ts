import type { Reading } from './exact-json.js'
import type { Mistake } from './mistakes.js'

/** Standard input, in the place of a path. */
export const STANDARD_INPUT = '-'

/** A fixture file, read, or another source of rows under a name for messages. */
export interface FixtureSource {
  file: string
  json?: unknown
  /** Where the file stands, if it is one: stubs may name others below it. */
  folder?: string
  /** Why there is no JSON. */
  mistake?: Mistake
  /** The text that could not be read as JSON or YAML. */
  text?: string
  /** Of YAML: see `Reading`. */
  unquoted?: Reading['unquoted']
  /** Sentences about what was lost when it was read. */
  warnings?: string[]
  /** It is part of this program, and need not be checked. */
  trusted?: true
}
