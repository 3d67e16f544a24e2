import type { VisitChange } from '../world/change.js'
import type { Database } from '../world/database.js'
import type { Micros } from '../world/instant.js'

/** How often an address may ask for a device code. */
const MOST = 20
const WITHIN: Micros = 3.6e9

/** Whether there were too many requests already. The clock of the world counts. */
export function isThrottled({ clock, visits }: Database, address: string): boolean {
  const since = clock.now() - WITHIN
  return (visits.get(address) ?? []).filter((at) => at > since).length >= MOST
}

/** The change that notes one more. */
export function visit({ clock }: Database, address: string): VisitChange {
  return { type: 'visit', address, at: clock.now() }
}
