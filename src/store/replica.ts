import { BEGINNING, CLAIM_MILLISECONDS, type Place, type Store, StoreAway, type Tail, type Use } from './store.js'

/** What a log is about: a world, as the log sees it. */
export interface Followed {
  /** Begins from what a snapshot says; undefined: as it once began. */
  begin(snapshot: string | undefined): void
  /** Does what an entry says. */
  apply(entry: string): void
  /** All that it came to, as `begin` takes it. */
  save(): string
}

/**
 * Keeps something in step with its log. What is done in a turn is seen by nobody before it stands in the log: reads wait
 * until it does, and if it cannot be written it has never been.
 */
export interface Replica {
  /**
   * Resolves once all is applied here that stood in the log at the call. Those who ask at once share a round trip.
   *
   * @throws StoreAway
   */
  current(use?: Use): Promise<void>
  /** Begins to read once nothing unwritten could be seen. Returns what ends it; until then no turn begins. */
  read(): Promise<() => void>
  /**
   * Acts in a turn: all of the log is applied here, and nobody else writes. Resolves once what was recorded meanwhile
   * stands in the log. Those who come while a turn is under way share the next one.
   *
   * @param how whether it may act again where another mock wrote meanwhile, and all of it was taken back
   * @throws StoreAway where it is not known to stand there
   */
  write<T>(act: () => T | Promise<T>, how?: 'once' | 'again'): Promise<T>
  /** @throws OutOfTurn where no turn is under way */
  requireTurn(): void
  /** Notes what was done here, in a turn: plain JSON. */
  record(done: unknown): void
  /** How often a change was refused for being outside of a turn. */
  readonly refused: number
  /** Whether the log had begun, as far as is known here. */
  readonly hasBegun: boolean
  /** Where the log ends, as far as is known here. */
  readonly place: Place
}

/** This mock took so long for its turn that another one had the next. Nothing was written. */
class Overtaken extends StoreAway {}

/** A change was to be made outside of a turn. */
export class OutOfTurn extends Error {
  override name = 'OutOfTurn'
}

/** After so many entries, or bytes, a log is cut; or after twice what the cut takes itself. */
const CUT_ENTRIES = 1_000
const CUT_BYTES = 4 * 1024 * 1024
/** So long a turn may take. */
const TURN_MILLISECONDS = 20_000
/** How long to wait for a claim that another one has, at the least and at the most. */
const PAUSE_MILLISECONDS = [1, 4] as const

/** A log that is in use need not be told so more often. */
const USE_MILLISECONDS = 1_000

interface Job {
  how: 'once' | 'again'
  act(): Promise<void>
  settle(error: unknown): void
}

export interface ReplicaSettings {
  store: Store
  log: string
  followed: Followed
  /** What an entry of the log is to say of something that was done. */
  textOf: (done: unknown) => string
  /** After how many entries a log is cut. */
  cutEntries?: number
}

