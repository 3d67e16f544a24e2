import { createCheck } from '../world/load/check.js'
import { FixtureError } from '../world/load/mistakes.js'
import { FaultSeed } from './schema.js'

const ALLOWED = ['status', 'delay', 'preset', 'connection', 'after'] as const
const check = createCheck(FaultSeed)

/**
 * What a request wishes for itself: `X-Mock-Prefer: status=503, delay=200`.
 *
 * @throws FixtureError for a wish that cannot be met
 */
export function readWish(header: string): FaultSeed {
  const place = { file: 'X-Mock-Prefer', path: '' }
  const wish: Record<string, unknown> = {}
  for (const pair of header.split(/[,;]/)) {
    const [name = '', value = 'true'] = pair.split('=').map((text) => text.trim())
    if (!(ALLOWED as readonly string[]).includes(name))
      throw new FixtureError([{ ...place, path: name, found: 'an unknown wish', allowed: ALLOWED.join(', ') }])
    wish[name] = /^\d+$/.test(value) ? Number(value) : value === 'true' ? true : value
  }
  const mistakes = check(wish, place)
  if (mistakes.length > 0) throw new FixtureError(mistakes)
  return wish
}
