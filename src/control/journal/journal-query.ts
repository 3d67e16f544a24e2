import type { JournalEntry, JournalQuery } from '../bodies.js'
import { globOf } from '../glob.js'

/** Whether an entry is among those that a query asks for. */
export type Matches = (entry: Pick<JournalEntry, 'id' | 'method' | 'path' | 'status' | 'as' | 'unserved'>) => boolean

export function matcherOf({ method, path, status, as, unmatched, since = 0 }: JournalQuery): Matches {
  const glob = path === undefined ? undefined : globOf(path)
  const verb = method?.toUpperCase()
  return (entry) =>
    entry.id > since &&
    (verb === undefined || entry.method === verb) &&
    (status === undefined || entry.status === status) &&
    (unmatched === undefined || entry.unserved === unmatched) &&
    (as === undefined || entry.as === as) &&
    (glob === undefined || glob(entry.path))
}
