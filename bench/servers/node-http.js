// Bare node:http, sending a constant: what no server on Node can beat by much.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const [port, status, file] = process.argv.slice(2)
const body = readFileSync(file ?? '')
const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length }

createServer((_, response) => {
  response.writeHead(Number(status), headers)
  response.end(body)
}).listen(Number(port), '127.0.0.1')
