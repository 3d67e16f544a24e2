import { createHash } from 'node:crypto'
import type { Masks } from '../../server/masking.js'
import { BEGINNING, type Store } from '../../store/store.js'
import { createReporter, createTally, type Reporter, type SavedTally } from '../findings/report.js'
import type { Sighting } from '../findings/sighting.js'
import { createRounds } from './rounds.js'

/**
 * The report of several mocks: each adds to a log in the store what it sees of its clients, and whoever is asked for the
 * report makes it of all of that. What goes out before an answer, and could not, goes again.
 */

/** No world has such a name. */
const LOG = '/report'
/** After so many requests the log is cut, by the mock that answered the last of them. */
const CUT_ENTRIES = 1_000
/** So many are kept while the store is away. */
const MAX_UNSENT = 1_000

export function createSharedReporter(store: Store, masks: Masks): Reporter {
  const own = createReporter(masks, digest, (sighting) => {
    send([JSON.stringify(sighting)]).catch(() => {})
  })
  const all = createTally()
  let place = BEGINNING
  let unsent: string[] = []
  /** Whether what other mocks saw is not known here. */
  let isPart = false

  function send(entries: string[]): Promise<void> {
    return store.append(LOG, 'end', entries).then(
      (end) => {
        if (unsent.length > 0) resend().catch(() => {})
        if (end !== undefined && end.position % CUT_ENTRIES < entries.length) cut().catch(() => {})
      },
      () => {
        unsent = [...unsent, ...entries].slice(-MAX_UNSENT)
      },
    )
  }

  function resend(): Promise<void> {
    const entries = unsent
    unsent = []
    return send(entries)
  }

  const catchUp = createRounds(async () => {
    if (unsent.length > 0) await resend()
    await store.ping()
    const { end, isAnew, snapshot, entries } = await store.read(LOG, place)
    if (isAnew) all.restore(snapshot === undefined ? undefined : (JSON.parse(snapshot) as SavedTally))
    for (const entry of entries) all.add(JSON.parse(entry) as Sighting)
    place = end
  })

  async function cut(): Promise<void> {
    await catchUp()
    await store.cut(LOG, place, JSON.stringify(all.save()))
  }

  return {
    note: own.note,
    read: () => (isPart ? own : all).read(),
    async catchUp() {
      try {
        await catchUp()
        isPart = false
      } catch (error) {
        isPart = true
        throw error
      }
    },
    async clear() {
      await store.end(LOG)
      unsent = []
      await own.clear()
    },
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}
