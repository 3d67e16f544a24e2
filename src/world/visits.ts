import type { Micros } from './instant.js'
import type { Recent } from './recent.js'

/** When addresses asked for what they may not ask for often: of each the latest, the most recent address last. */
export type Visits = Recent<readonly Micros[]>

/** As many as anybody counts. */
const MAX_TIMES = 20

export function noteVisit(visits: Visits, address: string, at: Micros): void {
  visits.set(address, [...(visits.get(address) ?? []), at].slice(-MAX_TIMES))
}
