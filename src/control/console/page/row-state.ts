import type { RowData } from './row-pages.js'
import { distanceText, worldNow } from './time.js'
import type { Tone } from './ui.js'

/** How a row that ends stands against the clock of the world. Undefined: it is none of those. */
export function stateOf(row: RowData): { text: string; tone: Tone } | undefined {
  const { revoked, expires } = row
  if (revoked === true) return { text: 'revoked', tone: 'bad' }
  if (expires === undefined || typeof expires === 'number') return undefined
  if (expires === null) return { text: 'never expires', tone: 'good' }
  const end = Date.parse(String(expires))
  if (Number.isNaN(end)) return undefined
  const distance = distanceText(end, worldNow())
  return end < worldNow() ? { text: `expired ${distance}`, tone: 'odd' } : { text: `expires ${distance}`, tone: 'good' }
}
