/** A step that did not go as on a real authentik. */
export interface Failure {
  step: string
  error: string
  /** The fields in which authentik breaks its contract, where these alone are the reason. */
  breaches?: string[]
  /** The release whose recorded bodies fail the client for the same reason. */
  recording?: string
}

/** What came of one version of a client. */
export interface Trial {
  language: string
  package: string
  version: string
  /** The release that it speaks for. */
  release?: string
  steps?: number
  failures?: Failure[]
  skipped?: string
  /** Why it could not be tried. */
  broken?: string
}

/** Whether every failure lies with authentik, and its recorded bodies show that. */
export function isAgreed({ broken, failures = [] }: Trial): boolean {
  return broken === undefined && failures.every(isExplained)
}

export function isExplained({ breaches, recording }: Failure): boolean {
  return breaches !== undefined && recording !== undefined
}
