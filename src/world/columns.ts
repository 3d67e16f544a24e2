import { LRUCache } from 'lru-cache'
import { microsOf } from './instant.js'
import type { RefreshToken } from './model.js'
import { sortByKey } from './sort.js'
import type { Rows } from './table.js'

/** The columns that refresh tokens can be ordered by. */
export const ORDER_TERMS = ['pk', 'provider', 'user', 'expires', 'revoked'] as const
export type Term = (typeof ORDER_TERMS)[number]

/** A row as the numbers it is ordered by. What never expires comes last, what expired before 1970 counts as 1970. */
export type Keys = Record<Term, number>

export interface OrderTerm {
  by: Term
  descending: boolean
}

/** The rows of a beginning, one column a term, each in order of pk; read at the first use. */
export interface Columns {
  readonly keys: Record<Term, Float64Array>
  /** The positions of the rows in an order; rows that tie stand by pk, ascending. Sorted at its first use. */
  sorted(order: OrderTerm[]): Uint32Array
}

const MAX_ORDERS_BYTES = 64 * 1024 * 1024

export function keysOf(row: RefreshToken): Keys {
  const expires = row.expires === null ? Number.POSITIVE_INFINITY : Math.max(0, microsOf(row.expires))
  return { pk: row.pk, provider: row.provider, user: row.user, expires, revoked: Number(row.revoked) }
}

/** @param keysAt the ordering keys of the row with this pk */
export function createColumns(rows: Rows<number, RefreshToken>, keysAt: (pk: number) => Keys): Columns {
  const orders = new LRUCache<string, Uint32Array>({
    maxSize: MAX_ORDERS_BYTES,
    sizeCalculation: (order) => order.byteLength + 1,
  })
  let keys: Columns['keys'] | undefined

  function read(): Columns['keys'] {
    const pk = Float64Array.from(rows.keys()).sort()
    const columns = { pk, ...emptyColumns(pk.length) }
    for (let i = 0; i < pk.length; i++) {
      const row = keysAt(pk[i] as number)
      columns.provider[i] = row.provider
      columns.user[i] = row.user
      columns.expires[i] = row.expires
      columns.revoked[i] = row.revoked
    }
    return columns
  }

  return {
    get keys() {
      keys ??= read()
      return keys
    },
    sorted(order) {
      const name = order.map((term) => `${term.descending ? '-' : ''}${term.by}`).join()
      const known = orders.get(name)
      if (known !== undefined) return known
      const columns = this.keys
      let sorted: Uint32Array = Uint32Array.from({ length: columns.pk.length }, (_, i) => i)
      for (const term of order.toReversed()) sorted = sortByKey(sorted, columns[term.by], term.descending)
      orders.set(name, sorted)
      return sorted
    },
  }
}

function emptyColumns(length: number) {
  return {
    provider: new Float64Array(length),
    user: new Float64Array(length),
    expires: new Float64Array(length),
    revoked: new Float64Array(length),
  }
}
