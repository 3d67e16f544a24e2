import { randomBytes } from 'node:crypto'
import { WORLD_NAME, WORLD_NAME_ALLOWED } from '../../server/world-name.js'
import { jsonText } from '../../world/json.js'
import { refuseTooDeep } from '../../world/load/depth.js'
import { parseJson } from '../../world/load/json-text.js'
import { quote } from '../../world/load/mistakes.js'
import type { Seeds } from '../../world/load/sections.js'
import type {
  ClockState,
  Fault,
  FaultSeed,
  Info,
  JournalAnswer,
  JournalDetail,
  JournalEntry,
  JournalQuery,
  Problem,
  ReleaseState,
  Report,
  Stub,
  StubSeed,
  WorldState,
} from '../bodies.js'
import type { ApiList, Caller, Look, Preset, ReleaseChanges, ReleaseName } from '../look-bodies.js'
import { problemOf as problemOfError } from '../problem.js'
import { type Call, queryOf, type RowClients, rowClients } from './rows-client.js'
import { type TokenClients, tokenClients } from './token-clients.js'
import { createTransport, type Transport, type TransportAnswer } from './transport.js'

/** The one client of the control API: for a mock in this process, and for one that runs elsewhere. */

/** A control request that was refused. */
export class MockError extends Error {
  override name = 'MockError'
  /** The HTTP status. */
  readonly status: number
  /** What the mock said: title, detail, and the mistakes in the body with their JSON paths. */
  readonly problem: Problem

  constructor(status: number, problem: Problem) {
    super(problem.detail)
    this.status = status
    this.problem = problem
  }
}

/**
 * The time of a world, in the years 1 to 9999. Moments are ISO 8601, or count from its present in authentik's notation:
 * `days=31`.
 */
export interface ClockClient {
  get(): Promise<ClockState>
  set(moment: string): Promise<ClockState>
  freeze(): Promise<ClockState>
  run(): Promise<ClockState>
  /** Forward by a duration; with `-` in front, back. */
  advance(by: string): Promise<ClockState>
  /** Stops one second before a refresh token expires. */
  stopBefore(refreshToken: number): Promise<ClockState>
  /** Stops one second after a refresh token expires. */
  stopAfter(refreshToken: number): Promise<ClockState>
  /** Back to the time of the machine, running. */
  reset(): Promise<ClockState>
}

/** What a test adds to a world, and takes away again. */
interface AddedClient<Seed, State> {
  add(seed: Seed): Promise<State>
  /** The oldest first. */
  list(): Promise<State[]>
  get(id: string): Promise<State>
  remove(id: string): Promise<void>
  clear(): Promise<void>
}

/** Answers for what the mock does not serve, or in the place of what it serves: the newest that matches. */
export interface StubsClient extends AddedClient<StubSeed, Stub> {
  /** Takes all away, those of the fixtures too; a reset has these again. */
  clear(): Promise<void>
}

/** What is to go wrong in a world. */
export type FaultsClient = AddedClient<FaultSeed, Fault>

/**
 * A mock, or a world of one, and everything that a test may do to it. Every call may throw a `MockError`, and after
 * `close()` an error that says so.
 */
