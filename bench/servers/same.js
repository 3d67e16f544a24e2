// Sends a whole answer of the mock, head and body, to whatever is asked: bare node:http, or Fastify that leaves the
// writing to node:http.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import Fastify from 'fastify'

const [port, kind, file] = process.argv.slice(2)
const { status, headers, text } = JSON.parse(readFileSync(file ?? '', 'utf8'))
const body = Buffer.from(text)

if (kind === 'node:http')
  createServer((_, response) => {
    response.writeHead(status, headers)
    response.end(body)
  }).listen(Number(port), '127.0.0.1')
else {
  const app = Fastify()
  for (const url of ['', ':id/'])
    app.get(`/api/v3/oauth2/refresh_tokens/${url}`, (_, reply) => {
      reply.hijack()
      reply.raw.writeHead(status, headers)
      reply.raw.end(body)
    })
  app.listen({ port: Number(port), host: '127.0.0.1' })
}
