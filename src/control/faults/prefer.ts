import { createCheck } from '../../world/load/check.js'
import { allowedInstead, FixtureError } from '../../world/load/mistakes.js'
import { FaultSeed } from '../bodies.js'

const ALLOWED = ['status', 'delay', 'preset', 'connection', 'after'] as const
const check = createCheck(FaultSeed)

/**
 * What a request asks for itself: `X-Mock-Prefer: status=503, delay=200`.
 *
 * @throws FixtureError for what cannot be done
 */
export function readPrefer(header: string): FaultSeed {
  const place = { file: 'X-Mock-Prefer', path: '' }
  const prefer: Record<string, unknown> = {}
  for (const pair of header.split(/[,;]/)) {
    const [name = '', value = 'true'] = pair.split('=').map((text) => text.trim())
    if (!(ALLOWED as readonly string[]).includes(name)) {
      const allowed = allowedInstead(name, ALLOWED)
      throw new FixtureError([{ ...place, path: name, found: 'an unknown preference', allowed }])
    }
    prefer[name] = /^\d+$/.test(value) ? Number(value) : value === 'true' ? true : value
  }
  const mistakes = check(prefer, place)
  if (mistakes.length > 0) throw new FixtureError(mistakes)
  return prefer
}
