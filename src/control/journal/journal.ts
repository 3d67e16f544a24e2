import type { Socket } from 'node:net'
import type { RequestBody } from '../../authentik/body-bytes.js'
import type { RequestContext } from '../../authentik/context.js'
import type { Masks } from '../../server/masking.js'
import type { RowName } from '../../world/history.js'
import { formatInstant } from '../../world/instant.js'
import { createWork } from '../../world/work.js'
import type { JournalAnswer, JournalDetail, JournalEntry, JournalQuery } from '../bodies.js'
import type { Answered } from '../findings/answered.js'
import type { Findings } from '../findings/findings.js'
import { RULES } from '../findings/rules.js'
import { hasLeft, type Waits } from '../waits.js'
import type { Budget } from '../worlds/budget.js'
import { type Exchange, exchangeOf, type Reply, readExchange } from './exchange.js'
import { matcherOf } from './journal-query.js'
import { createWaiting } from './long-polls.js'
import { createRing } from './ring.js'
import { MAX_TEXT, truncate } from './truncate.js'

/** What was asked of a world and how it was answered: the last so and so many requests. */
export interface Journal {
  /** @param reply what was sent as the answer; undefined: nothing was, or another server's answer */
  note(ctx: RequestContext, answered: Answered, outcome: Outcome | undefined, findings: Findings, reply?: Reply): void
  /**
   * A little at a time, so that others get their turn: entries are masked when they are read, and may be long.
   *
   * @param socket the connection of whoever asked: once it is gone, no more is read
   */
  find(query: JournalQuery, socket: Socket): Promise<JournalAnswer>
  /** One request, with the bytes that went over the wire; undefined: it is not remembered. */
  get(id: number): JournalDetail | undefined
  /**
   * The same, once there is enough of it, or the time or all waiting is over.
   *
   * @param socket the connection of whoever asked: once it is gone, nobody waits
   * @throws ControlError where too many wait already
   */
  wait(query: JournalQuery, waits: Waits, socket: Socket): Promise<JournalAnswer>
  /** Resolves once all is known here that other mocks noted; without it there are no others. */
  catchUp?(): Promise<void>
  /** @throws ControlError where too many wait already */
  refuseCrowd(): void
  readonly size: number
  /** Whether its world is no more. */
  readonly isClosed: boolean
  clear(): void
  /** Its world is no more: nothing is kept, and nobody waits any longer. */
  close(): void
}

/** The journal of this mock. */
export interface OwnJournal extends Journal {
  /** What was noted last, as lists tell it and as it is told alone. */
  newest(): { entry: JournalEntry; detail: JournalDetail } | undefined
}

/** What answered in authentik's place, and what nearly did. */
export type Outcome = Partial<Pick<JournalEntry, 'fault' | 'stub' | 'forwarded' | 'closest'>>

export interface JournalSettings {
  /** How many requests it remembers. */
  capacity: number
  /** What the journals of all worlds may take. */
  budget: Budget
  masks: Masks
}

/** An entry before it is read, secrets included. Nothing of the request itself is held on to but its headers. */
type Noted = Omit<JournalEntry, 'at' | 'body'> & {
  at: number
  sent: RequestBody | undefined
  exchange: Exchange
  bytes: number
}

const DEFAULT_LIMIT = 100
const DEFAULT_WAIT_COUNT = 1
/** Of an entry beside its texts, and of a finding. */
const ENTRY_BYTES = 400
const FINDING_BYTES = 100
const NAME_BYTES = 60
/** So many rows are named. */
const MAX_NAMES = 20

