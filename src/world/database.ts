import type { RowChange } from './change.js'
import type { Clock } from './clock.js'
import { type Cause, createHistory, type History, type RowName, type SavedHistory, type Touched } from './history.js'
import type { Keys } from './index/columns.js'
import type { Selection } from './index/selection.js'
import { createUpkeep, type Upkeep } from './index/upkeep.js'
import type { Micros } from './instant.js'
import type { Kind, Reference } from './kinds/kind.js'
import type { KeyOf, Kinds, RowOf, Section } from './kinds/registry.js'
import { memoizeAll } from './memoize.js'
import { alphanumeric, uuid } from './random.js'
import { Recent } from './recent.js'
import type { Snapshot } from './snapshot.js'
import { cell, createTable, type Table, type TableFields, type WritableTable } from './table.js'
import type { Key } from './value.js'
import type { Visits } from './visits.js'

/** A table for each section. */
export type Tables = { readonly [S in Section]: Table<KeyOf<S>, RowOf<S>> }

/** The rows of one world and its clock. Knows nothing of HTTP, nor of releases. */
export interface Database extends Tables {
  readonly snapshot: Snapshot
  readonly clock: Clock
  readonly kinds: Kinds
  /** Counts the changes of its rows. */
  readonly version: number
  /** The same, but for what was restored: then as many as there were when it was saved. */
  readonly changes: number
  table(section: string): Table<Key, unknown>
  /** Whether all rows of these sections still say what they said at the beginning. */
  isPristine(sections: readonly string[]): boolean
  /** The keys of the rows that a selection holds, in its order. */
  select(section: string, selection: Selection): Keys
  /** Primary keys that no row of the section ever had, one after the other; the first is the same until a row takes it. */
  newKeys(section: string): () => Key
  /** Letters and digits that no other draw of this world yields: of its seed, its changes so far, and the draws since. */
  draw(what: string, length: number): string
  readonly visits: Visits
  /** The rows on the pages of lists that authentik remembers, until a row changes. */
  readonly pagesShown: Recent<Key[]>
  /** The only way to change a row. All of the changes are applied, in order. */
  apply(changes: RowChange[], cause?: Cause): void
  readonly history: History
  /** What the latest changes came to. */
  readonly touched: Touched
  /** How often its rows began anew. */
  readonly resets: number
  /** The rows as they began. */
  reset(): void
  /** All that happened to it so far, as plain JSON. */
  save(): SavedDatabase
  /** The same, in a database that nothing happened to yet. */
  restore(saved: SavedDatabase): void
}

export interface SavedDatabase {
  /** By section, in the order in which they came; null stands for a deleted row. */
  rows: Record<string, [key: Key, row: unknown][]>
  lastKeys: Record<string, number>
  retired: string[]
  applied: number
  changes: number
  history: SavedHistory
  visits: [address: string, at: readonly Micros[]][]
  pagesShown: [page: string, keys: Key[]][]
}

interface Referrer extends Pick<Reference, 'onDelete'> {
  other: string
  field: string
}

const fieldsOf = memoizeAll(
  ({ key, natural, unique }: Kind): TableFields => ({
    key,
    unique: [...(natural === undefined ? [] : [natural]), ...unique],
  }),
  new WeakMap(),
)

