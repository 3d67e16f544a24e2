import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { Exchange } from './operations.js'

/** A server in a process of its own. */
export interface Server extends AsyncDisposable {
  name: string
  url: string
  /** Milliseconds from the start of the process to its first answer. */
  start: number
  /** Processor time until then, in microseconds; null where the system does not tell. */
  startProcessorTime: number | null
  /** Processor time that it took so far, in microseconds; null where the system does not tell. */
  processorTime(): number | null
  /** Memory that it holds, in MiB; null where the system does not tell. */
  memory(): number | null
  /** How it ends, whenever it does. */
  ended: Promise<Ending>
  /** Tells it to end by itself. */
  terminate(): void
}

export interface Ending {
  /** Null where a signal ended it. */
  code: number | null
  /** The end of what it said on standard error. */
  errors: string
}

export interface ServerSettings {
  name: string
  command: (port: number) => string[]
  /** What it answers with this status once it has started. */
  probe: Exchange
  status: number
  /** Keeps it on a core of its own. */
  pin: boolean
}

export const SERVER_CORE = 0
export const LOAD_CORE = 1
const POLL_MS = 2
const PATIENCE_MS = 120_000
const TICK_MICROS = 10_000

const pins = process.platform === 'linux' && availableParallelism() > 1 && works('taskset', '--version')

/** Those that run. They are not to outlive this process, however it ends. */
const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

/**
 * Starts a server, and waits for its first answer.
 *
 * @throws Error where it ends before it answers, or answers something else
 */
export async function startServer({ name, command, probe, status, pin }: ServerSettings): Promise<Server> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const [file = '', ...args] = pin ? pinned(command(port), SERVER_CORE) : command(port)
  const begin = performance.now()
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  children.add(child)
  child.once('exit', () => children.delete(child))
  const stop = () => end(child)
  let errors = ''
  child.stderr?.on('data', (part) => {
    errors = `${errors}${part}`.slice(-2000)
  })
  const ended = once(child, 'close').then(([code]): Ending => ({ code, errors }))
  try {
    await answers(child, name, url, probe, status, () => errors)
  } catch (error) {
    await stop()
    throw error
  }
  const start = performance.now() - begin
  const processorTime = () => readProcess(child, 'stat', processorTimeOf)
  return {
    name,
    url,
    start,
    startProcessorTime: processorTime(),
    processorTime,
    memory: () =>
      child.exitCode === null && child.signalCode === null ? readProcess(child, 'status', memoryOf) : null,
    ended,
    terminate: () => void child.kill('SIGTERM'),
    [Symbol.asyncDispose]: stop,
  }
}

/** Servers that are stopped together. */
export function createPool(): AsyncDisposable & { add(server: Server): Server } {
  const servers: Server[] = []
  return {
    add(server) {
      servers.push(server)
      return server
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
    },
  }
}

/** A command, kept on one core where the system can do that. */
export function pinned(command: string[], core: number): string[] {
  return pins ? ['taskset', '-c', String(core), ...command] : command
}

/** Sends one request. Resolves to the status, the body and the milliseconds that it took. */
export function ask(
  url: string,
  { method, path, headers, body }: Exchange,
): Promise<{ status: number; text: string; took: number }> {
  const begin = performance.now()
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, headers }, async (response) => {
      const parts: Buffer[] = []
      for await (const part of response) parts.push(part)
      resolve({
        status: response.statusCode ?? 0,
        text: Buffer.concat(parts).toString(),
        took: performance.now() - begin,
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Whether a program can be run. */
export function works(file: string, ...args: string[]): boolean {
  try {
    execFileSync(file, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function answers(
  child: ChildProcess,
  name: string,
  url: string,
  probe: Exchange,
  status: number,
  errors: () => string,
): Promise<void> {
  const limit = performance.now() + PATIENCE_MS
  for (;;) {
    const answer = await ask(url, probe).catch(() => undefined)
    if (answer?.status === status) return
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}: ${errors()}`)
    if (performance.now() > limit)
      throw new Error(
        `${name} answered ${probe.path} with ${answer?.status}, not ${status}: ${answer?.text} ${errors()}`,
      )
    await delay(POLL_MS)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

function readProcess<T>({ pid }: ChildProcess, file: string, read: (text: string) => T): T | null {
  return process.platform === 'linux' ? read(readFileSync(`/proc/${pid}/${file}`, 'utf8')) : null
}

function processorTimeOf(stat: string): number {
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return (Number(user) + Number(system)) * TICK_MICROS
}

function memoryOf(status: string): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024
}
