import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { capture } from '../../src/cli/commands/capture.js'
import { readCommandLine } from '../../src/cli/invocation.js'
import type { RefreshTokenBody } from '../../src/index.js'

/** Captures from a target; returns the file, its rows as texts, and what was said. */
export async function captured(url: string, token: string, ...args: string[]) {
  const asked = readCommandLine(['capture', '--target', url, '--token', token, '--rate', '10000', ...args], {})
  if (asked.command !== 'capture') throw new Error('no capture')
  const said: string[] = []
  const text = await capture(asked.options, { tell: (line) => said.push(line), progress: () => {} })
  const rows = text.split('\n').filter((line) => line.startsWith('{'))
  return { text, rows: rows.map((row) => row.replace(/,$/, '')), said: said.join('\n') }
}

/** A server that always answers the same. */
export async function serveAs(answer: string | RequestListener, type = 'application/json') {
  const listener: RequestListener =
    typeof answer === 'string' ? (_, response) => response.writeHead(200, { 'Content-Type': type }).end(answer) : answer
  const server = createServer(listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close }
}

/** Captures bodies from a server that says it is of a release, whatever the bodies are. */
export async function capturedBodies(bodies: RefreshTokenBody[], release: string, ...args: string[]) {
  const count = bodies.length
  const pagination = { next: 0, previous: 0, count, current: 1, total_pages: 1, start_index: 1, end_index: count }
  const list = JSON.stringify({ pagination, results: bodies })
  const contract = JSON.stringify({ info: { version: release } })
  await using target = await serveAs(({ url = '' }, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.end(url.startsWith('/api/v3/schema/') ? contract : list)
  })
  return await captured(target.url, 'k', ...args)
}