export interface Mock extends Omit<RowClients, keyof TokenClients>, TokenClients, AsyncDisposable {
  /** Where clients of authentik find this world, without a slash at the end. */
  readonly url: string
  /** The same by https; undefined where `startMock` was not asked for it. */
  readonly httpsUrl: string | undefined
  /** What a client has to trust to reach it by https, as PEM; undefined: what Node knows, or there is no https. */
  readonly ca: string | undefined
  /** The API token of a superuser. */
  readonly token: string
  info(): Promise<Info>
  /** The world as it began: rows, release, clock, faults, stubs, journal. */
  reset(): Promise<void>
  /** Answers as another release from now on. */
  serveAs(release: string): Promise<ReleaseState>
  readonly fixtures: {
    /** The present rows as seeds. */
    read(): Promise<Seeds>
    /** Merges seeds or captured bodies in. */
    merge(fixture: object): Promise<{ counts: Record<string, number>; warnings: string[] }>
    /** Serves these rows instead, until a reset. */
    replace(fixture: object): Promise<void>
  }
  readonly clock: ClockClient
  readonly faults: FaultsClient
  readonly stubs: StubsClient
  /** The requests that clients of authentik made: the latest 100, unless `limit` says otherwise. */
  requests(query?: JournalQuery): Promise<JournalEntry[]>
  countRequests(query?: JournalQuery): Promise<number>
  /**
   * Resolves once `count` requests (by default 1) were made, or `wait` seconds (by default 5) have passed: then `count` of
   * the answer is lower than what was asked for.
   */
  waitForRequests(query?: JournalQuery): Promise<JournalAnswer>
  clearRequests(): Promise<void>
  /** What clients did so far, in all worlds, and which of it goes against the contract of their release. */
  report(): Promise<Report>
  /** One request of the journal: what was sent and answered, and what to do about what is wrong with it. */
  request(id: number): Promise<JournalDetail>
  /** Begins the report anew; a reset leaves it. */
  clearReport(): Promise<void>
  /**
   * What the API answers to a GET of a path below `/api/v3/`, with its query. Nothing is noted, and no fault is used up.
   * `as` is the name of an API token, or empty for nobody; by default it is that of the superuser.
   */
  look(path: string, as?: string): Promise<Look>
  /** The lists of the API, and what they are filtered and ordered by. */
  resources(): Promise<ApiList[]>
  /** The API tokens, and what each may see. */
  callers(): Promise<Caller[]>
  /** The presets of faults, and what each sends. */
  presets(): Promise<Preset[]>
  /** All releases, the oldest first. */
  releases(): Promise<ReleaseName[]>
  /** What changes for clients from the release that is answered as to another one. */
  changesTo(release: string): Promise<ReleaseChanges>
  /**
   * Another world of the same mock: its own rows, clock, faults and journal.
   *
   * @param name 1 to 64 letters, digits, `.`, `_` and `-`; by default one of its own
   * @throws TypeError for another name
   */
  world(name?: string): Mock
  /** The worlds with a name. */
  worlds(): Promise<WorldState[]>
  /**
   * Ends what was begun here: a world of its own, or the mock that `startMock` started, with all of its worlds. One that
   * `connectMock` took hold of goes on elsewhere. To close it again changes nothing. Disposing does the same.
   */
  close(): Promise<void>
}

/** How to reach a mock that runs elsewhere. */
export interface ConnectOptions {
  /** What `--token` was; by default `authentik-mock-token`. */
  token?: string | undefined
  /** What `--control-token` was; by default none. */
  controlToken?: string | undefined
  /** Certificates, as PEM, that vouch for an https URL; by default those that Node knows. */
  ca?: string | undefined
}

const DEFAULT_TOKEN = 'authentik-mock-token'
const WORLD = new RegExp(`^${WORLD_NAME}$`)
const DEFAULT_WAIT = 5
/** The title of what no mock said. */
const UNEXPECTED = 'Unexpected answer'

/**
 * Takes hold of a mock that runs already, say in a container.
 *
 * @throws Error where no mock answers at this URL, or one that asks for another key
 */
