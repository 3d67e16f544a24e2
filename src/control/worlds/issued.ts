import { SWEPT } from '../../oauth2/lifecycle.js'
import type { RowChange } from '../../world/change.js'
import type { Database } from '../../world/database.js'
import type { Cause } from '../../world/history.js'
import { formatInstant, type Instant, isOver } from '../../world/instant.js'
import { cell } from '../../world/table.js'
import type { Key } from '../../world/value.js'

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
   * The change that deletes some: those that are of no use any more, then access tokens and codes, then others, the oldest
   * of each first.
   *
   * @param why what the history of a row says
   */
  forget(why: string): { type: 'rows'; changes: RowChange[]; cause: Cause }
  clear(): void
  /** The names of the rows and what each counts as, in the order in which they go. */
  save(): [name: string, weight: number][]
  restore(saved: [name: string, weight: number][]): void
}

/** So many go at once: a request waits for it. Of so many of the oldest it is looked at whether they have expired. */
const AT_ONCE = 100
const LOOKED_AT = 200
/** A row that is longer counts as several. */
const USUAL_LENGTH = 4096

/** What a row is worth: the least goes first. */
const WORTHS = ['useless', 'renewable', 'good'] as const
type Worth = (typeof WORTHS)[number]
/** What a client gets anew by what remains. */
const RENEWABLE = ['access_tokens', 'authorization_codes', 'device_codes']

export function createIssued(databaseOf: () => Database): Issued {
  /** What each row counts as, by section and key. The oldest first. */
  const queues: Record<Worth, Map<string, number>> = { useless: new Map(), renewable: new Map(), good: new Map() }
  let size = 0

  function add(name: string, worth: Worth, weight: number): void {
    queues[worth].set(name, weight)
    size += weight
  }

  /** Returns what it counted as; undefined: it is not there. */
  function remove(name: string): number | undefined {
    const queue = WORTHS.map((worth) => queues[worth]).find((one) => one.has(name))
    const weight = queue?.get(name)
    if (weight !== undefined && queue?.delete(name)) size -= weight
    return weight
  }

  function rowOf(name: string): { section: string; key: Key; row: unknown } {
    const { kinds, table } = databaseOf()
    const [section = '', text = ''] = name.split(' ')
    const key = kinds[section]?.keys === 'counted' ? Number(text) : text
    return { section, key, row: table(section).get(key) }
  }

  function isExpired(name: string): boolean {
    const { row } = rowOf(name)
    return row === undefined || isOver(cell(row, 'expires') as Instant | null, databaseOf().clock.now())
  }

  /** The order in which they go. Some come twice. */
  function* inOrder(): Iterable<string> {
    const { useless, renewable, good } = queues
    yield* useless.keys()
    for (const queue of [renewable, good])
      for (const name of take(queue.keys(), LOOKED_AT)) if (isExpired(name)) yield name
    yield* renewable.keys()
    yield* good.keys()
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
        const name = `${section} ${key}`
        if (change.type === 'delete') remove(name)
        else if (table(section).get(key) !== undefined) {
          const worth = worthOf(section, change.row)
          const weight = queues[worth].has(name) ? undefined : remove(name)
          if (weight !== undefined) add(name, worth, weight)
        }
        // A request by which a client made it, and not the control API, has a name.
        else if (cause?.request !== undefined)
          add(name, worthOf(section, change.row), Math.max(1, Math.round(lengthOf(change.row) / USUAL_LENGTH)))
      }
    },
    forget(why) {
      const count = WORTHS.reduce((sum, worth) => sum + queues[worth].size, 0)
      const most = Math.max(1, Math.min(AT_ONCE, Math.floor(count / 4)))
      const gone = new Set<string>()
      for (const name of inOrder()) {
        if (gone.size === most) break
        gone.add(name)
      }
      return {
        type: 'rows',
        changes: Array.from(gone, (name) => {
          const { section, key } = rowOf(name)
          return { type: 'delete', section, key }
        }),
        cause: { at: formatInstant(databaseOf().clock.now()), by: why },
      }
    },
    clear() {
      for (const worth of WORTHS) queues[worth].clear()
      size = 0
    },
    save: () => WORTHS.flatMap((worth) => [...queues[worth]]),
    restore(saved) {
      for (const [name, weight] of saved) {
        const { section, row } = rowOf(name)
        add(name, worthOf(section, row), weight)
      }
    },
  }
}

function worthOf(section: string, row: unknown): Worth {
  if (row === undefined || cell(row, 'revoked') === true) return 'useless'
  return RENEWABLE.includes(section) ? 'renewable' : 'good'
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
