// oauth2-mock-server with a key that is given: a file with a JWK.
import { readFileSync } from 'node:fs'
import { OAuth2Server } from 'oauth2-mock-server'

const [port, file] = process.argv.slice(2)
const server = new OAuth2Server()
await server.issuer.keys.add(JSON.parse(readFileSync(file, 'utf8')))
await server.start(Number(port), '127.0.0.1')