export async function connectMock(url: string, options: ConnectOptions = {}): Promise<Mock> {
  if (typeof url !== 'string' || !/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw new TypeError(`connectMock: found ${quote(url)}; allowed: an http or https URL such as http://localhost:9000`)
  const mock = createClient(url.replace(/\/+(?:_mock\/*)?$/, ''), options)
  const info = await mock.info().catch((error) => {
    if (isRefusal(error)) throw new Error(`the authentik-mock at ${url} refuses: ${error.message}`)
    throw new Error(`no authentik-mock answers at ${url}: ${error.cause?.message ?? error.message}`)
  })
  if (info.name !== 'authentik-mock') throw new Error(`what answers at ${url} is not an authentik-mock`)
  return mock
}

/** Whether a mock did answer, and lets nobody in without its key, or not under this name. */
function isRefusal(error: unknown): boolean {
  return error instanceof MockError && [401, 403].includes(error.status) && error.problem.title !== UNEXPECTED
}

/** What is known of a mock beside where it is. */
interface ClientOptions extends ConnectOptions {
  /** Where it is by https, if it is there, too. */
  httpsUrl?: string | undefined
}

/** @param end ends the mock itself, if closing this client is to do that */
export function createClient(url: string, options: ClientOptions, end?: () => Promise<void>): Mock {
  const connection: MockConnection = {
    root: url,
    options,
    transport: createTransport(url, options.ca),
    hasEnded: false,
  }
  return clientOf(connection, undefined, async () => {
    connection.hasEnded = end !== undefined
    await end?.()
  })
}

/** What the clients of all worlds of a mock have in common. */
interface MockConnection {
  root: string
  options: ClientOptions
  transport: Transport
  /** Whether the mock itself has been closed. */
  hasEnded: boolean
}

/** @param name the world that the client is for; without one, that without a prefix */
function clientOf(connection: MockConnection, name: string | undefined, end: () => Promise<void>): Mock {
  const { root, options } = connection
  const below = (place: string) => (name === undefined ? place : `${place}/@${name}`)
  const url = below(root)
  const httpsUrl = root.startsWith('https:') ? root : options.httpsUrl
  const send = caller(connection, `${url}/_mock`)
  let closed: Promise<void> | undefined

  const call: Call = async (...request) => {
    refuseIfClosed()
    return send(...request)
  }
  const clock = (method: string, path: string, body?: object) => call<ClockState>(method, `/clock${path}`, body)

  function refuseIfClosed(): void {
    if (closed !== undefined || connection.hasEnded)
      throw new Error(`this ${name === undefined || connection.hasEnded ? 'mock' : 'world'} is closed`)
  }

  function close(): Promise<void> {
    closed ??= end()
    return closed
  }

  return {
    url,
    httpsUrl: httpsUrl && below(httpsUrl),
    ca: options.ca,
    token: options.token ?? DEFAULT_TOKEN,
    info: () => call('GET', '/'),
    reset: () => call('POST', '/reset'),
    serveAs: (release) => call('PUT', '/release', { release }),
    ...rowClients(call),
    ...tokenClients(call, url),
    fixtures: {
      read: () => call('GET', '/fixtures'),
      merge: (fixture) => call('POST', '/fixtures', fixture),
      replace: (fixture) => call('PUT', '/fixtures', fixture),
    },
    clock: {
      get: () => clock('GET', ''),
      set: (now) => clock('PUT', '', { now }),
      freeze: () => clock('PUT', '', { frozen: true }),
      run: () => clock('PUT', '', { frozen: false }),
      advance: (by) => clock('POST', '/advance', { by }),
      stopBefore: (before) => clock('POST', '/advance', { before }),
      stopAfter: (after) => clock('POST', '/advance', { after }),
      reset: () => clock('DELETE', ''),
    },
    stubs: addedClient(call, '/stubs'),
    faults: addedClient(call, '/faults'),
    requests: async (query) => (await call<JournalAnswer>('GET', `/requests${queryOf(query)}`)).requests,
    countRequests: async (query) =>
      (await call<JournalAnswer>('GET', `/requests${queryOf({ ...query, limit: 0 })}`)).count,
    waitForRequests: (query) => call('GET', `/requests${queryOf({ wait: DEFAULT_WAIT, ...query })}`),
    clearRequests: () => call('DELETE', '/requests'),
    report: () => call('GET', '/report'),
    request: (id) => call('GET', `/requests/${id}`),
    look: (path, as) => call('GET', `/look${queryOf({ path, as })}`),
    resources: () => call('GET', '/resources'),
    callers: () => call('GET', '/callers'),
    presets: () => call('GET', '/presets'),
    releases: () => call('GET', '/releases'),
    changesTo: (to) => call('GET', `/release/changes${queryOf({ to })}`),
    clearReport: () => call('DELETE', '/report'),
    world(other = `test-${randomBytes(6).toString('hex')}`) {
      refuseIfClosed()
      if (typeof other !== 'string' || !WORLD.test(other))
        throw new TypeError(`world: found ${JSON.stringify(other)}; allowed: ${WORLD_NAME_ALLOWED}`)
      return clientOf(connection, other, () => endWorld(connection, other))
    },
    worlds: () => call('GET', '/worlds'),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function addedClient<Seed extends object, State>(call: Call, path: string): AddedClient<Seed, State> {
  const at = (id: string) => `${path}/${encodeURIComponent(id)}`
  return {
    add: (seed) => call('POST', path, seed),
    list: () => call('GET', path),
    get: (id) => call('GET', at(id)),
    remove: (id) => call('DELETE', at(id)),
    clear: () => call('DELETE', path),
  }
}

/** One that was never used is no world yet, and with the mock its worlds have ended, too. */
async function endWorld(connection: MockConnection, name: string): Promise<void> {
  if (connection.hasEnded) return
  try {
    await caller(connection, `${connection.root}/_mock`)('DELETE', `/worlds/${name}`)
  } catch (error) {
    if (!connection.hasEnded && !(error instanceof MockError && error.status === 404)) throw error
  }
}

function caller({ transport, options: { controlToken } }: MockConnection, base: string): Call {
  return async <T>(method: string, path: string, body?: object) => {
    refuseDeepBody(body)
    const answer = await transport({
      method,
      url: base + path,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(controlToken !== undefined && { authorization: `Bearer ${controlToken}` }),
      },
      body: body && jsonText(body),
    })
    const { status, text } = answer
    if (status < 200 || status > 299) throw new MockError(status, problemOf(answer))
    return (text === '' ? undefined : parseJson(text, 'answer')) as T
  }
}

/** What cannot be written as JSON is refused as the mock would refuse it. */
function refuseDeepBody(body: object | undefined): void {
  try {
    refuseTooDeep(body, { file: 'body', path: '' })
  } catch (error) {
    throw new MockError(400, problemOfError(error))
  }
}

function problemOf({ status, contentType, text }: TransportAnswer): Problem {
  if (contentType.startsWith('application/problem+json')) return JSON.parse(text)
  const detail = `the answer was ${status}, and did not come from a mock, or came from one with --no-control`
  return { title: UNEXPECTED, status, detail }
}

type AtTheEnd = (cleanUp: () => Promise<void>) => void

/** A test of any runner, by what it calls when it ends: node:test and tap, tap, vitest; or such a function itself. */
export type Test = { after: AtTheEnd } | { teardown: AtTheEnd } | { onTestFinished: AtTheEnd } | AtTheEnd

/**
 * A world for one test alone, which ends with it.
 *
 * @throws TypeError for what is no test
 */
export function worldFor(test: Test, mock: Mock): Mock {
  const atTheEnd = endOf(test)
  const world = mock.world()
  atTheEnd(world.close)
  return world
}

function endOf(test: Test): AtTheEnd {
  if (typeof test === 'function') return test
  for (const name of ['teardown', 'after', 'onTestFinished']) {
    const atTheEnd = (test as Partial<Record<string, AtTheEnd>> | undefined)?.[name]
    if (typeof atTheEnd === 'function') return (cleanUp) => atTheEnd.call(test, cleanUp)
  }
  throw new TypeError(
    'worldFor: found no test in front of the mock; allowed: t of node:test or tap, or onTestFinished of vitest',
  )
}
