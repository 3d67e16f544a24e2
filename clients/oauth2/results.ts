/** What came of a client at a release. */
export interface Trial {
  client: string
  /** The packages that were tried, each with its version. */
  packages: string[]
  release: string
  /** How many steps it took. */
  steps?: number
  /** The steps that it has nothing for: taken by plain HTTP, so that those after them can be. */
  plain?: string[]
  /** The steps that it has nothing for, and that were not taken. */
  absent?: string[]
  failures?: { step: string; error: string }[]
  /** Why it could not be tried; a language that is not here is a reason, too. */
  broken?: string
}

export function isAgreed({ broken, failures = [] }: Trial): boolean {
  return broken === undefined && failures.length === 0
}
