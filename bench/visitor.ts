import type { Mock } from '../src/control/client/client.js'
import { random } from '../test/random.js'
import { type Exchange, get, ROWS } from './operations.js'
import { ask } from './server.js'
import { stalledFor } from './stalls.js'

/** A visitor does at random what tests do in a world of their own, and knows what has to come of it. */
export interface Visitor {
  /** Does one thing, and says so; what is not as it has to be goes to `wrong`. */
  act(tally: Tally): Promise<void>
}

export interface Tally {
  requests: number
  /** The longest that a request took once there was a limit, in milliseconds. */
  slowest: number
  acts: Record<string, number>
  wrong: string[]
}

export interface VisitorSettings {
  name: string
  seed: number
  /** Made-up rows in each world. */
  rows: number
  /** How many worlds there may be before the oldest makes room. */
  worlds: number
  limits: Limits
}

/** Shared by all visitors, and changed as the time goes. */
export interface Limits {
  /** How long a request may take, in milliseconds. */
  request: number
}

/** What has to be true in the world of a visitor. */
interface State {
  world: Mock
  present: Set<number>
  /** Those among them that the visitor made. */
  made: Set<number>
  /** Requests that the journal has to know. */
  asked: number
}

interface Answer {
  status: number
  text: string
}

const BENCH_PROVIDER = 1000
const PAGE = 20
/** When an answer is no longer waited for, in milliseconds. */
const HOPELESS_MS = 20_000

