import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import manifest from '../../package.json' with { type: 'json' }
import type { Report } from '../control/bodies.js'
import { type ControlSettings, createControlPort } from '../control/port.js'
import { createArrays } from '../world/arrays.js'
import { machineTime } from '../world/clock.js'
import type { Micros } from '../world/instant.js'
import type { FixtureSource } from '../world/load/source.js'
import type { Snapshot } from '../world/snapshot.js'
import { type StartSettings, startWorld } from '../world/start.js'
import { manageConnections } from './connections.js'
import { refuse } from './front.js'
import { createOnce } from './log.js'
import { buildApp, type Handler } from './router.js'
import { answerUnreadable } from './unreadable.js'

export interface MockSettings
  extends Omit<StartSettings, 'begin' | 'arrays' | 'webPath'>,
    Omit<ControlSettings, 'snapshot' | 'version' | 'begin' | 'fail'> {
  /** How many seconds begun answers get when it closes. */
  stopGrace: number
}

/** A mock that runs: its worlds, the application over them, and the server before both. */
export interface RunningMock {
  /** Where it listens, without a slash at the end. */
  url: string
  /** Begins all over with other fixtures; see `startWorld` for its errors. */
  reload(sources: FixtureSource[]): Promise<void>
  /** What its clients did so far, in all of its worlds. */
  report(): Report
  /**
   * Listens no more. Delays and long polls end, begun answers may finish within the grace, and then all connections are
   * cut. To close it again changes nothing.
   */
  close(): Promise<void>
  /** Cuts all connections now: what a `close` still waits for. */
  cut(): void
}

/** As much as authentik's front server takes. */
const MAX_HEADER_BYTES = 1024 * 1024

/**
 * Opens a mock.
 *
 * @throws FixtureError for mistakes in the fixtures
 * @throws NodeJS.ErrnoException where the address cannot be listened on
 */
export async function openMock(settings: MockSettings, address: { port: number; host: string }): Promise<RunningMock> {
  const { log } = settings
  const arrays = createArrays(settings.cacheBytes)
  const { port, worlds, reporter, waits, masks } = createControlPort({
    ...settings,
    version: manifest.version,
    snapshot: await begin(settings.sources, machineTime()),
    begin: (sources, now) => begin(sources, now, 0),
    fail,
  })
  const warn = createOnce(log, masks)
  const { app, answer } = buildApp({
    release: settings.release,
    port,
    createServer: createHttpServer,
    fail,
  })
  await app.ready()
  const connections = manageConnections(app.server, {
    refuse: (error, request, response) => answerUnreadable(error, request, response, answer),
    refuseBody: port.refuseBody,
    refuseConnection: (limit) =>
      warn(`more than ${limit} connections are open, so new ones are closed; ulimit -n sets the limit`),
  })
  await listen(app.server, address)
  // It may fail to accept a connection, and goes on.
  app.server.on('error', ({ message }) => warn(message))

  /** The last resort for a request that could not be answered. */
  function fail(error: unknown, response: ServerResponse): void {
    log.error(error)
    if (response.headersSent) response.destroy()
    else refuse(response, 500, 'Internal Server Error')
  }

  async function begin(sources: FixtureSource[], now: Micros, generate = settings.generate): Promise<Snapshot> {
    const { snapshot, warnings } = await startWorld({ ...settings, arrays, sources, generate, begin: now })
    for (const warning of warnings) log.warn(warning)
    return snapshot
  }

  return {
    url: urlOf(app.server.address() as AddressInfo) + settings.webPath.slice(0, -1),
    report: reporter.read,
    async reload(sources) {
      worlds.restart(await begin(sources, machineTime()))
    },
    close() {
      waits.end()
      return connections.close(settings.stopGrace * 1000)
    },
    cut: connections.cut,
  }
}

function createHttpServer(handler: Handler): Server {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      requireHostHeader: false,
      joinDuplicateHeaders: true,
      // A connection waits for its client's next request as long as the client is there: no request can meet a
      // connection that is just being closed, and none has a timer to set.
      keepAliveTimeout: 0,
      keepAlive: true,
    },
    (request, response) => {
      request.socket.latest = response
      // Node drops what follows such a request in its packet.
      if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false
      handler(request, response)
    },
  )
  server.on('checkExpectation', (request, response) => {
    request.socket.latest = response
    response.writeHead(417, ['Connection', 'close', 'Content-Length', '0']).end()
  })
  return server
}

function listen(server: Server, { port, host }: { port: number; host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