export function createJournal({ capacity, budget, masks }: JournalSettings): OwnJournal {
  const noted = createRing<Noted>(capacity)
  const waiting = createWaiting<Noted>()
  let lastId = 0
  let dropped = 0
  let bytes = 0
  let isClosed = false
  const holder = {
    get bytes() {
      return bytes
    },
    shed() {
      const goal = (bytes * 3) / 4
      while (bytes > goal && drop(noted.shift()));
    },
  }

  function drop(entry: Noted | undefined): boolean {
    if (entry === undefined) return false
    dropped++
    count(-entry.bytes)
    return true
  }

  function count(more: number): void {
    bytes += more
    budget.count(more)
  }

  function note(
    ctx: RequestContext,
    { status, isOwn, isElsewhere }: Answered,
    outcome: Outcome | undefined,
    findings: Findings,
    reply?: Reply,
  ): void {
    if (isClosed) return
    const { target } = ctx
    const { fault = null, stub = null, forwarded = null, closest = null } = outcome ?? {}
    ctx.sent?.keepBeginning()
    const mark = target.indexOf('?')
    const entry: Noted = {
      id: ++lastId,
      at: ctx.database.clock.now(),
      method: beginning(ctx.method, target),
      path: beginning(ctx.path, target),
      query: mark === -1 ? '' : beginning(target.slice(mark), target),
      route: ctx.view?.route ?? null,
      status,
      as: ctx.token ?? null,
      client: ctx.client ?? null,
      unserved: !ctx.isServed && isOwn && !isElsewhere,
      reason: ctx.reason === undefined ? null : beginning(ctx.reason),
      request: ctx.touched === undefined ? null : ctx.id,
      made: namesOf(ctx.touched?.made),
      ended: namesOf(ctx.touched?.ended),
      fault,
      stub,
      forwarded,
      closest,
      milliseconds: performance.now() - ctx.startedAt,
      sent: ctx.sent,
      exchange: exchangeOf(ctx, reply),
      findings: findings.list,
      further: findings.further,
      bytes: 0,
    }
    entry.bytes = bytesOf(entry)
    // Most worlds that a control request asks for are gone before anything happens in them.
    if (bytes === 0) budget.join(holder)
    bytes += entry.bytes
    const oldest = noted.push(entry)
    if (oldest !== undefined) {
      dropped++
      bytes -= oldest.bytes
    }
    budget.count(entry.bytes - (oldest?.bytes ?? 0))
    if (oldest !== entry) waiting.look(entry)
  }

  function find(query: JournalQuery, socket: Socket): Promise<JournalAnswer> {
    const { limit = DEFAULT_LIMIT } = query
    const found = [...noted].filter(matcherOf(query))
    const answer: JournalAnswer = { count: found.length, dropped, requests: [] }
    const wanted = limit === 0 ? [] : found.slice(-limit)
    // Who only counts waits for nobody's turn.
    if (wanted.length === 0) return Promise.resolve(answer)
    return createWork(function* () {
      for (const entry of wanted) {
        if (socket.destroyed) break
        answer.requests.push(read(entry))
        yield
      }
      return answer
    }).spread()
  }

  function read({ at, query, sent, exchange: _, bytes: __, ...entry }: Noted): JournalEntry {
    const masked = (text: string) => masks.mask(text, text.length >= MAX_TEXT)
    return {
      ...entry,
      at: formatInstant(at),
      method: masked(entry.method),
      path: masked(entry.path),
      query: masked(query),
      reason: entry.reason && masked(entry.reason),
      body: sent === undefined ? null : masks.mask(sent.beginning().toString('utf8'), sent.isLong()),
    }
  }

  function get(id: number): JournalDetail | undefined {
    for (const entry of noted) if (entry.id === id) return readWhole(entry)
    return undefined
  }

  function readWhole(entry: Noted, shown = read(entry)): JournalDetail {
    return {
      ...shown,
      ...readExchange(entry.exchange, shown, masks),
      findings: shown.findings.map(({ rule, found }) => ({ rule, found, ...RULES[rule] })),
    }
  }

  return {
    note,
    find,
    newest() {
      const last = [...noted].at(-1)
      const entry = last && read(last)
      return entry && { entry, detail: readWhole(last, entry) }
    },
    get,
    refuseCrowd: waiting.refuseCrowd,
    get isClosed() {
      return isClosed
    },
    async wait(query, waits, socket) {
      waiting.refuseCrowd()
      const matches = matcherOf(query)
      const { wait: seconds = 0, count: wanted = DEFAULT_WAIT_COUNT } = query
      const count = () => [...noted].filter(matches).length
      await waiting.wait({ matches, wanted, found: count(), seconds, waits, socket })
      // To read them takes long, and whoever did not wait for all of them is most likely gone.
      const isForNobody = hasLeft(socket) && count() < wanted
      return find(isForNobody ? { ...query, limit: 0 } : query, socket)
    },
    get size() {
      return noted.size
    },
    clear() {
      noted.clear()
      dropped = 0
      count(-bytes)
      waiting.restart()
    },
    close() {
      isClosed = true
      budget.leave(holder)
      noted.clear()
      waiting.endAll()
    },
  }
}

/** What is kept of a text, such as a part of a request target: all of it, unless the target is a long one. */
function beginning(part: string, target = part): string {
  return target.length > MAX_TEXT ? truncate(part, MAX_TEXT) : part
}

const NO_NAMES: string[] = []

function namesOf(rows: RowName[] | undefined): string[] {
  return rows?.slice(0, MAX_NAMES).map(({ section, key }) => `${section} ${key}`) ?? NO_NAMES
}

/** About what an entry takes in memory. */
function bytesOf({ method, path, query, reason, closest, sent, findings, made, ended, exchange }: Noted): number {
  const missed = closest?.differs.join('') ?? ''
  const texts = 2 * (method.length + path.length + query.length + (reason?.length ?? 0) + missed.length)
  return (
    ENTRY_BYTES +
    texts +
    FINDING_BYTES * findings.length +
    NAME_BYTES * (made.length + ended.length) +
    (sent?.bytes() ?? 0) +
    exchange.bytes
  )
}
