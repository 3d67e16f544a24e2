import type { Arrays } from '../arrays.js'
import type { BegunRows } from '../indexed-rows.js'
import type { Kind } from '../kinds/kind.js'
import { memoizeAll } from '../memoize.js'
import type { Key, Value } from '../value.js'
import { createWork } from '../work.js'
import { lowerBound, type Ranks, ranksOf, ranksOfTexts, sortByRank } from './ranks.js'

/** The cells of one row, by column. A null comes after everything else. */
export type Cells = Record<string, Value | null>

export interface OrderTerm {
  by: string
  descending: boolean
}

/** The rows of a beginning, one column a term, each in order of the key; read at the first use. A row is its position there. */
export interface Columns {
  readonly length: number
  /** Undefined: no row of the beginning has this key. */
  positionOf(key: Key): number | undefined
  at(position: number): Cells
  /** What stands in one column, by position. */
  cells(column: string): (position: number) => Value | null
  keyAt(position: number): Key
  /** The keys of rows, by their positions. */
  keysAt(positions: Uint32Array): Keys
  /** All positions in an order; rows that tie stand by key, ascending. Sorted at its first use. */
  sorted(order: OrderTerm[]): Uint32Array
  /** The positions of the rows with this value, in order of the key. */
  whereEquals(column: string, value: Value): Uint32Array
  /** Those of some positions whose cells in some columns meet a condition. */
  passing(positions: Uint32Array, columns: readonly string[], isMet: IsMet): Uint32Array
  /** Whether nothing takes long: there are few rows, or all of them were read and ordered by these columns. */
  isReady(order: OrderTerm[]): boolean
  /** Reads all of them, and orders them by these columns, so that others get their turn meanwhile. */
  prepare(order: OrderTerm[]): Promise<void>
}

/** Whether cells meet a condition; they stand in the order of the columns that it asks for. */
export type IsMet = (cells: readonly (Value | null)[]) => boolean

/** Primary keys in an order: packed where they are integers. */
export type Keys = Int32Array | Key[]

/** A column of numbers is packed, with infinity for null. */
type Column = Float64Array | (Value | null)[]

/** @param arrays where orders are kept */
export function createColumns(kind: Kind, rows: BegunRows<Key, unknown>, arrays: Arrays): Columns {
  const names = Object.keys(readersOf(kind))
  const isCounted = kind.keys === 'counted'
  const orders = arrays.open<Uint32Array>()
  const ranks = new Map<string, Ranks>()
  let keys: Float64Array | Key[] | undefined

  const keysNow = () => {
    keys ??= readKeys(rows, isCounted)
    return keys
  }

  const reading = createWork(() => readColumns(kind, rows, keysNow()))
  const column = (name: string) => reading.finish()[name] as Column

  const rankOf = memoizeAll((name: string): Ranks => {
    const values = column(name)
    return values instanceof Float64Array ? ranksOf(values) : ranksOfTexts(values)
  }, ranks)

  function sorted(order: OrderTerm[]): Uint32Array {
    const name = order.map((term) => `${term.descending ? '-' : ''}${term.by}`).join()
    return orders.get(name) ?? orders.set(name, sort(order))
  }

  function sort(order: OrderTerm[]): Uint32Array {
    let positions = new Uint32Array(rows.size)
    for (let i = 0; i < positions.length; i++) positions[i] = i
    const [first] = order
    // They stand by key already: nothing else of them is read.
    if (isCounted && first?.by === kind.key) return first.descending ? positions.reverse() : positions
    for (const { by, descending } of order.toReversed()) positions = sortByRank(positions, rankOf(by), descending)
    return positions
  }

  const keyAt = (position: number) => keysNow()[position] as Key

  return {
    get length() {
      return rows.size
    },
    sorted,
    keyAt,
    keysAt(positions) {
      if (!isCounted) return Array.from(positions, keyAt)
      const keys = new Int32Array(positions.length)
      const all = keysNow() as Float64Array
      for (let i = 0; i < keys.length; i++) keys[i] = all[positions[i] as number] as number
      return keys
    },
    at(position) {
      const cells: Cells = {}
      for (const name of names) cells[name] = cellAt(column(name), position)
      return cells
    },
    cells(name) {
      const values = column(name)
      return (position) => cellAt(values, position)
    },
    positionOf(key) {
      const all = keysNow()
      const position = lowerBound(all.length, (place) => (all[place] as Key) >= key)
      return all[position] === key ? position : undefined
    },
    whereEquals(name, value) {
      const positions = sorted([{ by: name, descending: false }])
      const values = column(name)
      const at = (place: number) => values[positions[place] as number] as Value | null
      const first = lowerBound(positions.length, (place) => compareCells(at(place), value) >= 0)
      const end = lowerBound(positions.length, (place) => compareCells(at(place), value) > 0)
      return positions.subarray(first, end)
    },
    passing(positions, names, isMet) {
      const values = names.map(column)
      const cells: (Value | null)[] = []
      return positions.filter((position) => {
        for (const [i, column] of values.entries()) cells[i] = cellAt(column, position)
        return isMet(cells)
      })
    },
    isReady: (order) => rows.size < MANY || (reading.done !== undefined && order.every(({ by }) => ranks.has(by))),
    async prepare(order) {
      await reading.spread()
      for (const { by } of order) {
        rankOf(by)
        await new Promise(setImmediate)
      }
    },
  }
}

/** To read fewer takes no time that anybody notices. */
const MANY = 5000

function readersOf({ columns, unlisted = {} }: Kind): Kind['columns'] {
  return { ...columns, ...unlisted }
}

/** Null, and what stands for it in a packed column, comes last. */
export function compareCells(a: Value | null, b: Value | null): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  return a < b ? -1 : 1
}

function cellAt(values: Column, position: number): Value | null {
  const value = values[position] as Value | null
  return value === Number.POSITIVE_INFINITY ? null : value
}

function readKeys({ keys: allKeys }: BegunRows<Key, unknown>, isCounted: boolean): Float64Array | Key[] {
  const keys = isCounted ? Float64Array.from(allKeys() as Iterable<number>) : [...allKeys()]
  return keys.sort(isCounted ? undefined : compareCells)
}

/** So many rows are read before anybody else may get a turn. */
const A_FEW = 100

/** Reads every row once, in order of the key. */
function* readColumns(
  kind: Kind,
  { size, written, made, get }: BegunRows<Key, unknown>,
  keys: Float64Array | Key[],
): Generator<void, Record<string, Column>> {
  const readers = Object.entries(readersOf(kind))
  const columns: Record<string, Column> = {}
  for (let i = 0; i < size; i++) {
    if (i % A_FEW === 0) yield
    const key = keys[i] as Key
    const cells = written.has(key) ? undefined : made?.cells?.(key)
    const row = cells === undefined ? get(key) : undefined
    for (const [name, read] of readers) {
      const value = cells === undefined ? read(row) : (cells[name] ?? null)
      // A text that was put together becomes one piece here, and not when somebody sorts or searches.
      if (typeof value === 'string') value.charCodeAt(0)
      let column = columns[name]
      if (column === undefined) {
        column = typeof value === 'string' ? new Array<Value | null>(size) : new Float64Array(size)
        columns[name] = column
      } else if (typeof value === 'string' && column instanceof Float64Array) {
        column = Array.from(column, (cell) => (cell === Number.POSITIVE_INFINITY ? null : cell))
        columns[name] = column
      }
      column[i] = value === null && column instanceof Float64Array ? Number.POSITIVE_INFINITY : (value as Value)
    }
  }
  for (const [name] of readers) columns[name] ??= new Float64Array(0)
  return columns
}
