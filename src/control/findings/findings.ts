import { truncate } from '../journal/truncate.js'
import type { Found, RuleName } from './rules.js'

/** What is wrong with one request: each thing once. */
export interface Findings {
  list: Found[]
  /** How many there were beyond those on the list. */
  further: number
}

/** What is wrong with a request is given to it. */
export type Add = (rule: RuleName, found: string) => void

const MAX_FINDINGS = 20
export const MAX_FOUND_LENGTH = 100

/** What is wrong with most requests. One for all: a journal keeps it with each. */
export const NOTHING: Findings = { list: [], further: 0 }

/** Returns the findings with one more, unless it is there. */
export function withFinding(findings: Findings, rule: RuleName, found: string): Findings {
  const text = found.length > MAX_FOUND_LENGTH ? truncate(found, MAX_FOUND_LENGTH) : found
  if (findings.list.some((other) => other.rule === rule && other.found === text)) return findings
  const all = findings === NOTHING ? { list: [], further: 0 } : findings
  if (all.list.length < MAX_FINDINGS) all.list.push({ rule, found: text })
  else all.further++
  return all
}
