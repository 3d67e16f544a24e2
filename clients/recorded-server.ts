import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Recording } from './task.js'

/**
 * Answers with recorded bodies alone, whatever is filtered or ordered by, without any code of the mock: what a client
 * cannot decode here, it cannot decode of that authentik.
 */
export async function serveRecording({
  rows,
  page,
  neighbours,
}: Recording): Promise<AsyncDisposable & { url: string }> {
  const bodies = new Map(rows.map((row) => [String(row.pk), JSON.stringify(row)]))
  const results = page.results.map((pk) => rows.find((row) => row.pk === pk))
  bodies.set('refresh_tokens', JSON.stringify({ ...page, results }))
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://recorded')
    const body = neighbours.bodies.get(pathname) ?? bodies.get(pathname.split('/').at(-2) ?? '')
    response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': 'application/json' })
    response.end(body ?? '{"detail":"Not recorded."}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
