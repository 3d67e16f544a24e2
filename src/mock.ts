import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildApp } from './app.js'
import { createFront, type Respond } from './authentik/front.js'
import type { Release } from './authentik/releases.js'
import { send } from './authentik/send.js'
import { createKeeps, type Site } from './authentik/site.js'
import { type Log, logRequest } from './log.js'
import { createClock } from './world/clock.js'
import { type StartSettings, startWorld } from './world/start.js'
import { createWorld } from './world/world.js'

export interface MockSettings extends Omit<StartSettings, 'begin'> {
  release: Release
  log: Log
}

/** A mock that runs: one world, the application over it, and the server before both. */
export interface Mock {
  /** Where it listens, without a slash at the end. */
  url: string
  /** Takes the world of other documents in the place of the present one; see `startWorld` for its errors. */
  reload(documents: MockSettings['documents']): Promise<void>
  /** Lets open requests finish, and listens no more. */
  close(): Promise<void>
}

/** As much as authentik's front server takes. */
const MAX_HEADER_BYTES = 1024 * 1024
/** Longer than any client keeps a connection open for the next request. */
const KEEP_ALIVE_MS = 120_000
const SWEEP_MS = 20

/**
 * Opens a mock.
 *
 * @throws FixtureError for mistakes in the documents
 * @throws NodeJS.ErrnoException where the address cannot be listened on
 */
export async function openMock(settings: MockSettings, address: { port: number; host: string }): Promise<Mock> {
  const { log, release } = settings
  let site = await openSite(settings)
  const respond: Respond = (response, visit, answer) => {
    send(response, visit, answer)
    logRequest(log, visit, answer)
  }
  const app = buildApp(respond, log)
  await app.ready()
  const front = createFront((path) => ({ site, path }), app.routing, respond)
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      requireHostHeader: false,
      joinDuplicateHeaders: true,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    front.request,
  )
  server.on('clientError', front.clientError)
  await listen(server, address)
  return {
    url: urlOf(server.address() as AddressInfo),
    async reload(documents) {
      site = await openSite({ ...settings, documents })
    },
    async close() {
      await close(server)
      await app.close()
    },
  }

  async function openSite(from: MockSettings): Promise<Site> {
    const { baseline, warnings } = await startWorld({ ...from, begin: Date.now() * 1e3 })
    for (const warning of warnings) log.warn(warning)
    return { world: createWorld(baseline, createClock()), release, shared: createKeeps() }
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
