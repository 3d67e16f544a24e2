import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import manifest from '../package.json' with { type: 'json' }
import { appOf, type Outlet } from './app.js'
import { createFront, type Handler, refuse } from './authentik/front.js'
import type { Release } from './authentik/releases.js'
import { manageConnections } from './connections.js'
import type { Control } from './control/app.js'
import { createPipeline } from './control/pipeline.js'
import { problemOf } from './control/problem.js'
import { createReporter } from './control/report/report.js'
import type { Report } from './control/schema.js'
import { collectSent } from './control/sent.js'
import { createWaits } from './control/waits.js'
import { createWorlds } from './control/worlds.js'
import { createOnce, type Log, logRequest } from './log.js'
import type { Baseline } from './world/baseline.js'
import { machineTime } from './world/clock.js'
import type { Document } from './world/fixtures/collect.js'
import type { Micros } from './world/instant.js'
import { lazyImport } from './world/lazy.js'
import { type StartSettings, startWorld } from './world/start.js'

export interface MockSettings extends Omit<StartSettings, 'begin'> {
  release: Release
  log: Log
  /** Then nothing under `/_mock/` is served, no world has a name, and no request has wishes. */
  noControl: boolean
  /** The key that control requests must show; undefined: none. */
  controlToken: string | undefined
  /** How many requests the journal of a world remembers. */
  journal: number
  /** How many worlds there may be beside the one without a prefix. */
  worlds: number
  /** How many seconds begun answers get when it closes. */
  stopGrace: number
}

/** A mock that runs: its worlds, the application over them, and the server before both. */
export interface Mock {
  /** Where it listens, without a slash at the end. */
  url: string
  /** Begins all over with other documents; see `startWorld` for its errors. */
  reload(documents: Document[]): Promise<void>
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
const CONTROL = /^(?:\/@[^/]+)?\/_mock(?:[/?]|$)/

/**
 * Opens a mock.
 *
 * @throws FixtureError for mistakes in the documents
 * @throws NodeJS.ErrnoException where the address cannot be listened on
 */
export async function openMock(settings: MockSettings, address: { port: number; host: string }): Promise<Mock> {
  const { log, seed, noControl } = settings
  const worlds = createWorlds({
    ...settings,
    baseline: await begin(settings.documents, machineTime()),
    worlds: noControl ? 0 : settings.worlds,
  })
  const reporter = createReporter()
  const waits = createWaits()
  const pipeline = createPipeline({
    log: (visit, status) => logRequest(log, visit, status),
    fail,
    reporter,
    waits,
    isControlled: !noControl,
  })
  const app = await appOf(settings.release)
  const once = createOnce(log)
  const outlet: Outlet = {
    respond: pipeline.respond,
    log,
    unserved: (path) => once(path, `${path} is not served by this mock: answered as authentik answers an unknown path`),
  }
  const front = createFront({
    ...pipeline,
    locate: worlds.locate,
    application(request, response) {
      request.outlet = outlet
      app(request, response)
    },
  })
  const control = controlHandler({
    worlds,
    version: manifest.version,
    seed,
    token: settings.controlToken,
    log,
    reporter,
    waits,
    begin: (documents, now) => begin(documents, now, 0),
  })

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
      try {
        if (!noControl && CONTROL.test(request.url ?? '')) return control(request, response)
        collectSent(request)
        front.request(request, response)
      } catch (error) {
        fail(error, response)
      }
    },
  )
  server.on('checkExpectation', (request, response) => {
    request.socket.latest = response
    response.writeHead(417, ['Connection', 'close', 'Content-Length', '0']).end()
  })
  const connections = manageConnections(server, {
    refuse: front.unreadable,
    refuseBody(response) {
      // Only control requests wait for their bodies.
      if (response.req.realm !== undefined && !response.headersSent) refuse(response, 400, 'Bad Request')
    },
    refuseConnection: (limit) =>
      once('connections', `more than ${limit} connections are open, so new ones are closed; ulimit -n sets the limit`),
  })
  await listen(server, address)
  // It may fail to accept a connection, and goes on.
  server.on('error', ({ message }) => once(message, message))

  /** The last resort for a request that could not be answered. */
  function fail(error: unknown, response: ServerResponse): void {
    log.error(error)
    if (response.headersSent) response.destroy()
    else refuse(response, 500, 'Internal Server Error')
  }

  async function begin(documents: Document[], now: Micros, generate = settings.generate): Promise<Baseline> {
    const { baseline, warnings } = await startWorld({ ...settings, documents, generate, begin: now })
    for (const warning of warnings) log.warn(warning)
    return baseline
  }

  return {
    url: urlOf(server.address() as AddressInfo),
    report: reporter.read,
    async reload(documents) {
      worlds.restart(await begin(documents, machineTime()))
    },
    close() {
      waits.end()
      return connections.close(settings.stopGrace * 1000)
    },
    cut: connections.cut,
  }
}

/** The control application is loaded by the first request for it. */
function controlHandler(control: Control): Handler {
  const load = lazyImport(async () => {
    const { buildControl } = await import('./control/app.js')
    return (await buildControl(control)).routing
  })
  return (request, response) => {
    const { site, path } = control.worlds.locate(request.url ?? '')
    request.realm = site
    request.url = path
    load()
      .then((handle) => {
        // It may have been refused meanwhile, for its body.
        if (!response.writableEnded) handle(request, response)
      })
      .catch((error) => {
        const problem = problemOf(error)
        control.log.error(error)
        if (response.headersSent) return response.destroy()
        response.writeHead(problem.status, { 'content-type': 'application/problem+json' })
        response.end(JSON.stringify(problem))
      })
  }
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
