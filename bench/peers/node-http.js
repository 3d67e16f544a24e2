// Bare node:http, sending a constant: what no server on Node can beat by much.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const { port, status, file } = JSON.parse(process.argv[2] ?? '{}')
const body = readFileSync(file)
const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length }

createServer((_, response) => {
  response.writeHead(status, headers)
  response.end(body)
}).listen(port, '127.0.0.1')
