import type { Visit } from '../authentik/visit.js'
import { maskBody, maskUrl } from '../secrets.js'
import { formatInstant } from '../world/instant.js'
import { clip } from './clip.js'
import { globOf } from './glob.js'
import type { Found } from './report/rules.js'
import type { JournalAnswer, JournalEntry, JournalQuery } from './schema.js'
import { type Sent, textOfSent } from './sent.js'
import type { Waits } from './waits.js'

/** What was asked of a world and how it was answered: the last so and so many requests. */
export interface Journal {
  /** @param status null: the connection was dropped */
  note(visit: Visit, status: number | null, fault: string | null, findings: Found[]): void
  find(query: JournalQuery): JournalAnswer
  /** The same, once there is enough of it, or the time or all waiting is over. */
  wait(query: JournalQuery, waits: Waits): Promise<JournalAnswer>
  readonly size: number
  clear(): void
}

/** An entry before it is read, secrets included. Nothing of the request itself is held on to. */
type Noted = Omit<JournalEntry, 'at' | 'body'> & { at: number; sent: Sent | undefined }

const DEFAULT_LIMIT = 100
const MAX_TEXT = 4096

/** @param capacity how many requests it remembers */
export function createJournal(capacity: number): Journal {
  let noted: Noted[] = []
  let oldest = 0
  let lastId = 0
  let dropped = 0
  const waiting = new Set<() => void>()

  function note(visit: Visit, status: number | null, fault: string | null, findings: Found[]): void {
    const { request, target } = visit
    const mark = target.indexOf('?')
    keep({
      id: ++lastId,
      at: visit.world.clock.now(),
      method: visit.method,
      path: beginning(visit.path, target),
      query: mark === -1 ? '' : beginning(target.slice(mark), target),
      route: visit.route ?? null,
      status,
      as: visit.token ?? null,
      reason: visit.reason ?? null,
      fault,
      milliseconds: performance.now() - visit.startedAt,
      sent: request.sent,
      findings,
    })
    for (const look of waiting) look()
  }

  function keep(entry: Noted): void {
    if (noted.length < capacity) {
      noted.push(entry)
      return
    }
    dropped++
    if (capacity === 0) return
    noted[oldest] = entry
    oldest = (oldest + 1) % capacity
  }

  function find({ method, path, status, as, since = 0, limit = DEFAULT_LIMIT }: JournalQuery): JournalAnswer {
    const glob = path === undefined ? undefined : globOf(path)
    const found = [...noted.slice(oldest), ...noted.slice(0, oldest)].filter(
      (entry) =>
        entry.id > since &&
        (method === undefined || entry.method === method.toUpperCase()) &&
        (status === undefined || entry.status === status) &&
        (as === undefined || entry.as === as) &&
        (glob === undefined || glob.test(entry.path)),
    )
    return { count: found.length, dropped, requests: limit === 0 ? [] : found.slice(-limit).map(read) }
  }

  return {
    note,
    find,
    wait(query, waits) {
      const { wait = 0, count = 1 } = query
      return new Promise((resolve) => {
        const end = () => {
          callOff()
          waiting.delete(look)
          resolve(find(query))
        }
        const look = () => {
          if (find({ ...query, limit: 0 }).count >= count) end()
        }
        const callOff = waits.after(wait * 1000, end)
        waiting.add(look)
        look()
      })
    },
    get size() {
      return noted.length
    },
    clear() {
      noted = []
      oldest = 0
      dropped = 0
    },
  }
}

/** What is kept of a part of a request target: all of it, unless the target is a long one. */
function beginning(part: string, target: string): string {
  return target.length > MAX_TEXT ? clip(part, MAX_TEXT) : part
}

function read({ at, query, sent, ...entry }: Noted): JournalEntry {
  return {
    ...entry,
    at: formatInstant(at),
    query: maskUrl(query),
    body: sent === undefined ? null : maskBody(textOfSent(sent)),
  }
}
