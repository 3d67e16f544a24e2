import { strip } from '../python/text.js'
import type { OrderTerm } from '../world/index/columns.js'
import type { Release } from './releases.js'
import type { Resource } from './resource.js'

/** Reads `ordering`: unknown terms are dropped, the first mention of a field counts, nothing left is the default. */
export function readOrdering(
  value: string | undefined,
  { ordering }: Pick<Resource, 'ordering'>,
  release: Release,
): OrderTerm[] {
  if (value === undefined || value === '') return ordering.byDefault
  const terms = ordering.termsOf?.(release) ?? ordering.terms
  const order = new Map<string, OrderTerm>()
  for (const written of value.split(',')) {
    const term = strip(written)
    const descending = term.startsWith('-')
    const by = descending ? term.slice(1) : term
    if (terms.includes(by) && !order.has(by)) order.set(by, { by, descending })
  }
  return order.size === 0 ? ordering.byDefault : [...order.values()]
}
