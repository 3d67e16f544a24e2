import { SWEPT } from '../oauth2/lifecycle.js'
import type { RowChange } from '../world/change.js'
import type { Database } from '../world/database.js'
import type { Cause } from '../world/history.js'
import { formatInstant, type Instant, isOver } from '../world/instant.js'
import { cell } from '../world/table.js'
import type { Key } from '../world/value.js'

/**
 * The rows that clients made by their requests, in one world: codes, tokens, sessions and the like. Nobody deletes most of
 * them, so those that all worlds have together are limited. What fixtures and control requests make is not counted.
 */
export interface Issued {
  /** How many there are. A large one counts as several, as clients say a part of what stands in it. */
  readonly size: number
  /** Notes rows that are about to be made or deleted. */
  note(changes: RowChange[], cause: Cause | undefined): void
  /**
   * Lets go of some of the oldest: of those that are of no use any more, else of access tokens and codes, else of others.
   * The change that deletes them.
   *
   * @param why what the history of a row says
   */
  forget(why: string): { type: 'rows'; changes: RowChange[]; cause: Cause }
  clear(): void
  /** The names of the rows and what each counts as, the oldest first. */
  save(): [name: string, weight: number][]
  restore(saved: [name: string, weight: number][]): void
}

/** So many of the oldest are looked at, and so many go at once: a request waits for it. */
const LOOKED_AT = 200
const AT_ONCE = 100
/** A row that is longer counts as several. */
const USUAL_LENGTH = 4096
const SHORT_LIVED = ['access_tokens', 'authorization_codes', 'device_codes']

export function createIssued(databaseOf: () => Database): Issued {
  /** The oldest first: what each counts as, by section and key. */
  const names = new Map<string, number>()
  let size = 0

  function add(name: string, weight: number): void {
    names.set(name, weight)
    size += weight
  }

  /** Returns what it counted as; undefined: it is not there. */
  function remove(name: string): number | undefined {
    const weight = names.get(name)
    if (weight !== undefined && names.delete(name)) size -= weight
    return weight
  }

  /** What is of no use any more is worth least, then what a client gets anew by what remains. */
  function worthOf(section: string, key: Key): number {
    const { table, clock } = databaseOf()
    const row = table(section).get(key)
    if (row === undefined || cell(row, 'revoked') === true) return 0
    if (isOver(cell(row, 'expires') as Instant | null, clock.now())) return 0
    return SHORT_LIVED.includes(section) ? 1 : 2
  }

  return {
    get size() {
      return size
    },
    note(changes, cause) {
      const { table, kinds } = databaseOf()
      for (const change of changes) {
        const { section } = change
        if (!SWEPT.includes(section)) continue
        const key = change.type === 'delete' ? change.key : (cell(change.row, kinds[section]?.key ?? '') as Key)
        if (change.type === 'delete') remove(`${section} ${key}`)
        // A request by which a client made it, and not the control API, has a name.
        else if (cause?.request !== undefined && table(section).get(key) === undefined)
          add(`${section} ${key}`, Math.max(1, Math.round(lengthOf(change.row) / USUAL_LENGTH)))
      }
    },
    forget(why) {
      const { kinds, clock } = databaseOf()
      const oldest = [...take(names.keys(), LOOKED_AT)].map((name) => {
        const [section = '', key = ''] = name.split(' ')
        const own = kinds[section]?.keys === 'counted' ? Number(key) : key
        return { name, section, key: own, worth: worthOf(section, own) }
      })
      const least = Math.min(...oldest.map(({ worth }) => worth))
      const most = Math.max(1, Math.min(AT_ONCE, Math.floor(names.size / 4)))
      const gone = oldest.filter(({ worth }) => worth === least).slice(0, most)
      // The others have another turn.
      for (const { name } of oldest) add(name, remove(name) ?? 1)
      for (const { name } of gone) remove(name)
      return {
        type: 'rows',
        changes: gone.map(({ section, key }) => ({ type: 'delete', section, key })),
        cause: { at: formatInstant(clock.now()), by: why },
      }
    },
    clear() {
      names.clear()
      size = 0
    },
    save: () => [...names],
    restore(saved) {
      for (const [name, weight] of saved) add(name, weight)
    },
  }
}

/** About how long a row is: the texts in it. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (value === null || typeof value !== 'object') return 0
  let length = 0
  for (const name in value) length += lengthOf(value[name as keyof typeof value])
  return length
}

function* take<T>(values: Iterable<T>, count: number): Iterable<T> {
  let taken = 0
  for (const value of values) {
    if (taken++ === count) return
    yield value
  }
}
