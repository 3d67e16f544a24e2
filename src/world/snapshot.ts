import type { Generator } from './generate/generator.js'
import { type Columns, createColumns } from './index/columns.js'
import { memoizeSelections, type Select, selectRows } from './index/selection.js'
import { type BegunRows, beginRows } from './indexed-rows.js'
import type { Micros } from './instant.js'
import type { Key } from './kinds/kind.js'
import type { KeyOf, Kinds, RowOf, Section } from './kinds/registry.js'

/** The rows that fixtures yield, by section and key. */
export type Entities = { [S in Section]: Map<KeyOf<S>, RowOf<S>> } & { [section: string]: Map<Key, unknown> }

/** Where a world stands: what its rows are a function of, beside themselves. */
export interface Place {
  installId: string
  baseUrl: string
  /** The moment that relative times of its fixtures count from. */
  begin: Micros
}

/** A world as it began: never changed, shared by all worlds that were born from it. */
export interface Snapshot extends Place {
  kinds: Kinds
  /** The rows of a section. */
  rows(section: string): BegunRows<Key, unknown>
  columns(section: string): Columns
  /** The keys of the rows of a section that a selection of the rows as they began holds. */
  select(section: string): Select
}

export function createSnapshot(place: Place, kinds: Kinds, entities: Entities, generator?: Generator): Snapshot {
  const sections = new Map(
    Object.entries(kinds).map(([section, kind]) => {
      const rows = beginRows(entities[section] as Map<Key, unknown>, generator?.rows[section])
      const columns = createColumns(kind, rows)
      return [section, { rows, columns, select: memoizeSelections((selection) => selectRows(columns, selection)) }]
    }),
  )
  const at = (section: string) => {
    const found = sections.get(section)
    if (found === undefined) throw new Error(`there is no kind ${section}`)
    return found
  }
  return {
    ...place,
    kinds,
    rows: (section) => at(section).rows,
    columns: (section) => at(section).columns,
    select: (section) => at(section).select,
  }
}
