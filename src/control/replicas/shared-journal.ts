import { BEGINNING, type Store } from '../../store/store.js'
import { jsonText } from '../../world/json.js'
import type { JournalAnswer, JournalDetail, JournalEntry, JournalQuery } from '../bodies.js'
import { createJournal, type Journal, type JournalSettings, type OwnJournal } from '../journal/journal.js'
import { matcherOf } from '../journal/journal-query.js'
import { createWaiting } from '../journal/long-polls.js'
import { createRing } from '../journal/ring.js'
import { createBudget } from '../worlds/budget.js'
import { createRounds } from './rounds.js'

/**
 * The journal of a world that several mocks have: each notes in the store what it was asked, and reads there what all were
 * asked. What is noted goes out before the answer; nobody waits for it.
 */
export interface SharedJournal extends Journal {
  /** Resolves once all is known here that stands in the store. */
  catchUp(): Promise<void>
}

/** An entry as it is told in lists, and what is told of it alone. */
interface Noted {
  entry: JournalEntry
  more: Partial<JournalDetail>
}

const DEFAULT_LIMIT = 100
const DEFAULT_WAIT_COUNT = 1
/** How often those who wait have a look. */
const LOOK_MILLISECONDS = 50

export function createSharedJournal(store: Store, world: string, settings: JournalSettings): SharedJournal {
  const { capacity, budget, masks } = settings
  // What is noted here is put into words, and goes on.
  const words = createJournal({ capacity: 1, budget: createBudget(Number.POSITIVE_INFINITY), masks })
  const ring = createRing<Noted & { bytes: number }>(capacity)
  const waiting = createWaiting<JournalEntry>()
  let place = BEGINNING
  let dropped = 0
  let forgotten = 0
  let bytes = 0
  let isClosed = false
  let pending: Promise<unknown> = Promise.resolve()
  const holder = {
    get bytes() {
      return bytes
    },
    shed() {
      const goal = (bytes * 3) / 4
      for (let oldest = ring.shift(); oldest !== undefined; oldest = bytes > goal ? ring.shift() : undefined)
        count(-oldest.bytes)
    },
  }

  function count(more: number): void {
    if (bytes === 0) budget.join(holder)
    bytes += more
    budget.count(more)
  }

  async function pull(): Promise<void> {
    await pending
    // Nobody waited for what others noted: it may have been sent, and stand behind this question.
    await store.ping()
    const notes = await store.notes(world, place)
    if (isClosed) return
    if (notes.isAnew || notes.forgotten > forgotten) {
      const isForgotten = notes.forgotten > forgotten || notes.end.life !== place.life
      ring.clear()
      count(-bytes)
      if (isForgotten) waiting.restart()
    }
    place = notes.end
    forgotten = notes.forgotten
    dropped = notes.dropped
    const first = place.position - notes.texts.length + 1
    for (const [i, text] of notes.texts.entries()) add(JSON.parse(text), first + i, text.length)
  }

  function add({ entry, more }: Noted, id: number, length: number): void {
    const noted = { entry: { ...entry, id }, more: { ...more, id }, bytes: length }
    const oldest = ring.push(noted)
    count(length - (oldest?.bytes ?? 0))
    waiting.look(noted.entry)
  }

  const catchUp = createRounds(pull)
  const entries = () => [...ring].map(({ entry }) => entry)

  async function find(query: JournalQuery): Promise<JournalAnswer> {
    const { limit = DEFAULT_LIMIT } = query
    const found = entries().filter(matcherOf(query))
    return { count: found.length, dropped, requests: limit === 0 ? [] : found.slice(-limit) }
  }

  return {
    note(...noted) {
      words.note(...noted)
      const { entry, detail } = words.newest() as NonNullable<ReturnType<OwnJournal['newest']>>
      const more = Object.entries(detail).filter(([name, value]) => entry[name as keyof JournalEntry] !== value)
      // Where it cannot be noted the store is away, which is told otherwise.
      store.note(world, jsonText({ entry, more: Object.fromEntries(more) })).catch(() => {})
    },
    catchUp,
    find,
    get(id) {
      for (const { entry, more } of ring) if (entry.id === id) return { ...entry, ...more } as JournalDetail
      return undefined
    },
    refuseCrowd: waiting.refuseCrowd,
    async wait(query, waits, socket) {
      waiting.refuseCrowd()
      const matches = matcherOf(query)
      const { wait: seconds = 0, count: wanted = DEFAULT_WAIT_COUNT } = query
      await catchUp()
      const found = entries().filter(matches).length
      const looking = setInterval(() => void catchUp().catch(() => {}), LOOK_MILLISECONDS)
      try {
        await waiting.wait({ matches, wanted, found, seconds, waits, socket })
      } finally {
        clearInterval(looking)
      }
      return find(query)
    },
    get size() {
      return ring.size
    },
    get isClosed() {
      return isClosed
    },
    clear() {
      ring.clear()
      count(-bytes)
      dropped = 0
      waiting.restart()
      pending = store.forget(world)
      pending.catch(() => {})
    },
    close() {
      isClosed = true
      budget.leave(holder)
      ring.clear()
      waiting.endAll()
    },
  }
}
