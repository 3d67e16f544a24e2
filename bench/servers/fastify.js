// Bare Fastify, sending a kept buffer from the routes of the API.
import { readFileSync } from 'node:fs'
import Fastify from 'fastify'

const [port, status, file] = process.argv.slice(2)
const body = readFileSync(file ?? '')
const app = Fastify()

for (const url of ['', ':id/', ':id/used_by/'])
  app.get(`/api/v3/oauth2/refresh_tokens/${url}`, (_, reply) =>
    reply.code(Number(status)).type('application/json').send(body),
  )
app.listen({ port: Number(port), host: '127.0.0.1' })
