import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
} from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CompactEncrypt, CompactSign, exportJWK } from 'jose'
import type { Recording, Step } from '../../replay/recording.js'

/**
 * A server that answers a recording step by step, with values and signatures of its own: what a perfect mock would say.
 * It knows nothing of OAuth2: the requests have to come in the recorded order.
 */

export interface Played {
  status: number
  headers: Record<string, string | string[]>
  body: string
}

export interface PlayOptions {
  recording: Recording
  world: {
    keys?: { kid: string; private_key: string }[]
    providers: { client_id: string; client_secret?: string }[]
  }
  /** Makes an answer wrong. */
  change?: (step: Step, answer: Played, values: (name: string) => string) => Played | undefined
  /** Changes what a token says before it is signed. */
  changeToken?: (name: string, token: { header: object; claims: Record<string, unknown> }) => object
  /** Changes where a walk through pages ends. */
  end?: (url: string) => string
  /** Of which value a recorded at_hash is the hash. */
  hashes?: Record<string, string> | undefined
}

export interface Player extends AsyncDisposable {
  url: string
  /** Every request that was answered, as `METHOD path`, with its cookie and body. */
  requests: { line: string; cookie: string; body: string }[]
  /** Moments to which the clock was set. */
  clock: string[]
}

const PAGE = '<!doctype html><title>Consent</title>'
const CONSENT = `${PAGE}<form method="post" action=""><input type="hidden" name="token" value="a&amp;b"><input name="code" type="text"><button name="answer" value="yes">Agree</button><button name="answer" value="no">Refuse</button></form>`

