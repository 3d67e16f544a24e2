import type { ServerResponse } from 'node:http'
import manifest from '../../package.json' with { type: 'json' }
import { madeUpOf } from '../authentik/missing-fields.js'
import type { Report } from '../control/bodies.js'
import { type ControlSettings, createControlPort } from '../control/port.js'
import type { Joined, JoinSettings } from '../control/replicas/open.js'
import { createArrays } from '../world/arrays.js'
import { machineTime } from '../world/clock.js'
import type { Micros } from '../world/instant.js'
import type { User } from '../world/kinds/users.js'
import { FixtureError, quote } from '../world/load/mistakes.js'
import type { FixtureSource } from '../world/load/source.js'
import type { Snapshot } from '../world/snapshot.js'
import { type StartSettings, startWorld } from '../world/start.js'
import { manageConnections } from './connections.js'
import { refuse } from './front.js'
import { createHttpServer, createHttpsServer, listen, urlOf } from './http-server.js'
import { createOnce } from './log.js'
import { openRouter } from './router.js'
import { type TlsFiles, tlsMistake } from './tls.js'
import { answerUnreadable, type ClientError } from './unreadable.js'

export interface MockSettings
  extends Omit<StartSettings, 'begin' | 'arrays' | 'webPath'>,
    Omit<ControlSettings, 'snapshot' | 'version' | 'begin' | 'fail' | 'ca' | 'replication'> {
  /** How many seconds begun answers get when it closes. */
  stopGrace: number
  /** What https is served with; undefined: it is not served. */
  tls?: TlsFiles | undefined
  /** Where it is served; by default on any free port of the same address. */
  httpsPort?: number | undefined
  httpsHost?: string | undefined
  /** What makes any number of mocks one; undefined: this one stands alone. */
  store?: JoinSettings['store'] | undefined
  storeReads?: JoinSettings['storeReads']
  /** After how many seconds without any use the store forgets a world. */
  storeExpiry?: number
}

/** A mock that runs: its worlds, the application over them, and the server before both. */
export interface RunningMock {
  /** Where it listens, without a slash at the end. */
  url: string
  /** The same by https; undefined: it does not listen there. */
  httpsUrl: string | undefined
  /** Begins all over with other fixtures; see `startWorld` for its errors. */
  reload(sources: FixtureSource[]): Promise<void>
  /**
   * What its clients did so far, in all of its worlds; with what other mocks saw that share its store.
   *
   * @param onPart is told why, where it is only what this one saw
   */
  report(onPart?: (reason: string) => void): Report
  /**
   * Listens no more. Delays and long polls end, begun answers may finish within the grace, and then all connections are
   * cut. To close it again changes nothing.
   */
  close(): Promise<void>
  /** Cuts all connections now: what a `close` still waits for. */
  cut(): void
}

/** In seconds. */
const DAY = 86_400

/**
 * Opens a mock.
 *
 * @throws FixtureError for mistakes in the fixtures
 * @throws ListenError where an address cannot be served
 * @throws StoreAway where the store cannot be used
 * @throws StoreMismatch where it is that of other mocks
 */
