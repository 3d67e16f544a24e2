import { createHash, randomUUID } from 'node:crypto'
import type { Masks } from '../../server/masking.js'
import { BEGINNING, type Place, type Store } from '../../store/store.js'
import { createReporter, createTally, type Reporter, type SavedTally } from '../findings/report.js'
import type { Sighting } from '../findings/sighting.js'
import { createRounds } from './rounds.js'
import { createSenders, type SavedSenders } from './senders.js'

/**
 * The report of several mocks: each adds to a log in the store what it sees of its clients, and whoever is asked for the
 * report makes it of all of that. What goes out before an answer, and could not, goes again; it counts once.
 */

/** An entry of the log. */
interface Sent {
  /** The mock that saw it. */
  from: string
  number: number
  sighting: Sighting
}

interface SavedReport {
  tally: SavedTally
  senders: SavedSenders
}

/** No world has such a name. */
const LOG = '/report'
/** After so many requests the log is cut, by the mock that answered the last of them. */
const CUT_ENTRIES = 1_000
/** So many are kept while the store is away. */
const MAX_UNSENT = 1_000

export function createSharedReporter(store: Store, masks: Masks): Reporter {
  const from = randomUUID()
  let number = 0
  const mine = createTally()
  const onSeen = (sighting: Sighting) => {
    send([JSON.stringify({ from, number: ++number, sighting } satisfies Sent)]).catch(() => {})
  }
  const own = createReporter(masks, digest, onSeen, mine)
  const all = createTally()
  const senders = createSenders()
  let place = BEGINNING
  /** Of the log, as far as is known here: where it ended, all mocks begin anew. */
  let life = ''
  let unsent: string[] = []
  /** Whether what other mocks saw is not known here. */
  let isPart = false

  function send(entries: string[]): Promise<void> {
    return store.append(LOG, 'end', entries).then(
      (end) => {
        if (end !== undefined) live(end, entries)
        if (unsent.length > 0) resend().catch(() => {})
        if (end !== undefined && end.position % CUT_ENTRIES < entries.length) cut().catch(() => {})
      },
      () => {
        unsent = [...unsent, ...entries].slice(-MAX_UNSENT)
      },
    )
  }

  /** @param entries of this mock, which are part of it */
  function live(end: Place, entries: string[] = []): void {
    if (life !== '' && end.life !== life) {
      mine.clear()
      for (const entry of entries) mine.add((JSON.parse(entry) as Sent).sighting)
    }
    life = end.life
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
    if (isAnew) begin(snapshot)
    for (const entry of entries) add(JSON.parse(entry) as Sent)
    place = end
    live(end)
  })

  function begin(snapshot: string | undefined): void {
    const saved = snapshot === undefined ? undefined : (JSON.parse(snapshot) as SavedReport)
    all.restore(saved?.tally)
    senders.restore(saved?.senders ?? [])
  }

  function add({ from, number, sighting }: Sent): void {
    if (senders.isNew(from, number)) all.add(sighting)
  }

  async function cut(): Promise<void> {
    await catchUp()
    await store.cut(LOG, place, JSON.stringify({ tally: all.save(), senders: senders.save() } satisfies SavedReport))
  }

  return {
    note: own.note,
    read: () => (isPart ? mine : all).read(),
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
      life = ''
      mine.clear()
    },
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}
