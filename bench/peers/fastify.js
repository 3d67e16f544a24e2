// Bare Fastify, sending a kept buffer from the routes of the API.
import { readFileSync } from 'node:fs'
import Fastify from 'fastify'

const { port, status, file } = JSON.parse(process.argv[2] ?? '{}')
const body = readFileSync(file)
const app = Fastify()

for (const url of ['/api/v3/oauth2/refresh_tokens/', '/api/v3/oauth2/refresh_tokens/:id/'])
  app.get(url, (_, reply) => reply.code(status).type('application/json').send(body))
await app.listen({ port, host: '127.0.0.1' })
