import type { Arrays } from '../arrays.js'
import type { Kind } from '../kinds/kind.js'
import { memoizeAll } from '../memoize.js'
import type { Key, Value } from '../value.js'
import { type Cells, type Columns, compareCells, type IsMet, type Keys, type OrderTerm } from './columns.js'
import { lowerBound } from './ranks.js'

export interface Selection {
  order: OrderTerm[]
  /** Column and value: all of them must hold. */
  where: [column: string, value: Value][]
  /** What must hold beside. */
  tests?: ColumnTest[]
}

/** A condition on some columns of a row. */
export interface ColumnTest {
  /** Two conditions of one name are the same. */
  name: string
  columns: string[]
  isMet: IsMet
}

/** The primary keys of the rows that a selection holds, in its order. */
export type Select = (selection: Selection) => Keys

/** The same for selections that hold the same rows. */
export const nameOfSelection = memoizeAll((selection: Selection) => JSON.stringify(selection), new WeakMap())

/** Remembers selections. */
export function memoizeSelections(arrays: Arrays, select: Select): Select {
  const kept = arrays.open<Keys>()
  return (selection) => {
    const name = nameOfSelection(selection)
    return kept.get(name) ?? kept.set(name, select(selection))
  }
}

/** Above a hundredth of the rows it is quicker to filter the sorted index than to sort what a filter leaves. */
const LARGE_SHARE = 0.01

/** The rows of the beginning that a selection holds, by primary key, in its order. */
export function selectRows(columns: Columns, { order, where, tests = [] }: Selection): Keys {
  const left = tests.reduce(
    (positions, { columns: names, isMet }) => columns.passing(positions, names, isMet),
    positionsWhere(columns, order, where),
  )
  return columns.keysAt(left)
}

function positionsWhere(columns: Columns, order: OrderTerm[], where: Selection['where']): Uint32Array {
  const candidates = where.map(([column, value]) => columns.whereEquals(column, value))
  if (candidates.length === 0) return columns.sorted(order)
  const equal = (positions: Uint32Array) =>
    where.reduce((left, [column, value]) => columns.passing(left, [column], ([cell]) => cell === value), positions)
  const fewest = candidates.reduce((a, b) => (b.length < a.length ? b : a))
  if (fewest.length > LARGE_SHARE * columns.length) return equal(columns.sorted(order))
  const compare = orderOf(order)
  return equal(fewest).sort((a, b) => compare(columns.at(a), columns.at(b)) || a - b)
}

/**
 * What became of a selection: the rows of the beginning without those that changed, and what they became merged in.
 *
 * @param begun what it held at the beginning
 */
export function selectChanged(
  kind: Kind,
  columns: Columns,
  begun: Keys,
  changes: ReadonlyMap<Key, unknown>,
  selection: Selection,
): Keys {
  const isWanted = filterOf(selection)
  const compare = orderOfEntries(selection.order)
  const entryAt = (place: number): Entry => {
    const key = begun[place] as Key
    return { key, cells: columns.at(columns.positionOf(key) as number) }
  }
  const placeOf = (entry: Entry) => lowerBound(begun.length, (place) => compare(entryAt(place), entry) >= 0)
  const gone: number[] = []
  const added: (Entry & { place: number })[] = []
  for (const [key, row] of changes) {
    const position = columns.positionOf(key)
    const before = position === undefined ? undefined : { key, cells: columns.at(position) }
    if (before !== undefined && isWanted(before.cells)) gone.push(placeOf(before))
    const now = row === null ? undefined : { key, cells: cellsOf(kind, row) }
    if (now !== undefined && isWanted(now.cells)) added.push({ ...now, place: placeOf(now) })
  }
  added.sort(compare)
  gone.sort((a, b) => a - b)
  return mergeSorted(begun, gone, added)
}

/**
 * What became of a selection when a few rows more were changed.
 *
 * @param before what it held then
 * @param touched the keys of those rows
 */
export function updateSelection(
  kind: Kind,
  columns: Columns,
  before: Keys,
  touched: ReadonlySet<Key>,
  changes: ReadonlyMap<Key, unknown>,
  selection: Selection,
): Keys {
  const isWanted = filterOf(selection)
  const compare = orderOfEntries(selection.order)
  const left = (before as Key[]).filter((key) => !touched.has(key))
  const entryOf = (key: Key): Entry => {
    const row = changes.get(key)
    return { key, cells: row ? cellsOf(kind, row) : columns.at(columns.positionOf(key) as number) }
  }
  const added = Array.from(touched)
    .filter((key) => changes.get(key) != null)
    .map(entryOf)
    .filter(({ cells }) => isWanted(cells))
    .sort(compare)
    .map((entry) => ({
      ...entry,
      place: lowerBound(left.length, (place) => compare(entryOf(left[place] as Key), entry) >= 0),
    }))
  return mergeSorted(left, [], added)
}

interface Entry {
  key: Key
  cells: Cells
}

export function cellsOf(kind: Kind, row: unknown): Cells {
  const cells: Cells = {}
  for (const [name, read] of Object.entries({ ...kind.columns, ...kind.unlisted })) cells[name] = read(row as never)
  return cells
}

/** @param added each goes before what stands at its place */
function mergeSorted(begun: Keys, gone: number[], added: { place: number; key: Key }[]): Keys {
  const length = begun.length - gone.length + added.length
  const merged: Keys = begun instanceof Int32Array ? new Int32Array(length) : new Array<Key>(length)
  let at = 0
  let from = 0
  const copyUntil = (place: number) => {
    if (merged instanceof Int32Array) merged.set((begun as Int32Array).subarray(from, place), at)
    else for (let i = from; i < place; i++) merged[at + i - from] = begun[i] as Key
    at += place - from
    from = place
  }
  let next = 0
  for (const place of [...gone, begun.length]) {
    for (; next < added.length && (added[next] as (typeof added)[0]).place <= place; next++) {
      const { place: before, key } = added[next] as (typeof added)[0]
      copyUntil(before)
      merged[at++] = key as never
    }
    copyUntil(place)
    from = place + 1
  }
  return merged
}

function filterOf({ where, tests = [] }: Selection) {
  return (cells: Cells) =>
    where.every(([column, value]) => cells[column] === value) &&
    tests.every(({ columns, isMet }) => isMet(columns.map((column) => cells[column] ?? null)))
}

/** Rows that tie stand by key. */
function orderOfEntries(order: OrderTerm[]) {
  const compare = orderOf(order)
  return (a: Entry, b: Entry) => compare(a.cells, b.cells) || compareCells(a.key, b.key)
}

/** Compares rows by the terms of an order; those that tie in all of them are equal. */
export function orderOf(order: OrderTerm[]) {
  return (a: Cells, b: Cells): number => {
    for (const { by, descending } of order) {
      const compared = compareCells(a[by] as Value | null, b[by] as Value | null)
      if (compared !== 0) return descending ? -compared : compared
    }
    return 0
  }
}