export async function playRecording(options: PlayOptions): Promise<Player> {
  const { recording } = options
  const values = await valuesOf(options)
  const render = (text: string, encode = (value: string) => value) =>
    drawAgain(
      text.replace(/\{\{([^{}#]+#\w+)\}\}/g, (_, name) => encode(values.of(name))),
      options,
      values.of,
    )
  const named = [...JSON.stringify(recording).matchAll(/\{\{([^{}#]+)#(\w+)\}\}/g)].map(([, ...parts]) => parts)
  const requests: Player['requests'] = []
  const clock: string[] = []
  let next = 0
  let walked: Step | undefined
  let logins = 0

  async function answer(request: IncomingMessage, body: string): Promise<Played> {
    const { method = '', url = '' } = request
    if (url.startsWith('/_mock/')) {
      const { now, user } = JSON.parse(body)
      if (user === 'eve') return { ...json({ detail: 'nobody is called eve' }), status: 404 }
      if (url === '/_mock/clock') {
        clock.push(now)
        return json({ now })
      }
      return json(url === '/_mock/sessions' ? { cookie: `authentik_session=${user}-${++logins}` } : {})
    }
    requests.push({ line: `${method} ${url}`, cookie: request.headers.cookie ?? '', body })
    if (url.startsWith('/if/')) return walkPage(method, url)
    // The replay leaves out what it cannot send, and asks for keys in between.
    const skipped = recording.steps.slice(next).findIndex((one) => one.method === method && render(one.path) === url)
    if (skipped !== 0 && /\/jwks\/$/.test(url)) return json({ keys: values.jwks })
    const step = recording.steps[next + skipped]
    if (skipped === -1 || step === undefined) throw new Error(`${method} ${url} is none of the next steps`)
    next += skipped + 1
    walked = step
    return play(step)
  }

  function walkPage(method: string, url: string): Played {
    if (url.includes('sign-in'))
      return method === 'POST'
        ? redirect('/application/o/authorize/')
        : html(
            `${PAGE}<form method="post"><button name="user" value="ada">Ada</button><button name="user" value="jane">Jane</button></form>`,
          )
    const walk = recording.steps.indexOf(walked as Step)
    if (method !== 'POST')
      return html(
        url.includes('device') || walk >= 0
          ? CONSENT.replace(/<input name="code"[^>]*>/, url.includes('device') && !url.includes('code=') ? '$&' : '')
          : PAGE,
      )
    return walked?.ends === undefined ? html(PAGE) : redirect((options.end ?? String)(render(walked.ends)))
  }

  function play(step: Step): Played {
    const wanted = step.withheld ? withheldAnswer(step) : recordedAnswer(step)
    return options.change?.(step, structuredClone(wanted), values.of) ?? wanted
  }

  function withheldAnswer(step: Step): Played {
    if (step.path.startsWith('/flows/-/default/authentication/')) return redirect('/if/flow/sign-in/')
    const fields = new Set(named.flatMap(([name, field = '']) => (name === step.name ? field : [])))
    return json(Object.fromEntries([...fields].map((field) => [field, values.of(`${step.name}#${field}`)])))
  }

  function recordedAnswer(step: Step): Played {
    const { status = 0, responseHeaders = {}, setsCookies, html: page, responseBodyAt } = step
    const body = responseBodyAt === undefined ? (step.responseBody ?? '') : (recording.bodies[responseBodyAt] ?? '')
    const headers = Object.fromEntries(
      Object.entries(responseHeaders).map(([name, value]) => [name, typeof value === 'string' ? render(value) : value]),
    )
    if (headers['x-authentik-id'] !== undefined) headers['x-authentik-id'] = randomBytes(16).toString('hex')
    if (setsCookies !== undefined) headers['set-cookie'] = setsCookies.map((cookie) => cookie.replaceAll('=…', '=new'))
    const text =
      page === undefined ? render(body, (value) => JSON.stringify(value).slice(1, -1)) : `<title>${page.title}</title>`
    return { status, headers, body: step.method === 'HEAD' ? '' : text }
  }

  const server = createServer(async (request, response) => {
    const played = await answer(request, await textOf(request)).catch((error) => ({
      ...json({ error: error.message }),
      status: 599,
    }))
    write(played, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    clock,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function json(body: object): Played {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

function html(body: string): Played {
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body }
}

function redirect(location: string): Played {
  return { status: 302, headers: { location }, body: '' }
}

function write({ status, headers, body }: Played, response: ServerResponse): void {
  const bytes = Buffer.from(body)
  const hasLength = response.req.method !== 'HEAD' && status !== 204
  const length = hasLength ? { 'content-length': String(bytes.length) } : {}
  response.writeHead(status, { ...headers, ...length })
  response.end(bytes)
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts).toString()
}

/** A value for each name, drawn or signed before the first request. */
async function valuesOf(options: PlayOptions) {
  const { recording, world, changeToken } = options
  const keys = new Map<string, KeyObject>(
    (world.keys ?? []).map(({ kid, private_key }) => [kid, createPrivateKey(private_key)]),
  )
  const known = new Map<string, string>()
  const of = (name: string): string => {
    const value = known.get(name) ?? draw(name, recording)
    known.set(name, value)
    return value
  }
  const again = (part: object) => JSON.parse(drawAgain(JSON.stringify(part), options, of))
  // An id_token holds the hash of the access token beside it.
  const inOrder = Object.entries(recording.tokens).sort(
    ([a], [b]) => Number(a.endsWith('#id_token')) - Number(b.endsWith('#id_token')),
  )
  for (const [name, { header: recorded, claims, jwe }] of inOrder) {
    const [step] = name.split('#')
    const header = again(recorded ?? { alg: 'RS256', kid: world.keys?.[0]?.kid, typ: 'JWT' })
    const kid = String((jwe ?? header)['kid'] ?? '')
    if (kid !== '' && !keys.has(kid)) keys.set(kid, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
    const said = { ...claims }
    if (said['at_hash'] !== undefined) said['at_hash'] = leftHash(of(`${step}#access_token`))
    if (said['c_hash'] !== undefined) said['c_hash'] = leftHash(of(`${step}#code`))
    const signing = { header, claims: again(said) }
    const token = await sign({ ...signing, ...changeToken?.(name, signing) }, keys, world)
    known.set(name, jwe === undefined ? token : await encrypt(token, jwe, keys.get(kid) as KeyObject))
  }
  const jwks = await Promise.all(
    [...keys].map(async ([kid, key]) => ({ kid, use: 'sig', ...publicPart(await exportJWK(key)) })),
  )
  return { of, jwks }
}

function publicPart({
  kty,
  n,
  e,
  x,
  y,
  crv,
}: {
  kty?: string
  n?: string
  e?: string
  x?: string
  y?: string
  crv?: string
}) {
  return JSON.parse(JSON.stringify({ kty, n, e, x, y, crv }))
}

interface Signing {
  header: { alg?: string; kid?: string }
  claims: Record<string, unknown>
}

async function sign(
  { header, claims }: Signing,
  keys: Map<string, KeyObject>,
  { providers }: PlayOptions['world'],
): Promise<string> {
  if (header.alg !== 'HS256')
    return new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader(header as { alg: string })
      .sign(keys.get(String(header.kid)) as KeyObject)
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const secret = providers.find(({ client_id }) => client_id === claims['aud'])?.client_secret ?? ''
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

function encrypt(token: string, header: object, key: KeyObject): Promise<string> {
  return new CompactEncrypt(Buffer.from(token))
    .setProtectedHeader(header as { alg: string; enc: string })
    .encrypt(createPublicKey(key))
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** What a server would draw. Device codes are any printable characters. */
function draw(name: string, { steps }: Recording): string {
  const [step, field] = name.split('#')
  const isDevice = steps.find((one) => one.name === step)?.path.startsWith('/application/o/device/')
  if (field === 'device_code') return `"\\&+${letters(124)}`
  if (field === 'code')
    return isDevice
      ? String(randomBytes(6).readUIntBE(0, 6)).padStart(9, '0').slice(-9)
      : randomUUID().replaceAll('-', '')
  if (field === 'id_token') return JSON.stringify({ iss: name }, null, 4)
  return letters(128)
}

function letters(length: number): string {
  return [...randomBytes(length)].map((byte) => LETTERS[byte % LETTERS.length]).join('')
}

/** Other sessions, ids of tokens and unknown keys: the same each time it is asked. */
function drawAgain(text: string, { hashes = {}, world }: PlayOptions, of: (name: string) => string): string {
  const knownKeys = new Set(world.keys?.map(({ kid }) => kid))
  return text.replace(/(\\?"(sid|uid|kid|at_hash)\\?": ?\\?")([\w-]+)/g, (whole, before, key, recorded) => {
    const digest = createHash('sha256').update(recorded).digest('hex')
    if (key === 'sid') return before + digest
    if (key === 'kid') return before + (knownKeys.has(recorded) ? recorded : digest.slice(0, 32))
    if (key === 'uid' && recorded.length === 40) return before + digest.slice(0, 40)
    return key === 'at_hash' && hashes[recorded] !== undefined ? before + leftHash(of(hashes[recorded])) : whole
  })
}

function leftHash(value: string): string {
  return createHash('sha256').update(value).digest().subarray(0, 16).toString('base64url')
}
