import type { OrderTerm } from '../world/index/columns.js'
import { KINDS } from '../world/kinds/registry.js'

const DEFAULT: OrderTerm[] = [
  { by: 'provider', descending: false },
  { by: 'expires', descending: false },
]

/** Reads `ordering`: unknown terms are dropped, the first mention of a field counts, nothing left is the default. */
export function readOrdering(value: string | undefined): OrderTerm[] {
  if (value === undefined || value === '') return DEFAULT
  const order = new Map<string, OrderTerm>()
  for (const written of value.split(',')) {
    const term = written.trim()
    const descending = term.startsWith('-')
    const by = descending ? term.slice(1) : term
    if (isTerm(by) && !order.has(by)) order.set(by, { by, descending })
  }
  return order.size === 0 ? DEFAULT : [...order.values()]
}

function isTerm(name: string): boolean {
  return Object.hasOwn(KINDS.refresh_tokens.columns, name)
}