/** @param mock the client of the mock whose worlds are visited */
export function createVisitor(mock: Mock, { name, seed, rows, worlds, limits }: VisitorSettings): Visitor {
  const below = random(seed)
  /** Bodies of rows that nobody changed: the same in every world and after every reset. */
  const bodies = new Map<number, string>()
  let slowest = 0
  let births = 0
  let visits = 0
  let state = enter()

  /** How often each is done, and what it is. */
  const acts: [number, string, () => Promise<void>][] = [
    [40, 'retrieve', () => retrieve(anyRow())],
    [12, 'list', list],
    [1, 'list of all', listAll],
    [8, 'filter', filter],
    [12, 'delete', () => remove(anyRow())],
    [12, 'create', create],
    [4, 'fault', fail],
    [3, 'lost answer', loseAnswer],
    [4, 'clock', moveClock],
    [3, 'birth', beget],
    [2, 'reset', reset],
    [1, 'new world', leave],
  ]
  const total = acts.reduce((sum, [weight]) => sum + weight, 0)

  return {
    async act(tally) {
      const [, word, act] = choose()
      const before = state.asked
      try {
        await act()
      } catch (error) {
        tally.wrong.push(`${name}, ${word}: ${(error as Error).message}`)
      }
      tally.slowest = Math.max(tally.slowest, slowest)
      tally.acts[word] = (tally.acts[word] ?? 0) + 1
      tally.requests += Math.max(1, state.asked - before)
    },
  }

  function choose(): (typeof acts)[number] {
    let left = below(total)
    for (const act of acts) {
      if (left < act[0]) return act
      left -= act[0]
    }
    throw new RangeError('the weights do not add up')
  }

  function enter(): State {
    return {
      // One of two names in turns, which hostile clients can know.
      world: mock.world(`${name}-${visits++ % 2}`),
      present: new Set(Array.from({ length: rows }, (_, i) => i + 1)),
      made: new Set(),
      asked: 0,
    }
  }

  function anyRow(): number {
    return 1 + below(rows)
  }

  function send(exchange: Exchange): Promise<Answer> {
    state.asked++
    return timely(ask(state.world.url, exchange))
  }

  /** Waits for a request, and is wrong if that takes too long. */
  async function timely<T>(request: Promise<T>): Promise<T> {
    const begin = performance.now() - stalledFor()
    const answer = await orHopeless(request)
    const took = performance.now() - stalledFor() - begin
    if (Number.isFinite(limits.request)) slowest = Math.max(slowest, took)
    if (took > limits.request) throw new Error(`a request took ${took.toFixed(0)} ms`)
    return answer
  }

  async function retrieve(pk: number): Promise<void> {
    const { status, text } = await send(get(`${ROWS}${pk}/`))
    equal(status, state.present.has(pk) ? 200 : 404, `row ${pk}`)
    if (status !== 200) return
    equal(JSON.parse(text).pk, pk, 'pk')
    if (state.made.has(pk)) return
    const lasting = text.replace(/"is_expired":(true|false)/, '')
    equal(lasting, bodies.get(pk) ?? lasting, `body of row ${pk}`)
    bodies.set(pk, lasting)
  }

  async function list(): Promise<void> {
    const { present } = state
    const page = 1 + below(Math.floor(present.size / PAGE))
    const { text } = await send(get(`${ROWS}?page_size=${PAGE}&page=${page}`))
    const { pagination, results } = JSON.parse(text)
    equal(pagination.count, present.size, 'count')
    equal(results.length, PAGE, `rows of page ${page}`)
    equal(
      pksOf(results).find((pk) => !present.has(pk)),
      undefined,
      `deleted row on page ${page}`,
    )
    equal(String(providersOf(results)), String(providersOf(results).sort(ascending)), `providers on page ${page}`)
  }

  async function listAll(): Promise<void> {
    const { text } = await send(get(`${ROWS}?page_size=${rows}`))
    equal(String(pksOf(JSON.parse(text).results)), String([...state.present].sort(ascending)), 'all rows')
  }

  async function filter(): Promise<void> {
    const { text } = await send(get(`${ROWS}?provider=${BENCH_PROVIDER}&page_size=${rows}`))
    equal(String(pksOf(JSON.parse(text).results)), String([...state.made].sort(ascending)), 'rows of the provider')
  }

  async function remove(pk: number): Promise<void> {
    const { status } = await send({ ...get(`${ROWS}${pk}/`), method: 'DELETE' })
    equal(status, state.present.has(pk) ? 204 : 404, `DELETE of row ${pk}`)
    forget(pk)
  }

  function forget(pk: number): void {
    state.present.delete(pk)
    state.made.delete(pk)
  }

  async function create(): Promise<void> {
    const pk = anyRow()
    if (state.present.has(pk)) return retrieve(pk)
    await timely(state.world.refreshTokens.create({ pk, user: 'user', provider: BENCH_PROVIDER }))
    state.present.add(pk)
    state.made.add(pk)
    await retrieve(pk)
  }

  async function fail(): Promise<void> {
    await timely(state.world.faults.add({ method: 'GET', path: '/api/**', times: 1, status: 503 }))
    equal((await send(get(ROWS))).status, 503, 'the fault')
    await retrieve(anyRow())
  }

  async function loseAnswer(): Promise<void> {
    const pk = anyRow()
    await timely(state.world.faults.add({ method: 'DELETE', after: true, connection: 'drop', times: 1 }))
    const answer = await send({ ...get(`${ROWS}${pk}/`), method: 'DELETE' }).catch(() => undefined)
    equal(answer?.status, undefined, 'the answer that was to be lost')
    forget(pk)
    await retrieve(pk)
  }

  async function moveClock(): Promise<void> {
    const { clock } = state.world
    await timely(clock.freeze())
    const { now } = await timely(clock.advance(`days=${below(400)}`))
    const { status, text } = await send(get(`${ROWS}${anyRow()}/`))
    const { expires, is_expired } = status === 200 ? JSON.parse(text) : { expires: null, is_expired: false }
    equal(is_expired, expires !== null && Date.parse(expires) < Date.parse(now), `is_expired at ${now} of ${expires}`)
    if (below(2) === 0) await timely(clock.reset())
  }

  /** A world for one DELETE; one that had to make room for others is as it was at first. */
  async function beget(): Promise<void> {
    const first = { ...get(`${ROWS}1/`) }
    const born = mock.world(`${name}-short-${++births}`)
    equal((await timely(ask(born.url, { ...first, method: 'DELETE' }))).status, 204, 'DELETE in a new world')
    equal((await timely(ask(born.url, first))).status, 404, 'the row that was deleted there')
    if (births <= worlds) return
    const evicted = mock.world(`${name}-short-${births - worlds}`)
    equal((await timely(ask(evicted.url, first))).status, 200, 'the row deleted in a world that made room')
  }

  async function reset(): Promise<void> {
    await checkJournal()
    await timely(state.world.reset())
    Object.assign(state, { ...enter(), world: state.world })
    await retrieve(anyRow())
  }

  async function leave(): Promise<void> {
    await checkJournal()
    await timely(state.world.close())
    state = enter()
    await retrieve(anyRow())
  }

  async function checkJournal(): Promise<void> {
    const { count, dropped } = await timely(state.world.waitForRequests({ wait: 0, limit: 0 }))
    equal(count + dropped, state.asked, 'requests in the journal')
  }
}

/** @throws Error where there is no answer for long: a server that hangs must not hang what tries it */
async function orHopeless<T>(request: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const hopeless = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${HOPELESS_MS} ms`)), HOPELESS_MS)
  })
  return Promise.race([request, hopeless]).finally(() => clearTimeout(timer))
}

/** Of rows, whatever their order. */
function pksOf(rows: { pk: number }[]): number[] {
  return rows.map(({ pk }) => pk).sort(ascending)
}

function providersOf(rows: { provider: { pk: number } }[]): number[] {
  return rows.map(({ provider }) => provider.pk)
}

function ascending(a: number, b: number): number {
  return a - b
}

function equal(found: unknown, expected: unknown, what: string): void {
  if (found !== expected) throw new Error(`${what}: found ${brief(found)}, not ${brief(expected)}`)
}

function brief(value: unknown): string {
  return String(value).slice(0, 200)
}
