import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { type Running, run } from '../process.js'

/**
 * As much of the Docker Engine API as Testcontainers needs to run one container, which is the built program with the
 * environment and the files that the container was given.
 */
export interface Engine extends AsyncDisposable {
  /** For `DOCKER_HOST`. */
  host: string
  /** What the container was created with. */
  created: { Image: string; Env: string[]; ExposedPorts: object }
  /** The modes of what was copied in, by path. */
  modes(): Promise<string>
}

const ID = 'c0ffee'
const PORT = '9000/tcp'

/** @param folder what stands for the root of the container */
export async function openEngine(folder: string): Promise<Engine> {
  let program: Running | undefined
  let port = ''
  const engine = { created: { Image: '', Env: [] as string[], ExposedPorts: {} } }

  const routes: [RegExp, (request: IncomingMessage) => unknown][] = [
    [/^GET .*\/info$/, () => ({ ServerVersion: '28.2.2', OperatingSystem: 'Linux', OSType: 'linux' })],
    [/^GET .*\/containers\/json$/, () => []],
    [/^GET .*\/images\/.+\/json$/, () => ({ Id: 'an-image' })],
    [
      /^POST .*\/containers\/create/,
      async (request) => {
        engine.created = JSON.parse((await buffer(request)).toString())
        return { Id: ID }
      },
    ],
    [
      /^PUT .*\/archive/,
      async (request) => {
        writeFileSync(join(folder, 'archive.tar'), await buffer(request))
        mkdirSync(join(folder, 'root'), { recursive: true })
        await promisify(execFile)('tar', ['-xf', join(folder, 'archive.tar'), '-C', join(folder, 'root')])
        return ''
      },
    ],
    [
      /^POST .*\/start$/,
      async () => {
        const environment = Object.fromEntries(engine.created.Env.map((line) => line.split(/=(.*)/s)))
        for (const [name, value] of Object.entries<string>(environment))
          environment[name] = value.replaceAll('/fixtures/', `${folder}/root/fixtures/`)
        program = run(['--port', '0'], environment)
        const ready = await program.prints(/ready on .*:(\d+)$/m)
        port = ready[1] ?? ''
        return undefined
      },
    ],
    [
      /^GET .*\/containers\/.*\/json/,
      () => ({
        Id: ID,
        Name: '/mock',
        Config: { Hostname: 'mock', Labels: {} },
        State: { Status: 'running', Running: true, StartedAt: '2026-01-01T00:00:00Z', FinishedAt: '' },
        NetworkSettings: { Ports: { [PORT]: [{ HostIp: '0.0.0.0', HostPort: port }] }, Networks: {} },
      }),
    ],
    [
      /^(?:POST .*\/stop|DELETE )/,
      async () => {
        await program?.[Symbol.asyncDispose]()
        return undefined
      },
    ],
  ]

  const server = createServer(async (request, response) => {
    const asked = `${request.method} ${request.url}`
    for (const [pattern, answer] of routes) {
      if (!pattern.test(asked.replace(/\?.*/, ''))) continue
      const body = await answer(request)
      response.writeHead(body === undefined ? 204 : 200, { 'content-type': 'application/json' })
      return response.end(typeof body === 'object' ? JSON.stringify(body) : '')
    }
    response.writeHead(404, { 'content-type': 'application/json' })
    return response.end(JSON.stringify({ message: `no route for ${asked}` }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(engine, {
    host: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    modes: async () => (await promisify(execFile)('tar', ['-tvf', join(folder, 'archive.tar')])).stdout,
    async [Symbol.asyncDispose]() {
      await program?.[Symbol.asyncDispose]()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
