import type { Database } from '../world/database.js'
import type { Micros } from '../world/instant.js'

/** How often an address may ask for a device code. */
const MOST = 20
const WITHIN: Micros = 3.6e9
const MAX_ADDRESSES = 1000

/** Notes a request, unless there were too many already. The clock of the world counts. */
export function isThrottled({ clock, visits }: Database, address: string): boolean {
  const now = clock.now()
  const recent = (visits.get(address) ?? []).filter((at) => at > now - WITHIN)
  const isTooMuch = recent.length >= MOST
  visits.delete(address)
  visits.set(address, isTooMuch ? recent : [...recent, now])
  for (const oldest of visits.keys()) {
    if (visits.size <= MAX_ADDRESSES) break
    visits.delete(oldest)
  }
  return isTooMuch
}
