import { LRUCache } from 'lru-cache'
import { microsOf } from './instant.js'
import type { RefreshToken } from './model.js'
import { firstPlace, type Ranks, ranksOf, sortByRank } from './sort.js'
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

/** The rows of a beginning, one column a term, each in order of pk; read at the first use. A row is its position there. */
export interface Columns {
  readonly length: number
  /** Undefined: no row of the beginning has this pk. */
  positionOf(pk: number): number | undefined
  at(position: number): Keys
  pkAt(position: number): number
  /** All positions in an order; rows that tie stand by pk, ascending. Sorted at its first use. */
  sorted(order: OrderTerm[]): Uint32Array
  /** The positions of the rows with this value, in order of pk. */
  having(term: Term, value: number): Uint32Array
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
  const ranks: Partial<Record<Term, Ranks>> = {}
  let columns: Record<Term, Float64Array> | undefined

  function read(): Record<Term, Float64Array> {
    const { size } = rows
    const pk = new Float64Array(size)
    let next = 0
    for (const key of rows.keys()) pk[next++] = key
    pk.sort()
    const empty = () => new Float64Array(size)
    const [provider, user, expires, revoked] = [empty(), empty(), empty(), empty()]
    for (let i = 0; i < size; i++) {
      const row = keysAt(pk[i] as number)
      provider[i] = row.provider
      user[i] = row.user
      expires[i] = row.expires
      revoked[i] = row.revoked
    }
    return { pk, provider, user, expires, revoked }
  }

  function column(term: Term): Float64Array {
    columns ??= read()
    return columns[term]
  }

  function sorted(order: OrderTerm[]): Uint32Array {
    const name = order.map((term) => `${term.descending ? '-' : ''}${term.by}`).join()
    const known = orders.get(name)
    if (known !== undefined) return known
    let positions = new Uint32Array(rows.size)
    for (let i = 0; i < positions.length; i++) positions[i] = i
    for (const { by, descending } of order.toReversed()) {
      ranks[by] ??= ranksOf(column(by))
      positions = sortByRank(positions, ranks[by], descending)
    }
    orders.set(name, positions)
    return positions
  }

  return {
    length: rows.size,
    sorted,
    pkAt: (position) => column('pk')[position] as number,
    at: (position) => ({
      pk: column('pk')[position] as number,
      provider: column('provider')[position] as number,
      user: column('user')[position] as number,
      expires: column('expires')[position] as number,
      revoked: column('revoked')[position] as number,
    }),
    positionOf(pk) {
      const pks = column('pk')
      const position = firstPlace(pks.length, (place) => (pks[place] as number) >= pk)
      return pks[position] === pk ? position : undefined
    },
    having(term, value) {
      const positions = sorted([{ by: term, descending: false }])
      const values = column(term)
      const valueAt = (place: number) => values[positions[place] as number] as number
      const first = firstPlace(positions.length, (place) => valueAt(place) >= value)
      const end = firstPlace(positions.length, (place) => valueAt(place) > value)
      return positions.subarray(first, end)
    },
  }
}
