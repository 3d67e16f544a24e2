import { Agent, request } from 'node:http'
import { createInterface } from 'node:readline'

/** The process that refreshes: reads what to do from standard input, a line each, and prints what came of it. */

/** Each connection uses the refresh token that its last answer gave it. */
export interface RefreshLoad {
  /** Of the token endpoint. */
  url: string
  seconds: number
  /** Client id and secret. */
  client: Record<string, string>
  /** The first refresh token of each connection. */
  tokens: string[]
}

export interface Refreshed {
  requests: number
  seconds: number
  /** Those that a later load goes on with. */
  tokens: string[]
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(line)))}\n`)

async function run({ url, seconds, client, tokens }: RefreshLoad): Promise<Refreshed> {
  const agent = new Agent({ keepAlive: true, maxSockets: tokens.length })
  const begin = performance.now()
  const end = begin + seconds * 1000
  let requests = 0
  const last = await Promise.all(
    tokens.map(async (first) => {
      let token = first
      while (performance.now() < end) {
        const form = { ...client, grant_type: 'refresh_token', refresh_token: token }
        token = await refresh(url, agent, String(new URLSearchParams(form)), token)
        requests++
      }
      return token
    }),
  )
  agent.destroy()
  return { requests, seconds: (performance.now() - begin) / 1000, tokens: last }
}

/** @throws Error where the answer is no grant: there is no point in the speed of refusals */
function refresh(url: string, agent: Agent, body: string, before: string): Promise<string> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method: 'POST', headers }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part) => parts.push(part))
      response.on('end', () => {
        const text = Buffer.concat(parts).toString()
        if (response.statusCode === 200) resolve(JSON.parse(text).refresh_token ?? before)
        else reject(new Error(`${url} answered ${response.statusCode}: ${text}`))
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
