import { LRUCache } from 'lru-cache'
import type { Columns, Keys, OrderTerm } from './columns.js'
import { keysOf } from './columns.js'
import type { RefreshToken } from './model.js'

export interface Selection {
  order: OrderTerm[]
  user?: number | undefined
  provider?: number | undefined
  /** The user whose rows alone are seen. */
  owner?: number | undefined
}

/** The primary keys of the rows that a selection holds, in its order. */
export type Select = (selection: Selection) => Int32Array

const MAX_KEPT_BYTES = 64 * 1024 * 1024

/** Remembers selections, until they take 64 MiB. */
export function keepSelections(select: Select): Select {
  const kept = new LRUCache<string, Int32Array>({
    maxSize: MAX_KEPT_BYTES,
    sizeCalculation: (rows) => rows.byteLength + 256,
  })
  return (selection) => {
    const name = JSON.stringify(selection)
    const known = kept.get(name)
    if (known !== undefined) return known
    const selected = select(selection)
    kept.set(name, selected)
    return selected
  }
}

/**
 * The primary keys of the rows that a selection holds, in its order: the rows of the beginning without those that
 * changed, and what they became woven in.
 */
export function selectRows(
  columns: Columns,
  changes: ReadonlyMap<number, RefreshToken | null>,
  selection: Selection,
): Int32Array {
  const { keys } = columns
  const isWanted = wanted(selection)
  const compare = comparing(selection.order)
  const changed = [...changes.values()].flatMap((row) => (row === null ? [] : keysOf(row)))
  const added = changed.filter((row) => isWanted(row.user, row.provider)).sort(compare)
  const selected = new Int32Array(keys.pk.length + added.length)
  let length = 0
  let next = 0
  for (const i of columns.sorted(selection.order)) {
    const pk = keys.pk[i] as number
    if (!isWanted(keys.user[i] as number, keys.provider[i] as number) || changes.has(pk)) continue
    while (next < added.length && compare(added[next] as Keys, at(keys, i)) < 0)
      selected[length++] = (added[next++] as Keys).pk
    selected[length++] = pk
  }
  while (next < added.length) selected[length++] = (added[next++] as Keys).pk
  return selected.slice(0, length)
}

function wanted({ user, provider, owner }: Selection) {
  return (rowUser: number, rowProvider: number) =>
    (user === undefined || rowUser === user) &&
    (owner === undefined || rowUser === owner) &&
    (provider === undefined || rowProvider === provider)
}

function comparing(order: OrderTerm[]) {
  return (a: Keys, b: Keys): number => {
    for (const { by, descending } of order) if (a[by] !== b[by]) return a[by] < b[by] !== descending ? -1 : 1
    return a.pk - b.pk
  }
}

function at(keys: Columns['keys'], i: number): Keys {
  return {
    pk: keys.pk[i] as number,
    provider: keys.provider[i] as number,
    user: keys.user[i] as number,
    expires: keys.expires[i] as number,
    revoked: keys.revoked[i] as number,
  }
}
