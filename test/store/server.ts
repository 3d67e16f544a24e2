import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readStoreAddress, type StoreAddress } from '../../src/store/address.js'

/** A real server that stores logs, on a Unix socket of its own. */
export interface StoreServer extends AsyncDisposable {
  url: string
  address: StoreAddress
  start(): Promise<void>
  /** Ends it as a crash would. What it wrote is there when it starts again. */
  kill(): Promise<void>
  /** Lets it hang, and go on. */
  stop(): void
  go(): void
  /** Asks it something, as its own command line does. */
  ask(...words: string[]): string
}

const isThere = (program: string) => spawnSync(program, ['--version']).status === 0

/** The server of this machine; undefined: it has none. */
export const STORE_PROGRAM = ['valkey-server', 'redis-server'].find(isThere)

/** For tests in which it stays: it writes nothing to the disk, which would take it a third of its time. */
export const IN_MEMORY = ['--appendonly', 'no']

export async function openStoreServer(program: string, ...options: string[]): Promise<StoreServer> {
  const folder = await mkdtemp(join(tmpdir(), 'am-'))
  const socket = join(folder, 's')
  const url = `unix://${socket}`
  let child: ChildProcess | undefined

  const server: StoreServer = {
    url,
    address: readStoreAddress(url) as StoreAddress,
    async start() {
      const always = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', '', '--appendonly', 'yes']
      child = spawn(program, [...always, '--appendfsync', 'always', ...options], { stdio: 'ignore' })
      await untilReady(socket)
    },
    async kill() {
      const ended = child && once(child, 'exit')
      child?.kill('SIGKILL')
      await ended
      child = undefined
      await rm(socket, { force: true })
    },
    stop: () => void child?.kill('SIGSTOP'),
    go: () => void child?.kill('SIGCONT'),
    ask: (...words) =>
      spawnSync(program.replace('server', 'cli'), ['-s', socket, ...words])
        .stdout.toString()
        .trim(),
    async [Symbol.asyncDispose]() {
      server.go()
      await server.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

/** Waits until it answers, and has loaded what it kept. */
async function untilReady(socket: string): Promise<void> {
  for (;;) {
    const answer = await new Promise<string>((resolve) => {
      const connection = connect(socket, () => connection.write('PING\r\n'))
      connection.once('data', (data) => {
        connection.destroy()
        resolve(String(data))
      })
      connection.once('error', () => resolve(''))
    })
    if (answer.startsWith('+PONG')) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
