import { hash } from 'node:crypto'
import type { Instant } from './instant.js'
import type { Kind } from './kinds/kind.js'
import type { Kinds } from './kinds/registry.js'
import { cell } from './table.js'
import type { Key } from './value.js'

/** What became of rows that have secrets, and why: also of those that are gone. A world forgets the oldest of it. */

export interface RowName {
  section: string
  key: Key
}

/** Why rows are changed: a part of the change, as plain JSON. */
export interface Cause {
  at: Instant
  /** Method and path of the request. */
  by: string
  /** As the answer to it was called: `X-authentik-Id`. */
  request?: string
  /** The grant type of a token request. */
  grant?: string
  /** The client id. */
  client?: string
  /** The name of the API token. */
  as?: string
  /** The code or token that what is made comes of. */
  from?: RowName
}

export interface RowEvent {
  /** `used`: it yielded others, and was no more rotated than revoked. */
  what: 'issued' | 'changed' | 'used' | 'rotated' | 'revoked' | 'deleted'
  /** Undefined: nobody said. */
  cause: Cause | undefined
  /** What came of it. */
  made: RowName[]
  /** The row that took it along. */
  along: RowName | undefined
}

/** The rows that a group of changes made and ended, of the kinds that have a history. */
export interface Touched {
  made: RowName[]
  ended: RowName[]
}

export interface History {
  /** The oldest first; undefined: nothing happened to such a row, or it is forgotten. */
  of(section: string, key: Key): readonly RowEvent[] | undefined
  /** The row that is gone and had this secret of its own. */
  findGone(section: string, secret: string): Key | undefined
  /** Begins a group of changes. */
  begin(cause: Cause | undefined): void
  put(section: string, key: Key, before: unknown, row: unknown): void
  /** @param along the row whose deletion took it along */
  deleted(section: string, key: Key, row: unknown, along: RowName | undefined): void
  /** Ends it, and says what it came to. */
  end(): Touched
  /** How many rows it knows of. */
  readonly size: number
  /** Forgets the oldest quarter, and at least one. */
  shed(): void
  clear(): void
  /** All of it as plain JSON. */
  save(): SavedHistory
  restore(saved: SavedHistory): void
}

export interface SavedHistory {
  /** By the names of the rows. */
  events: [name: string, events: RowEvent[]][]
  /** By the digests of their secrets. */
  gone: [digest: string, key: Key][]
}

/** So many rows are remembered in each world, and so much of each. */
const MAX_ROWS = 50_000
/** So many more may be there: to find the oldest of a map takes the longer, the more were taken out before it. */
const SPARE_ROWS = 5000
const MAX_EVENTS = 20
const NOTHING: RowName[] = []

export function createHistory(kinds: Kinds): History {
  const events = new Map<string, RowEvent[]>()
  const gone = new Map<string, Key>()
  let cause: Cause | undefined
  let touched: Touched = { made: [], ended: [] }

  function note(section: string, key: Key, event: Pick<RowEvent, 'what'> & Partial<RowEvent>): void {
    const name = nameOf({ section, key })
    const known = events.get(name) ?? []
    const next: RowEvent = { cause, made: NOTHING, along: undefined, ...event }
    // How it began stays. Most have two events: a list that grows would keep room for more.
    events.set(name, [...(known.length < MAX_EVENTS ? known : known.toSpliced(1, 1)), next])
    forgetSpare(events)
  }

  const isFrom = (section: string, key: Key) => cause?.from?.section === section && cause.from.key === key

  return {
    of: (section, key) => events.get(nameOf({ section, key })),
    findGone: (section, secret) => gone.get(digest(section, secret)),
    begin(of) {
      cause = of
      touched = { made: [], ended: [] }
    },
    put(section, key, before, row) {
      if (!hasHistory(kinds[section])) return
      const isEnded = cell(row, 'revoked') === true && cell(before ?? {}, 'revoked') !== true
      if (before === undefined) {
        note(section, key, { what: 'issued' })
        touched.made.push({ section, key })
      } else if (isEnded) {
        note(section, key, { what: isFrom(section, key) ? 'rotated' : 'revoked' })
        touched.ended.push({ section, key })
      } else note(section, key, { what: isFrom(section, key) ? 'used' : 'changed' })
    },
    deleted(section, key, row, along) {
      const kind = kinds[section]
      if (!hasHistory(kind)) return
      note(section, key, { what: isFrom(section, key) ? 'used' : 'deleted', along })
      touched.ended.push({ section, key })
      for (const field of Object.keys(kind?.secrets ?? {})) {
        const own = cell(row, field)
        if (typeof own === 'string') gone.set(digest(section, own), key)
      }
      forgetSpare(gone)
    },
    end() {
      const { from } = cause ?? {}
      if (from !== undefined) {
        const last = events.get(nameOf(from))?.at(-1)
        if (last?.cause === cause && last !== undefined) last.made = touched.made
        else note(from.section, from.key, { what: 'used', made: touched.made })
      }
      cause = undefined
      return touched
    },
    get size() {
      return events.size
    },
    shed() {
      forgetOldest(events, (events.size * 3) / 4)
      forgetOldest(gone, (gone.size * 3) / 4)
    },
    clear() {
      events.clear()
      gone.clear()
    },
    save: () => ({ events: [...events], gone: [...gone] }),
    restore(saved) {
      for (const [name, known] of saved.events) events.set(name, known)
      for (const [secret, key] of saved.gone) gone.set(secret, key)
    },
  }
}

/** Whether rows of a kind have one: those with secrets that are counted up. */
export function hasHistory(kind: Kind | undefined): boolean {
  return kind?.keys === 'counted' && kind.secrets !== undefined
}

function nameOf({ section, key }: RowName): string {
  return `${section} ${key}`
}

/** The secrets themselves are not kept. */
function digest(section: string, secret: string): string {
  return hash('sha256', `${section} ${secret}`, 'base64url')
}

function forgetSpare(map: Map<string, unknown>): void {
  if (map.size > MAX_ROWS + SPARE_ROWS) forgetOldest(map, MAX_ROWS)
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  for (const name of map.keys()) {
    if (map.size <= most) return
    map.delete(name)
  }
}
