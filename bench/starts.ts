import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { MOCK, mockCommand } from './mock-command.js'
import { get, OPERATIONS } from './operations.js'
import { AS_IT_COMES, PEER_NAMES, PEERS, reasonAgainst, shippedCommand } from './peers.js'
import type { LibraryTimes, Starts } from './results.js'
import { startServer } from './server.js'
import type { Setup } from './setup.js'
import { start } from './throughput.js'

const REST_MS = 1000
const MILLION = 1_000_000

/** Starts everything in turns, nothing kept on a core. */
export async function measureStarts(setup: Setup, rounds: number): Promise<Record<string, Starts>> {
  const starters: Record<string, () => ReturnType<typeof startServer>> = {}
  for (const name of PEER_NAMES.filter((peer) => reasonAgainst(PEERS[peer], setup, 'retrieve') === undefined))
    starters[name] = () => start(name, 'retrieve', setup, false)
  delete starters['authentik-mock, gzip']
  const bundle = await bundleFastify(setup)
  starters['Fastify, bundled'] = () => startCommand('Fastify, bundled', bundle)
  starters[AS_IT_COMES] = () => startCommand(AS_IT_COMES, shippedCommand)
  for (const rows of [10, MILLION]) {
    const name = `authentik-mock, ${rows.toLocaleString('en')} rows`
    starters[name] = () => startCommand(name, (port) => mockCommand(setup.world, rows, port))
  }
  const measured = Object.fromEntries(
    Object.keys(starters).map((name): [string, Starts] => [name, { start: [], cpu: [], memory: [] }]),
  )
  for (let round = 0; round < rounds; round++)
    for (const [name, starter] of Object.entries(starters)) {
      await using server = await starter()
      await delay(REST_MS)
      measured[name]?.start.push(server.start)
      const cpu = server.startProcessorTime
      measured[name]?.cpu.push(cpu === null ? null : cpu / 1000)
      measured[name]?.memory.push(server.memory())
    }
  return measured
}

/** From the start of the program to the end of its own health check that finds it well, as an image runs both. */
export async function measureHealth(rounds: number): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now()
    await using server = await startCommand(AS_IT_COMES, shippedCommand)
    await promisify(execFile)(process.execPath, [MOCK, 'healthcheck', '--port', new URL(server.url).port])
    times.push(performance.now() - begin)
  }
  return times
}

/** Times the library in fresh processes. */
export async function measureLibrary(rounds: number): Promise<LibraryTimes> {
  const times: LibraryTimes = { firstStart: [], start: [], firstReset: [], reset: [] }
  for (let round = 0; round < rounds; round++) {
    const script = join(import.meta.dirname, 'servers', 'library.js')
    const { stdout } = await promisify(execFile)(process.execPath, [script])
    const { starts, resets } = JSON.parse(stdout)
    times.firstStart.push(starts[0])
    times.start.push(...starts.slice(1))
    times.firstReset.push(resets[0])
    times.reset.push(...resets.slice(1))
  }
  return times
}

/** The fair twin of a mock that is a bundle; esbuild's starts sooner than that of the mock's own bundler. */
async function bundleFastify({ folder, bodyOf }: Setup): Promise<(port: number) => string[]> {
  const outfile = join(folder, 'fastify.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, 'servers', 'fastify.js')],
    outfile,
    bundle: true,
    minifyWhitespace: true,
    minifySyntax: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  return (port) => [process.execPath, outfile, String(port), '200', bodyOf('retrieve').path]
}

function startCommand(name: string, command: (port: number) => string[]): ReturnType<typeof startServer> {
  const { path, key } = OPERATIONS.retrieve
  return startServer({ name, command, probe: get(path, key), status: 200, pin: false })
}
