import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import manifest from '../package.json' with { type: 'json' }
import { appOf, type Outlet } from './app.js'
import { createFront, type Handler } from './authentik/front.js'
import type { Release } from './authentik/releases.js'
import type { Control } from './control/app.js'
import { createPipeline } from './control/pipeline.js'
import { createReporter } from './control/report/report.js'
import type { Report } from './control/schema.js'
import { collectSent } from './control/sent.js'
import { createWorlds } from './control/worlds.js'
import { createOnce, type Log, logRequest } from './log.js'
import { machineTime } from './world/clock.js'
import type { Micros } from './world/instant.js'
import type { FixtureSource } from './world/load/source.js'
import type { Snapshot } from './world/snapshot.js'
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
}

/** A mock that runs: its worlds, the application over them, and the server before both. */
export interface Mock {
  /** Where it listens, without a slash at the end. */
  url: string
  /** Begins all over with other sources; see `startWorld` for its errors. */
  reload(sources: FixtureSource[]): Promise<void>
  /** What its clients did so far, in all of its worlds. */
  report(): Report
  /** Lets open requests finish, and listens no more. */
  close(): Promise<void>
}

/** As much as authentik's front server takes. */
const MAX_HEADER_BYTES = 1024 * 1024
const SWEEP_MS = 20
const CONTROL = /^(?:\/@[^/]+)?\/_mock(?:[/?]|$)/

/**
 * Opens a mock.
 *
 * @throws FixtureError for mistakes in the sources
 * @throws NodeJS.ErrnoException where the address cannot be listened on
 */
export async function openMock(settings: MockSettings, address: { port: number; host: string }): Promise<Mock> {
  const { log, seed, noControl } = settings
  const worlds = createWorlds({
    ...settings,
    snapshot: await begin(settings.sources, machineTime()),
    worlds: noControl ? 0 : settings.worlds,
  })
  const reporter = createReporter()
  const pipeline = createPipeline((visit, status) => logRequest(log, visit, status), reporter, !noControl)
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
    begin: (sources, now) => begin(sources, now, 0),
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
      if (!noControl && CONTROL.test(request.url ?? '')) return control(request, response)
      collectSent(request)
      front.request(request, response)
    },
  )
  server.on('clientError', front.clientError)
  await listen(server, address)

  async function begin(sources: FixtureSource[], now: Micros, generate = settings.generate): Promise<Snapshot> {
    const { snapshot, warnings } = await startWorld({ ...settings, sources, generate, begin: now })
    for (const warning of warnings) log.warn(warning)
    return snapshot
  }

  return {
    url: urlOf(server.address() as AddressInfo),
    report: reporter.read,
    async reload(sources) {
      worlds.restart(await begin(sources, machineTime()))
    },
    close: () => close(server),
  }
}

/** The control application is loaded by the first request for it. */
function controlHandler(control: Control): Handler {
  let loading: Promise<Handler> | undefined
  const load = async (): Promise<Handler> => {
    const { buildControl } = await import('./control/app.js')
    return (await buildControl(control)).routing
  }
  return (request, response) => {
    const { site, path } = control.worlds.locate(request.url ?? '')
    request.realm = site
    request.url = path
    loading ??= load()
    loading.then((handle) => handle(request, response))
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

/** Connections that wait for another request are closed; an open request is finished, and is the last of its connection. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.prependListener('request', (_, response) => {
      response.shouldKeepAlive = false
    })
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
    server.close(() => {
      clearInterval(sweep)
      resolve()
    })
  })
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
