import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import manifest from '../package.json' with { type: 'json' }
import { appOf, type Outlet } from './app.js'
import { createFront, type Handler } from './authentik/front.js'
import { withoutOrigin } from './authentik/path.js'
import type { Release } from './authentik/releases.js'
import type { Control } from './control/app.js'
import { createGuard, type Guard } from './control/guard.js'
import { createPipeline } from './control/pipeline.js'
import { sendProblem } from './control/problem.js'
import { createReporter } from './control/report/report.js'
import type { Report } from './control/schema.js'
import { collectSent } from './control/sent.js'
import { createWorlds } from './control/worlds.js'
import { createOnce, type Log, logRequest } from './log.js'
import type { Baseline } from './world/baseline.js'
import { machineTime } from './world/clock.js'
import type { Document } from './world/fixtures/collect.js'
import type { Micros } from './world/instant.js'
import { type StartSettings, startWorld } from './world/start.js'

export interface MockSettings extends Omit<StartSettings, 'begin'> {
  release: Release
  log: Log
  /** Then nothing under `/_mock/` is served, no world has a name, and no request has wishes. */
  noControl: boolean
  /** The key that control requests must show; undefined: none. */
  controlToken: string | undefined
  /** Names that the mock may be driven under, beside those that nobody can register. */
  allowHost: string[]
  /** How many requests the journal of a world remembers. */
  journal: number
  /** How many worlds there may be beside the one without a prefix. */
  worlds: number
}

/** A mock that runs: its worlds, the application over them, and the server before both. */
export interface Mock {
  /** Where it listens, without a slash at the end. */
  url: string
  /** Begins all over with other documents; see `startWorld` for its errors. */
  reload(documents: Document[]): Promise<void>
  /** What its clients did so far, in all of its worlds. */
  report(): Report
  /** Lets open requests finish, and listens no more. */
  close(): Promise<void>
}

/** As much as authentik's front server takes. */
const MAX_HEADER_BYTES = 1024 * 1024
const SWEEP_MS = 20
const CONTROL = /^(?:\/@[^/?]+)?\/_mock(?:[/?]|$)/

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
  const pipeline = createPipeline((visit, status) => logRequest(log, visit, status), reporter, !noControl)
  const app = await appOf(settings.release)
  const once = createOnce(log)
  const outlet: Outlet = {
    respond: pipeline.respond,
    log,
    unserved: (path) => once(path, `${path} is not served by this mock: answered as authentik answers an unknown path`),
  }
  const guard = createGuard(settings.allowHost)
  const front = createFront({
    ...pipeline,
    turnAway(request, response, path) {
      const { name } = worlds.read(path)
      const problem = name === undefined ? undefined : guard.world(request, name, worlds.has(name))
      if (problem !== undefined) sendProblem(response, problem)
      return problem !== undefined
    },
    locate: worlds.locate,
    application(request, response) {
      request.outlet = outlet
      app(request, response)
    },
  })
  const control = controlHandler(guard, {
    worlds,
    version: manifest.version,
    seed,
    token: settings.controlToken,
    log,
    reporter,
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
      if (!noControl && CONTROL.test(withoutOrigin(request.url ?? ''))) return control(request, response)
      collectSent(request)
      front.request(request, response)
    },
  )
  server.on('clientError', front.clientError)
  await listen(server, address)

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
    close: () => close(server),
  }
}

/** The control application is loaded by the first request for it. */
function controlHandler(guard: Guard, control: Control): Handler {
  let loading: Promise<Handler> | undefined
  const load = async (): Promise<Handler> => {
    const { buildControl } = await import('./control/app.js')
    return (await buildControl(control)).routing
  }
  return (request, response) => {
    const problem = guard.control(request)
    if (problem !== undefined) return sendProblem(response, problem)
    const { name, path } = control.worlds.read(withoutOrigin(request.url ?? ''))
    request.findRealm = () => control.worlds.find(name)
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
