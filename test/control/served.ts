import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { findRelease, type Release } from '../../src/authentik/releases.js'
import { type ControlSettings, createControlPort } from '../../src/control/port.js'
import type { Behind, World } from '../../src/control/worlds/world.js'
import { createLog } from '../../src/server/log.js'
import { openRouter } from '../../src/server/router.js'
import type { Snapshot } from '../../src/world/snapshot.js'
import { startWorld } from '../../src/world/start.js'
import { keepConnections, type WireAnswer, type WireRequest } from '../http.js'

/** A mock over a snapshot, whose world a test may reach by hand. */
export interface Served extends AsyncDisposable {
  world: World
  behind: Behind
  ask(request: WireRequest): Promise<WireAnswer>
}

const HOST = { Host: 'localhost:9000' }

/** Serves a snapshot under one name, wherever it listens: what is answered does not tell two servers apart. */
export async function serveSnapshot(snapshot: Snapshot, onChange?: ControlSettings['onChange']): Promise<Served> {
  const fail = (error: unknown) => {
    throw error
  }
  const { kinds } = snapshot
  let behind: Behind | undefined
  const release = findRelease('2025.2') as Release
  const { port, worlds } = createControlPort({
    ...{ snapshot, release, fail, log: createLog('silent', { write() {} }), noControl: false, controlToken: undefined },
    ...{
      allowHost: [],
      journal: 100,
      journalBytes: 1e6,
      cacheBytes: 1e6,
      issuedRows: 1e6,
      worlds: 0,
      seed: 1,
      version: '0',
      webPath: '/',
    },
    ...(onChange !== undefined && { onChange }),
    follow(_, of) {
      behind = of
      return undefined
    },
    begin: async (sources, begin) =>
      (await startWorld({ sources, generate: 0, seed: 1, token: 'root', begin, kinds })).snapshot,
  })
  const owner = { port, fail }
  const { handle } = await openRouter(release, owner)
  const server = createServer(handle)
  server.prependListener('connection', (socket) => {
    socket.owner = owner
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const sender = keepConnections(url)
  return {
    world: worlds.base,
    behind: behind as unknown as Behind,
    ask: ({ headers, ...request }) => sender.send({ ...request, headers: { ...HOST, ...headers } }),
    async [Symbol.asyncDispose]() {
      sender[Symbol.dispose]()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
