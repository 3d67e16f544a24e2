// Puts oauth2-proxy in front of a server, takes the steps of the task in TASK as somebody who uses that server, and prints
// what came of each.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

const task = JSON.parse(process.env.TASK)
const { origin, host } = new URL(task.redirect_uri)
/** A session that is older is refreshed by the next request. The proxy counts whole seconds. */
const REFRESH_MS = 1000
const OLD_MS = 2 * REFRESH_MS + 100
const READY_MS = 20_000

async function take(step, action, more = {}) {
  const outcome = await action().then(
    (detail) => ({ detail }),
    (error) => ({ error: `${error.name}: ${error.message}` }),
  )
  console.log(JSON.stringify({ step, ...outcome, ...more }))
}

const absent = (step) => console.log(JSON.stringify({ step, absent: true }))

/** The server behind the proxy: it tells which access token comes along. */
const upstream = createServer(({ headers }, response) => response.end(headers['x-forwarded-access-token'] ?? ''))
upstream.listen(0, '127.0.0.1')
await once(upstream, 'listening')

const proxy = spawn('./oauth2-proxy', [
  ...['--provider=oidc', `--oidc-issuer-url=${task.issuer}`, `--redirect-url=${task.redirect_uri}`],
  ...[`--client-id=${task.client_id}`, `--client-secret=${task.client_secret}`, '--code-challenge-method=S256'],
  ...['--scope=openid email offline_access', `--http-address=${host}`, `--cookie-refresh=${REFRESH_MS}ms`],
  ...[`--cookie-secret=${randomBytes(16).toString('hex')}`, '--cookie-secure=false', '--email-domain=*'],
  // From 2025.10 on authentik vouches for no e-mail address.
  ...['--insecure-oidc-allow-unverified-email', '--pass-access-token', '--skip-provider-button'],
  `--upstream=http://127.0.0.1:${upstream.address().port}/`,
])
let log = ''
for (const stream of [proxy.stdout, proxy.stderr])
  stream.on('data', (part) => {
    log += part
  })

const cookies = new Map()

async function visit(url) {
  const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
  const answer = await fetch(url, { redirect: 'manual', headers: { cookie } })
  for (const line of answer.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
    if (value === '') cookies.delete(name)
    else cookies.set(name, value)
  }
  return { status: answer.status, location: answer.headers.get('location') ?? '', text: await answer.text() }
}

const lastLine = () => log.trim().split('\n').at(-1)
let start = ''
let accessToken = ''

async function discovery() {
  const limit = Date.now() + READY_MS
  for (;;) {
    const ready = await fetch(`${origin}/ping`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (ready) break
    if (proxy.exitCode !== null || Date.now() > limit) throw new Error(lastLine())
    await delay(50)
  }
  start = (await visit(`${origin}/oauth2/start?rd=/`)).location
  return { token_endpoint: start.includes('/application/o/authorize/?') }
}

async function signIn() {
  const callback = await (await fetch(`${task.browser}?url=${encodeURIComponent(start)}`)).text()
  const back = await visit(callback)
  if (back.location !== '/') throw new Error(`${back.status}: ${lastLine()}`)
  accessToken = (await visit(`${origin}/`)).text
  const { user } = JSON.parse((await visit(`${origin}/oauth2/userinfo`)).text)
  return { sub: user, refresh_token: accessToken !== '' }
}

async function userinfo() {
  const { user, email } = JSON.parse((await visit(`${origin}/oauth2/userinfo`)).text)
  return { sub: user, email }
}

/** A second refresh shows that the token of the first was kept: authentik takes each once. */
async function refresh() {
  await delay(OLD_MS)
  const before = accessToken
  const { status, text } = await visit(`${origin}/`)
  if (status !== 200) throw new Error(`${status}: ${lastLine()}`)
  accessToken = text
  const { user } = JSON.parse((await visit(`${origin}/oauth2/userinfo`)).text)
  return { sub: user, rotated: text !== '' && text !== before }
}

/** By the API of authentik, as the proxy keeps its tokens to itself. */
async function revocation() {
  const rows = `${new URL(task.issuer).href.replace(/application\/o\/.*/, '')}api/v3/oauth2/refresh_tokens/`
  const headers = { authorization: `Bearer ${task.key}` }
  const { results } = await (await fetch(rows, { headers })).json()
  for (const { pk } of results) {
    const { status } = await fetch(`${rows}${pk}/`, { method: 'DELETE', headers })
    if (status !== 204) throw new Error(`${status} for refresh token ${pk}`)
  }
  return {}
}

async function refused() {
  log = ''
  await refresh().catch(() => undefined)
  return { error: /"(invalid_\w+)"|(invalid_\w+)/.exec(log)?.slice(1).find(Boolean) ?? lastLine() }
}

await take('discovery', discovery)
await take('sign-in', signIn)
await take('userinfo', userinfo)
await take('refresh', refresh)
await take('refresh again', refresh)
absent('introspection')
await take('revocation', revocation, { plain: true })
await take('refused', refused)
absent('introspection of the revoked')
absent('device')
proxy.kill()
upstream.close()
upstream.closeAllConnections()
