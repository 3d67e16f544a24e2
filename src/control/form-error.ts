import type { FastifyRequest } from 'fastify'
import type { Given } from '../world/kinds/kind.js'
import type { Finding } from '../world/load/check.js'
import { FixtureError } from '../world/load/mistakes.js'
import type { CheckedSeed } from '../world/load/plan.js'
import { soundPart } from '../world/load/sound.js'

/** What is wrong with the form of a control request. */
export class FormError extends FixtureError {
  readonly findings: Finding[]

  constructor(findings: Finding[]) {
    super(findings)
    this.findings = findings
  }
}

/**
 * The seed in the body of a request whose route has `attachValidation`: it may be wrong in its form, and what else is
 * wrong with it is told together with that.
 *
 * @throws FormError where anything but the body is wrong, or nothing in the body is right
 */
export function checkedSeed({ body, validationError }: FastifyRequest): CheckedSeed {
  if (validationError === undefined) return { given: body as Given, mistakes: [] }
  const error: unknown = validationError
  if (!(error instanceof FormError) || validationError.validationContext !== 'body') throw error
  const broken = error.findings.flatMap((finding) => finding.broken ?? [])
  const given = soundPart(body, '', new Set(broken), () => {}) as Given | undefined
  if (given === undefined) throw error
  return { given, mistakes: error.mistakes }
}