export function createReplica({ store, log, followed, textOf, cutEntries = CUT_ENTRIES }: ReplicaSettings): Replica {
  let place = BEGINNING
  /** What this replica goes back to where a turn cannot be written, and what came since. */
  let base: string | undefined
  let since: string[] = []
  let sinceBytes = 0
  let isActing = false
  let readers = 0
  let unwritten: string[] = []
  let jobs: Job[] = []
  let isWriting = false
  let refused = 0
  /** Called once when a turn has ended, or when the last reader has. */
  let waiting: (() => void)[] = []
  let asked: Promise<void> | undefined
  let asking: Promise<void> = Promise.resolve()
  let use: Use = 'look'
  let usedAt = Number.NEGATIVE_INFINITY

  /** Until a turn, or the last reader, has ended. Whoever waited looks again, as somebody else may have been faster. */
  const pause = () => new Promise<void>((resolve) => waiting.push(resolve))

  function wake(): void {
    const all = waiting
    waiting = []
    for (const each of all) each()
  }

  /** Applies what the store says; false: it says nothing. Meanwhile a turn, or another reader, may have come further. */
  async function follow(ask: (since: Place) => Promise<Tail | undefined>): Promise<boolean> {
    for (;;) {
      const asked = place
      const tail = await ask(asked)
      if (tail === undefined) return false
      while (isActing) await pause()
      const { end } = tail
      if (place !== asked && (end.life !== place.life || end.position > place.position)) continue
      if (place === asked) take(tail)
      return true
    }
  }

  function take({ end, isAnew, snapshot, entries }: Tail): void {
    if (isAnew) {
      followed.begin(snapshot)
      rebase(snapshot)
    }
    for (const entry of entries) {
      followed.apply(entry)
      keep(entry)
    }
    if (end.life !== place.life || end.position !== place.position) place = end
    if (end.life === '') usedAt = Number.NEGATIVE_INFINITY
    if (isLong()) rebase(followed.save())
  }

  function rebase(snapshot: string | undefined): void {
    base = snapshot
    since = []
    sinceBytes = 0
  }

  function keep(entry: string): void {
    since.push(entry)
    sinceBytes += entry.length
  }

  const isLong = () => since.length >= cutEntries || sinceBytes >= Math.max(CUT_BYTES, 2 * (base?.length ?? 0))

  function undo(): void {
    followed.begin(base)
    for (const entry of since) followed.apply(entry)
  }

  async function claim(): Promise<void> {
    const [least, most] = PAUSE_MILLISECONDS
    while (!(await follow((at) => store.claim(log, at))))
      await new Promise((resolve) => setTimeout(resolve, least + Math.random() * (most - least)))
  }

  /** One turn after the other, for as long as there is something to do. */
  async function writeAll(): Promise<void> {
    isWriting = true
    while (jobs.length > 0) {
      let turn = jobs
      try {
        await claim()
        while (readers > 0) await pause()
        turn = jobs
        jobs = []
        await takeTurn(turn)
        for (const { settle } of turn) settle(undefined)
      } catch (error) {
        const again = error instanceof Overtaken ? turn.filter(({ how }) => how === 'again') : []
        jobs = [...again, ...jobs.filter((job) => !turn.includes(job))]
        for (const job of turn) if (!again.includes(job)) job.settle(error)
      }
    }
    isWriting = false
  }

  async function takeTurn(turn: Job[]): Promise<void> {
    isActing = true
    const renewal = setInterval(() => void store.claim(log, place).catch(() => {}), CLAIM_MILLISECONDS / 4)
    try {
      await within(TURN_MILLISECONDS, oneAfterTheOther(turn))
      await writeDown(unwritten)
    } catch (error) {
      if (unwritten.length > 0) undo()
      throw error
    } finally {
      clearInterval(renewal)
      unwritten = []
      isActing = false
      wake()
    }
  }

  async function writeDown(entries: string[]): Promise<void> {
    if (entries.length === 0) {
      // Nobody waits for that.
      store.release(log).catch(() => {})
      return
    }
    const end = await store.append(log, place, entries)
    if (end === undefined) throw new Overtaken('another replica wrote meanwhile, as this one took too long; try again')
    place = end
    entries.forEach(keep)
    if (!isLong()) return
    const snapshot = followed.save()
    rebase(snapshot)
    store.cut(log, end, snapshot).catch(() => {})
  }

  return {
    get refused() {
      return refused
    },
    get hasBegun() {
      return place.life !== ''
    },
    get place() {
      return place
    },
    current(how = 'look') {
      if (how === 'use' && performance.now() - usedAt > USE_MILLISECONDS) {
        use = how
        usedAt = performance.now()
      }
      if (asked === undefined) {
        asked = asking.then(() => {
          asked = undefined
          const as = use
          use = 'look'
          const done = follow((at) => store.read(log, at, as)).then(() => {})
          asking = done.catch(() => {})
          return done
        })
      }
      return asked
    },
    async read() {
      while (isActing) await pause()
      readers++
      let hasEnded = false
      return () => {
        if (hasEnded) return
        hasEnded = true
        if (--readers === 0) wake()
      }
    },
    write: (act, how = 'once') =>
      new Promise((resolve, reject) => {
        let settled: () => void = () => {}
        jobs.push({
          how,
          async act() {
            try {
              const result = await act()
              settled = () => resolve(result)
            } catch (error) {
              // It may have changed something before it failed, which stands then, as it would without a store.
              settled = () => reject(error)
            }
          },
          settle: (error) => (error === undefined ? settled() : reject(error)),
        })
        if (!isWriting) writeAll().catch(reject)
      }),
    requireTurn() {
      if (isActing) return
      refused++
      throw new OutOfTurn('a change outside of a turn')
    },
    record(done) {
      unwritten.push(textOf(done))
    },
  }
}

/** Each sees what those before it did: of many who want the same thing, one gets it. */
async function oneAfterTheOther(turn: Job[]): Promise<void> {
  for (const { act } of turn) await act()
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoreAway('it took too long to be worked out')), milliseconds)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
