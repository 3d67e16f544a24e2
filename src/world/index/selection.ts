import { LRUCache } from 'lru-cache'
import type { Columns, Keys, OrderTerm } from './columns.js'
import { keysOf } from './columns.js'
import type { RefreshToken } from './model.js'
import { firstPlace } from './sort.js'

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

/** Of a large share of the rows it is quicker to keep the order of all than to sort those few. */
const LARGE_SHARE = 0.1

/** The rows of the beginning that a selection holds, by primary key, in its order. */
export function selectRows(columns: Columns, selection: Selection): Int32Array {
  const positions = positionsOf(columns, selection)
  const pks = new Int32Array(positions.length)
  for (let i = 0; i < pks.length; i++) pks[i] = columns.pkAt(positions[i] as number)
  return pks
}

function positionsOf(columns: Columns, selection: Selection): Uint32Array {
  const { order, user, provider, owner } = selection
  const filters = [
    ['user', user],
    ['user', owner],
    ['provider', provider],
  ] as const
  const candidates = filters.flatMap(([term, pk]) => (pk === undefined ? [] : [columns.having(term, pk)]))
  if (candidates.length === 0) return columns.sorted(order)
  const isWanted = wanted(selection)
  const fewest = candidates.reduce((a, b) => (b.length < a.length ? b : a))
  if (fewest.length > LARGE_SHARE * columns.length)
    return columns.sorted(order).filter((position) => isWanted(columns.at(position)))
  const compare = comparing(order)
  return fewest
    .filter((position) => isWanted(columns.at(position)))
    .sort((a, b) => compare(columns.at(a), columns.at(b)))
}

/**
 * What became of a selection: the rows of the beginning without those that changed, and what they became woven in.
 *
 * @param begun what it held at the beginning
 */
export function selectChanged(
  columns: Columns,
  begun: Int32Array,
  changes: ReadonlyMap<number, RefreshToken | null>,
  selection: Selection,
): Int32Array {
  const isWanted = wanted(selection)
  const compare = comparing(selection.order)
  const keysAt = (place: number) => columns.at(columns.positionOf(begun[place] as number) as number)
  const placeOf = (keys: Keys) => firstPlace(begun.length, (place) => compare(keysAt(place), keys) >= 0)
  const gone: number[] = []
  const added: { place: number; keys: Keys }[] = []
  for (const [pk, row] of changes) {
    const position = columns.positionOf(pk)
    const before = position === undefined ? undefined : columns.at(position)
    if (before !== undefined && isWanted(before)) gone.push(placeOf(before))
    const keys = row === null ? undefined : keysOf(row)
    if (keys !== undefined && isWanted(keys)) added.push({ place: placeOf(keys), keys })
  }
  added.sort((a, b) => compare(a.keys, b.keys))
  gone.sort((a, b) => a - b)
  return weave(begun, gone, added)
}

/** @param added each goes before what stands at its place */
function weave(begun: Int32Array, gone: number[], added: { place: number; keys: Keys }[]): Int32Array {
  const woven = new Int32Array(begun.length - gone.length + added.length)
  let length = 0
  let from = 0
  const copyUntil = (place: number) => {
    woven.set(begun.subarray(from, place), length)
    length += place - from
    from = place
  }
  let next = 0
  for (const place of [...gone, begun.length]) {
    for (; next < added.length && (added[next] as (typeof added)[0]).place <= place; next++) {
      const { place: before, keys } = added[next] as (typeof added)[0]
      copyUntil(before)
      woven[length++] = keys.pk
    }
    copyUntil(place)
    from = place + 1
  }
  return woven
}

function wanted({ user, provider, owner }: Selection) {
  return (row: Keys) =>
    (user === undefined || row.user === user) &&
    (owner === undefined || row.user === owner) &&
    (provider === undefined || row.provider === provider)
}

function comparing(order: OrderTerm[]) {
  return (a: Keys, b: Keys): number => {
    for (const { by, descending } of order) if (a[by] !== b[by]) return a[by] < b[by] !== descending ? -1 : 1
    return a.pk - b.pk
  }
}
