import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import testKeys from '../fixtures/test-keys.json' with { type: 'json' }
import type { Seeds } from '../src/index.js'
import { GRANT_SUBJECTS, type GrantSubject } from './grant-subjects.js'
import { startLineProcess } from './line-process.js'
import { MOCK } from './mock-command.js'
import { get } from './operations.js'
import type { Refreshed, RefreshLoad } from './refresher.js'
import { inRounds, type Pace } from './rounds.js'
import { ask, createPool, type Server, startServer } from './server.js'
import type { Setup } from './setup.js'

/** What a refresh grant costs: of the mock by kind of key, of its signatures alone, and of oauth2-mock-server. */

export interface GrantRound {
  /** Grants, or pairs of signatures, each second. */
  rate: number
  /** Microseconds of processor time for each; null where the system does not tell. */
  cpu: number | null
}

/** The rounds by what was measured. */
export type Grants = Record<GrantSubject, GrantRound[]>

interface Subject {
  server: Server
  once(seconds: number): Promise<{ requests: number; seconds: number }>
}

const CONNECTIONS = 16
const LIVE = 100_000
const CLIENT = { client_id: 'bench', client_secret: 'a client secret of the bench' }
const OWN_KEY = '0a75746e-7465-4374-8000-0000000000be'

export async function measureGrants(setup: Setup, pace: Pace): Promise<Grants> {
  const { publicKey: _, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const [{ pk: testKey, private_key: testPem }] = testKeys.keys as [(typeof testKeys.keys)[number]]
  await using servers = createPool()
  const loader = startLineProcess<RefreshLoad, Refreshed>('refresher.ts')
  const file = async (name: string, value: object) => {
    const path = join(setup.folder, name)
    await writeFile(path, JSON.stringify(value))
    return path
  }
  const start = async (name: string, command: (port: number) => string[], probe = get('/')) =>
    servers.add(await startServer({ name, command, probe, status: 200, pin: true }))
  const script =
    (name: string, ...args: string[]) =>
    (port: number) => [process.execPath, join(import.meta.dirname, 'servers', name), String(port), ...args]

  /** A mock whose clients refresh, each connection in a chain of its own. */
  async function mock(name: GrantSubject, signing_key: string | null, live = 0): Promise<Subject> {
    const world = await file(`${name}.json`, worldOf(signing_key, pem, live))
    const options = ['--fixtures', world, '--token', 'key', '--log-level', 'silent']
    const command = (port: number) => [process.execPath, MOCK, '--port', String(port), ...options]
    const server = await start(name, command, get('/api/v3/oauth2/refresh_tokens/?page_size=1', 'key'))
    return refreshing(server, '/application/o/token/', await tokensOf(server))
  }

  function refreshing(server: Server, path: string, first: string[]): Subject {
    let tokens = first
    return {
      server,
      async once(seconds) {
        const done = await loader.ask({ url: `${server.url}${path}`, seconds, client: CLIENT, tokens })
        tokens = done.tokens
        return done
      },
    }
  }

  /** What a mock signs at each grant, signed and nothing else. */
  async function signing(name: GrantSubject, { server }: Subject, key: { privateKey: string } | { secret: string }) {
    const claims = await claimsOf(server)
    const own = await start(name, script('signatures.js', await file(`${name}.json`, { claims, ...key })))
    const once = async (seconds: number) => {
      const { text } = await ask(own.url, get(`/?seconds=${seconds}`))
      return { requests: JSON.parse(text).requests as number, seconds }
    }
    return { server: own, once }
  }

  async function sameBytes(of: Subject): Promise<Subject> {
    const { text } = await refreshOnce(of.server)
    const answer = { status: 200, headers: ['Content-Type', 'application/json'], text }
    const command = script('same.js', 'node:http', await file('grant.json', answer))
    return refreshing(await start('node:http, same bytes', command), '/', Array(CONNECTIONS).fill('any'))
  }

  async function other(): Promise<Subject> {
    const jwk = { ...privateKey.export({ format: 'jwk' }), kid: 'bench', alg: 'RS256' }
    const command = script('oauth2-mock-server.js', await file('key.jwk', jwk))
    const server = await start('oauth2-mock-server', command, get('/jwks'))
    return refreshing(server, '/token', Array(CONNECTIONS).fill('any'))
  }

  try {
    const [large, small, secret] = [
      await mock('RS256, 4096 bit', testKey),
      await mock('RS256, 2048 bit', OWN_KEY),
      await mock('HS256', null),
    ]
    const subjects: Record<GrantSubject, Subject> = {
      'RS256, 4096 bit': large,
      'its two signatures alone, 4096 bit': await signing('its two signatures alone, 4096 bit', large, {
        privateKey: testPem,
      }),
      'RS256, 2048 bit': small,
      'its two signatures alone, 2048 bit': await signing('its two signatures alone, 2048 bit', small, {
        privateKey: pem,
      }),
      'oauth2-mock-server, 2048 bit': await other(),
      HS256: secret,
      'HS256 with 100,000 live tokens': await mock('HS256 with 100,000 live tokens', null, LIVE),
      'its two signatures alone, HS256': await signing('its two signatures alone, HS256', secret, {
        secret: CLIENT.client_secret,
      }),
      'node:http, same bytes': await sameBytes(secret),
    }
    const measured = await inRounds(
      GRANT_SUBJECTS.map((name) => subjects[name]),
      pace,
      measureOne,
    )
    return Object.fromEntries(GRANT_SUBJECTS.map((name, i) => [name, measured[i] ?? []])) as Grants
  } finally {
    loader.end()
  }
}

async function measureOne({ server, once }: Subject, seconds: number): Promise<GrantRound> {
  const before = server.processorTime()
  const done = await once(seconds)
  const after = server.processorTime()
  return {
    rate: done.requests / done.seconds,
    cpu: before === null || after === null ? null : (after - before) / done.requests,
  }
}

function worldOf(signing_key: string | null, pem: string, live: number): Seeds {
  const redirect_uris = [{ matching_mode: 'strict' as const, url: 'https://bench.test/callback' }]
  return {
    users: [{ username: 'jane', name: 'Jane Doe', email: 'jane@example.com' }],
    keys: [{ pk: OWN_KEY, name: 'Bench', private_key: pem }],
    providers: [
      {
        ...{ name: 'Bench', ...CLIENT, client_type: 'confidential' as const, signing_key, redirect_uris },
        ...{ scopes: ['openid', 'email', 'profile', 'offline_access'], application: { slug: 'bench', name: 'Bench' } },
      },
    ],
    refresh_tokens: Array.from({ length: live }, () => ({ user: 'jane', expires: 'days=30' })),
  }
}

async function tokensOf({ url }: Server): Promise<string[]> {
  const issue = () => post(url, '/_mock/tokens/issue', 'application/json', JSON.stringify({ user: 'jane' }))
  const answers = await Promise.all(Array.from({ length: CONNECTIONS }, issue))
  return answers.map(({ text }) => JSON.parse(text).refresh_token)
}

async function refreshOnce(server: Server): Promise<{ text: string }> {
  const [refresh_token = ''] = await tokensOf(server)
  const form = { ...CLIENT, grant_type: 'refresh_token', refresh_token }
  const type = 'application/x-www-form-urlencoded'
  return post(server.url, '/application/o/token/', type, String(new URLSearchParams(form)))
}

/** The claims of both tokens of a grant, as they are signed. */
async function claimsOf(server: Server): Promise<string[]> {
  const { access_token, id_token } = JSON.parse((await refreshOnce(server)).text)
  return [access_token, id_token].map((token) => Buffer.from(token.split('.')[1], 'base64url').toString())
}

function post(url: string, path: string, type: string, body: string) {
  return ask(url, { method: 'POST', path, headers: { 'content-type': type }, body })
}
