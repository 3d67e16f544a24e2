import type { Visit } from '../authentik/visit.js'
import { createCheck } from '../world/fixtures/check.js'
import { FixtureError } from '../world/fixtures/mistakes.js'
import { FaultSeed } from './schema.js'

/** The header by which a single request asks for an answer of its own: `X-Mock-Prefer: status=503, delay=200`. */
export const WISH_HEADER = 'x-mock-prefer'

const ALLOWED = ['status', 'delay', 'preset', 'connection', 'after'] as const
let check: ReturnType<typeof createCheck> | undefined

/**
 * What a request wishes for itself, if it wishes anything.
 *
 * @throws FixtureError for a wish that cannot be met
 */
export function readWish({ request }: Visit): FaultSeed | undefined {
  const header = request.headers[WISH_HEADER]
  if (header === undefined) return undefined
  const place = { file: 'X-Mock-Prefer', path: '' }
  const wish: Record<string, unknown> = {}
  for (const pair of String(header).split(/[,;]/)) {
    const [name = '', value = 'true'] = pair.split('=').map((text) => text.trim())
    if (!(ALLOWED as readonly string[]).includes(name))
      throw new FixtureError([{ ...place, path: name, found: 'an unknown wish', allowed: ALLOWED.join(', ') }])
    wish[name] = /^\d+$/.test(value) ? Number(value) : value === 'true' ? true : value
  }
  check ??= createCheck(FaultSeed)
  const mistakes = check(wish, place)
  if (mistakes.length > 0) throw new FixtureError(mistakes)
  return wish
}
