import type { Arrays } from './arrays.js'
import type { SnapshotData } from './change.js'
import type { Generator } from './generate/generator.js'
import { type Columns, createColumns } from './index/columns.js'
import { memoizeSelections, type Select, selectRows } from './index/selection.js'
import { type BegunRows, beginRows } from './indexed-rows.js'
import type { Micros } from './instant.js'
import type { Kind } from './kinds/kind.js'
import type { KeyOf, Kinds, RowOf, Section } from './kinds/registry.js'
import { memoizeAll } from './memoize.js'
import { secretFields, secretsOf } from './secrets.js'
import type { StubSeed } from './stubs/seed.js'
import { cell } from './table.js'
import type { Key } from './value.js'

/** The rows that fixtures yield, by section and key. */
export type Entities = { [S in Section]: Map<KeyOf<S>, RowOf<S>> } & { [section: string]: Map<Key, unknown> }

/** Where a world stands: what its rows are a function of, beside themselves. */
export interface Place {
  installId: string
  baseUrl: string
  /** The moment that relative times of its fixtures count from. */
  begin: Micros
  /** Everything drawn is a function of it. */
  seed: number
  /** Answers for what the mock does not serve, in the order in which they were described. */
  stubs?: StubSeed[]
}

/** A world as it began: never changed, shared by all worlds that were born from it. */
export interface Snapshot extends Place {
  kinds: Kinds
  /** Where what is selected of its rows, and of rows that changed since, is kept. */
  arrays: Arrays
  /** The rows of a section. */
  rows(section: string): BegunRows<Key, unknown>
  columns(section: string): Columns
  /** The keys of the rows of a section that a selection of the rows as they began holds. */
  select(section: string): Select
  /** What nobody should read in a log. Tokens of made-up rows are not among it. */
  secrets(): Iterable<string>
}

export function createSnapshot(
  place: Place,
  kinds: Kinds,
  entities: Entities,
  arrays: Arrays,
  generator?: Generator,
): Snapshot {
  const rowsOf = memoizeAll((section: string) => {
    const written = entities[section]
    if (written === undefined) throw new Error(`there is no kind ${section}`)
    return beginRows(written, generator?.rows[section])
  })
  const indexOf = memoizeAll((section: string) => {
    const columns = createColumns(kinds[section] as Kind, rowsOf(section), arrays)
    return { columns, select: memoizeSelections(arrays, (selection) => selectRows(columns, selection)) }
  })

  return {
    ...place,
    kinds,
    arrays,
    rows: rowsOf,
    columns: (section) => indexOf(section).columns,
    select: (section) => indexOf(section).select,
    *secrets() {
      const origin = { kinds, seed: place.seed }
      for (const section in entities)
        if (secretFields(kinds[section] as Kind).length > 0)
          for (const row of (entities[section] as Map<Key, unknown>).values()) yield* secretsOf(origin, section, row)
      yield* generator?.clientSecrets() ?? []
    },
  }
}

/** A snapshot of rows that came as plain JSON. */
export function restoreSnapshot({ rows, ...place }: SnapshotData, { kinds, arrays }: Snapshot): Snapshot {
  const entities = Object.entries(kinds).map(([section, { key }]) => [
    section,
    new Map((rows[section] ?? []).map((row) => [cell(row, key) as Key, row])),
  ])
  return createSnapshot(place, kinds, Object.fromEntries(entities) as Entities, arrays)
}

/** The rows of a snapshot as plain JSON; made-up ones are left out. */
export function snapshotData({ installId, baseUrl, begin, seed, stubs = [], kinds, rows }: Snapshot): SnapshotData {
  const written = Object.keys(kinds).map((section) => [section, [...rows(section).written.values()]])
  return { installId, baseUrl, begin, seed, stubs, rows: Object.fromEntries(written) }
}