/** A database that shares everything with its snapshot until it is changed. */
export function createDatabase(snapshot: Snapshot, clock: Clock): Database {
  const { kinds } = snapshot
  const tables = new Map<string, WritableTable<Key, unknown>>()
  const table = memoizeAll(
    (section: string) => createTable(snapshot.rows(section), fieldsOf(kinds[section] as Kind)),
    tables,
  )
  let version = 0
  let count = 0
  let resets = 0
  const upkeeps = new Map<string, Upkeep>()
  let lastKeys: { [section: string]: number } = {}
  /** How many changes of rows there were since the beginning, and how many draws since the last. */
  let applied = 0
  let draws = 0
  const history = createHistory(kinds)
  let touched: Touched = { made: [], ended: [] }
  /** Keys of deleted rows that the counter has not come to yet. */
  const retired = new Set<string>()

  function select(section: string, selection: Selection): Keys {
    const { changes } = table(section)
    if (changes.size === 0) return snapshot.select(section)(selection)
    let upkeep = upkeeps.get(section)
    if (upkeep === undefined) {
      upkeep = createUpkeep({
        kind: kinds[section] as Kind,
        columns: snapshot.columns(section),
        begun: snapshot.select(section),
        changes,
        arrays: snapshot.arrays,
      })
      upkeeps.set(section, upkeep)
    }
    return upkeep.select(selection)
  }

  const isCounted = (section: string) => kinds[section]?.keys === 'counted'
  const lastKey = (section: string) => lastKeys[section] ?? (isCounted(section) ? table(section).size : 0)

  function newKeys(section: string): () => Key {
    let count = lastKey(section)
    return () => {
      for (;;) {
        const key = isCounted(section) ? ++count : uuid(0, `new ${kinds[section]?.word}`, ++count)
        if (!table(section).knows(key) && !retired.has(`${section} ${key}`)) return key
      }
    }
  }

  function put(section: string, row: unknown): void {
    const key = cell(row, kinds[section]?.key ?? '') as Key
    const isNext = !table(section).knows(key) && kinds[section]?.keys !== 'given' && newKeys(section)() === key
    if (isNext) lastKeys[section] = isCounted(section) ? Number(key) : lastKey(section) + 1
    history.put(section, key, table(section).get(key), row)
    table(section).set(key, row)
    upkeeps.get(section)?.touch(key)
  }

  function remove(section: string, key: Key, along?: RowName): void {
    const row = table(section).get(key)
    if (row === undefined) return
    history.deleted(section, key, row, along)
    for (const { other, field, onDelete } of referrersOf(section)) release(other, field, onDelete, { section, key })
    if (isCounted(section) && Number(key) > lastKey(section)) retired.add(`${section} ${key}`)
    table(section).delete(key)
    upkeeps.get(section)?.touch(key)
  }

  /** The fields that rows of a kind are referred to by. */
  const referrersOf = memoizeAll((section: string): Referrer[] =>
    Object.entries(kinds).flatMap(([other, { references }]) =>
      Object.entries(references).flatMap(([field, { kind, onDelete }]) =>
        kind === section ? { other, field, onDelete } : [],
      ),
    ),
  )

  /** Does to the rows that refer to a row what is to be done when that one goes. */
  function release(section: string, field: string, onDelete: Reference['onDelete'], gone: RowName): void {
    const { key } = gone
    if (onDelete === 'cascade')
      for (const own of select(section, { order: [], where: [[field, key]] })) remove(section, own, gone)
    if (onDelete === 'set null')
      for (const row of table(section).referring(field, key)) put(section, { ...(row as object), [field]: null })
    if (onDelete === 'remove')
      for (const own of table(section).keys()) {
        const row = table(section).get(own)
        const list = cell(row, field) as Key[]
        if (list.includes(key)) put(section, { ...(row as object), [field]: list.filter((other) => other !== key) })
      }
  }

  const core = {
    snapshot,
    clock,
    kinds,
    get version() {
      return version
    },
    get changes() {
      return count
    },
    get resets() {
      return resets
    },
    table,
    isPristine: (sections: readonly string[]) =>
      version === 0 || sections.every((name) => table(name).changes.size === 0),
    select,
    newKeys,
    visits: new Recent<readonly Micros[]>(),
    pagesShown: new Recent<Key[]>(),
    draw: (what: string, length: number) => alphanumeric(snapshot.seed, `${what} ${draws++}`, applied, length),
    history,
    get touched() {
      return touched
    },
    apply(changes: RowChange[], cause?: Cause) {
      history.begin(cause)
      if (changes.length > 0) draws = 0
      applied += changes.length
      for (const change of changes) {
        if (change.type === 'put') put(change.section, change.row)
        else remove(change.section, change.key)
      }
      touched = history.end()
      if (core.pagesShown.size > 0) core.pagesShown.clear()
      version++
      count++
    },
    reset() {
      for (const each of tables.values()) each.reset()
      upkeeps.clear()
      lastKeys = {}
      retired.clear()
      core.visits.clear()
      core.pagesShown.clear()
      history.clear()
      applied = 0
      draws = 0
      version++
      count++
      resets++
    },
    save(): SavedDatabase {
      const changed = Object.keys(kinds).filter((section) => table(section).changes.size > 0)
      return {
        rows: Object.fromEntries(changed.map((section) => [section, [...table(section).changes]])),
        ...{ lastKeys, retired: [...retired], applied, changes: count },
        ...{ history: history.save(), visits: [...core.visits], pagesShown: [...core.pagesShown] },
      }
    },
    restore(saved: SavedDatabase) {
      for (const [section, rows] of Object.entries(saved.rows))
        for (const [key, row] of rows) {
          if (row === null) table(section).delete(key)
          else table(section).set(key, row)
        }
      lastKeys = saved.lastKeys
      for (const key of saved.retired) retired.add(key)
      applied = saved.applied
      count = saved.changes
      history.restore(saved.history)
      for (const [address, at] of saved.visits) core.visits.set(address, at)
      for (const [page, keys] of saved.pagesShown) core.pagesShown.set(page, keys)
      // What was known of the versions before is no longer true.
      version++
    },
  }
  return Object.setPrototypeOf(core, sectionsOf(kinds))
}

/** Each section is a property of its database: the first who asks for it has its table made and put in its place. */
const sectionsOf = memoizeAll((kinds: Kinds) => {
  const tables: PropertyDescriptorMap = {}
  for (const section in kinds)
    tables[section] = {
      get(this: Database) {
        const table = this.table(section)
        Object.defineProperty(this, section, { value: table })
        return table
      },
    }
  return Object.create(null, tables)
}, new WeakMap())
