// Signs, and does nothing else: as many pairs of JWTs as there is time for when somebody asks `/?seconds=2`. Its file says
// what: the claims, and a key as PEM or a client secret.
import { createHmac, createPrivateKey, createSecretKey, sign as signBeside } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { promisify } from 'node:util'

const [port, file] = process.argv.slice(2)
const { claims, privateKey, secret } = JSON.parse(readFileSync(file, 'utf8'))
const AT_ONCE = 16

const key = secret === undefined ? createPrivateKey(privateKey) : createSecretKey(Buffer.from(secret))
const head = (alg) => Buffer.from(JSON.stringify({ alg, typ: 'JWT' })).toString('base64url')
const header = head(secret === undefined ? 'RS256' : 'HS256')
const signWithKey = promisify(signBeside)
const signature =
  secret === undefined
    ? (signed) => signWithKey('sha256', signed, key)
    : (signed) => createHmac('sha256', key).update(signed).digest()

async function sign(text) {
  const signed = `${header}.${Buffer.from(text).toString('base64url')}`
  return `${signed}.${(await signature(Buffer.from(signed))).toString('base64url')}`
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
