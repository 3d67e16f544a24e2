import { keepConnections, type Sender, type WireAnswer, type WireRequest } from '../src/upstream/wire.js'
import { formatInstant, type Micros } from '../src/world/instant.js'
import { shorten } from './match.js'
import { ReplayError } from './recording.js'

/** The server that a recording is replayed against. */
export interface Server extends AsyncDisposable {
  /** Sends a request as it stands. */
  send(request: WireRequest): Promise<WireAnswer>
  /** Asks the control API. */
  control(method: string, path: string, body: object): Promise<WireAnswer>
  /** Stops the clock at a moment. */
  setClock(now: Micros): Promise<void>
  /** Has the next requests for a path wait for each other: what was sent at once does not always arrive at once. */
  raceNext(count: number, path: string): Promise<void>
}

export interface ServerOptions {
  /** Seeds. */
  world: object
  release: string
  /** Of a server that runs already, over the world as it began; several are one, and asked in turn. */
  url?: string | string[] | undefined
  /** When the world began, for what counts from there. */
  begin?: Micros | undefined
}

/** Where the recorded server was. Redirects and issuers name it. */
export const RECORDED_HOST = '127.0.0.1:9000'

/** @throws ReplayError */
export async function openServer({ world, release, url, begin }: ServerOptions): Promise<Server> {
  const mock = url === undefined ? await start(world, release) : undefined
  const urls = [url ?? mock?.url ?? ''].flat().map((one) => one.replace(/\/+$/, ''))
  const server = serverAt(urls, async () => mock?.[Symbol.asyncDispose]())
  if (begin !== undefined && mock !== undefined) {
    await server.setClock(begin)
    await put(server, '/_mock/fixtures', world)
  }
  await nameTokens(server, world)
  return server
}

/** The recorder named API tokens `lab-` and their name in the world file, and had no token of the mock's own. */
async function nameTokens(server: Server, world: object): Promise<void> {
  await server.control('DELETE', '/_mock/tokens/--token', {})
  for (const name of Object.keys((world as { tokens?: object }).tokens ?? {})) {
    const identifier = name.startsWith('lab-') ? name : `lab-${name}`
    await server.control('PATCH', `/_mock/tokens/${encodeURIComponent(name)}`, { identifier })
  }
}

async function start(world: object, release: string) {
  // Loaded only where it is needed: a server at a URL brings its own.
  const { FixtureError, startMock, UsageError } = await import('../src/index.js')
  try {
    return await startMock({ fixtures: world, release, logLevel: 'silent' })
  } catch (error) {
    throw error instanceof UsageError || error instanceof FixtureError ? new ReplayError(error.message) : error
  }
}

function serverAt(urls: string[], close: () => Promise<void>): Server {
  const senders = urls.map((url) => keepConnections(url))
  let sent = 0
  const send = (request: WireRequest) => (senders[sent++ % senders.length] as Sender).send(request)
  let clock: Micros | undefined
  const server: Server = {
    send: (request) => send({ ...request, headers: { Host: RECORDED_HOST, ...request.headers } }),
    async control(method, path, body) {
      const text = JSON.stringify(body)
      const bytes = Buffer.from(text).toString('latin1')
      const headers = { 'Content-Type': 'application/json', 'Content-Length': String(bytes.length) }
      return send({ method, path, body: bytes, headers }).catch((error) => {
        throw new ReplayError(`${urls}: ${error.message}`)
      })
    },
    async setClock(now) {
      if (now === clock) return
      await put(server, '/_mock/clock', { now: formatInstant(now), frozen: true })
      clock = now
    },
    raceNext: (count, path) => ask(server, 'POST', '/_mock/faults', { path, barrier: count, times: count }),
    async [Symbol.asyncDispose]() {
      for (const sender of senders) sender[Symbol.dispose]()
      await close()
    },
  }
  return server
}

const put = (server: Server, path: string, body: object) => ask(server, 'PUT', path, body)

/** @throws ReplayError where the control API is not there, or refuses */
async function ask(server: Server, method: string, path: string, body: object): Promise<void> {
  const answer = await server.control(method, path, body)
  if (answer.status >= 400)
    throw new ReplayError(
      `${method} ${path}: ${answer.status} ${shorten(answer.body)}; the replay needs the control API`,
    )
}
