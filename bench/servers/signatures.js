// Signs, and does nothing else: as many pairs of JWTs as there is time for when somebody asks `/?seconds=2`. Its file says
// what: the claims, and a key as PEM or a client secret.
import { createHmac, createPrivateKey, createSecretKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { CompactSign } from 'jose'

const [port, file] = process.argv.slice(2)
const { claims, privateKey, secret } = JSON.parse(readFileSync(file, 'utf8'))
const AT_ONCE = 16

const key = secret === undefined ? createPrivateKey(privateKey) : createSecretKey(Buffer.from(secret))
const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')
const sign =
  secret === undefined
    ? (text) => new CompactSign(Buffer.from(text)).setProtectedHeader({ alg: 'RS256', typ: 'JWT' }).sign(key)
    : (text) => {
        const signed = `${header}.${Buffer.from(text).toString('base64url')}`
        return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
      }

async function pairsWithin(seconds) {
  const end = performance.now() + seconds * 1000
  let requests = 0
  const signOn = async () => {
    while (performance.now() < end) {
      await Promise.all(claims.map(sign))
      requests++
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, signOn))
  return requests
}

createServer(async ({ url }, response) => {
  const seconds = Number(new URL(url, 'http://localhost').searchParams.get('seconds') ?? 0)
  response.end(JSON.stringify({ requests: await pairsWithin(seconds) }))
}).listen(Number(port), '127.0.0.1')