export async function openMock(settings: MockSettings, address: { port: number; host: string }): Promise<RunningMock> {
  const { log, tls, httpsPort = 0, httpsHost } = settings
  const arrays = createArrays(settings.cacheBytes)
  const { replication, begin: first, leave } = await join(settings)
  const snapshot = await beginServed(settings.sources, first).catch(async (error) => {
    await leave?.()
    throw error
  })
  const { port, worlds, reporter, waits, masks, sharedGates } = createControlPort({
    ...settings,
    version: manifest.version,
    ca: tls?.ca,
    replication,
    snapshot,
    begin: (sources, now) => begin(sources, now, 0),
    fail,
  })
  const warn = createOnce(log, masks)
  const owner = { port, fail }
  const { handle, answer } = openRouter(settings.release, owner)
  const server = createHttpServer(owner, handle)
  const secure = tls && (await createHttpsServer(owner, handle, tls))
  const servers = secure === undefined ? [server] : [server, secure]
  const connections = manageConnections(servers, {
    refuse: (error, request, response) => {
      tellOfTls(error)
      answerUnreadable(error, request, response, answer)
    },
    refuseBody: port.refuseBody,
    refuseConnection: (limit) =>
      warn(`more than ${limit} connections are open, so new ones are closed; ulimit -n sets the limit`),
  })
  secure?.on('tlsClientError', tellOfTls)
  try {
    await listen(server, 'http', address)
    if (secure !== undefined) await listen(secure, 'https', { port: httpsPort, host: httpsHost ?? address.host })
  } catch (error) {
    replication?.store.close()
    await connections.close(0)
    throw error
  }
  // They may fail to accept a connection, and go on.
  for (const each of servers) each.on('error', ({ message }: Error) => warn(message))
  const base = settings.webPath.slice(0, -1)
  let closing: Promise<void> | undefined
  /** Why the report of its end lacks what other mocks saw. */
  let lacking: string | undefined

  async function close(): Promise<void> {
    waits.end()
    await connections.close(settings.stopGrace * 1000)
    await reporter.catchUp?.().catch(({ message }: Error) => {
      lacking = message
    })
    await sharedGates?.settled()
    replication?.store.close()
  }

  function tellOfTls(error: ClientError): void {
    const mistake = tlsMistake(error)
    if (mistake !== undefined) warn(mistake)
  }

  /** The last resort for a request that could not be answered. */
  function fail(error: unknown, response: ServerResponse): void {
    log.error(error)
    if (response.headersSent) response.destroy()
    else refuse(response, 500, 'Internal Server Error')
  }

  async function beginServed(sources: FixtureSource[], now: Micros): Promise<Snapshot> {
    const snapshot = await begin(sources, now)
    refuseStranger(snapshot, settings.signedIn)
    return snapshot
  }

  async function begin(sources: FixtureSource[], now: Micros, generate = settings.generate): Promise<Snapshot> {
    const start = await startWorld({ ...settings, arrays, sources, generate, begin: now })
    for (const warning of [...start.warnings, ...madeUpOf(start.captured, settings.release)]) log.warn(warning)
    return start.snapshot
  }

  return {
    url: urlOf('http', server) + base,
    httpsUrl: secure && urlOf('https', secure) + base,
    report(onPart) {
      if (lacking !== undefined) onPart?.(lacking)
      return reporter.read()
    },
    async reload(sources) {
      worlds.restart(await beginServed(sources, machineTime()))
    },
    close() {
      closing ??= close()
      return closing
    },
    cut: connections.cut,
  }
}

/** Joins the mocks that share a store, if there is one: few mocks load what that takes. */
async function join(settings: MockSettings): Promise<{ begin: Micros } & Partial<Joined>> {
  const { store, storeReads = 'current', storeExpiry = DAY, log } = settings
  const now = machineTime()
  if (store === undefined) return { begin: now }
  const { joinReplicas } = await import('../control/replicas/open.js')
  const { release, generate, seed, token, baseUrl, webPath, installId, signedIn, sources, worlds, journal } = settings
  const { noControl, controlToken, forward, forwardCredentials = false, issuedRows } = settings
  return joinReplicas({
    ...{ store, storeReads, storeExpiry, worlds, journal, sources, now, version: manifest.version },
    common: {
      ...{ release: release.name, generate, seed, token, baseUrl, webPath, installId, signedIn },
      ...{ noControl, controlToken, forward, forwardCredentials },
      // What is kept, and for how long, is decided by whichever mock is asked.
      ...{ worlds, journal, issuedRows, storeExpiry },
    },
    warn: (text) => log.warn(text),
  })
}

/** @throws FixtureError for a user who cannot be signed in */
function refuseStranger(snapshot: Snapshot, username: string | undefined): void {
  if (username === undefined) return
  const user = snapshot.rows('users').find('username', username) as User | undefined
  if (user?.is_active === true) return
  const found = `${quote(username)}, ${user === undefined ? 'but there is no such user' : 'who is not active'}`
  throw new FixtureError([{ file: '--signed-in', path: '', found, allowed: 'the username of an active user' }])
}
