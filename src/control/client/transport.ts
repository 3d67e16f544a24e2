import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { text } from 'node:stream/consumers'

/**
 * How the client reaches its mock: never by the global `fetch`, which tests replace, pages restrict and proxies catch. What
 * is used of Node is taken when this is loaded, before a test can put something else in its place.
 */
const byProtocol = {
  'http:': { request: http.request, Agent: http.Agent },
  'https:': { request: https.request, Agent: https.Agent },
}

export interface TransportRequest {
  method: string
  /** Absolute. */
  url: string
  headers: Record<string, string>
  body?: string | undefined
}

export interface TransportAnswer {
  status: number
  contentType: string
  text: string
}

export type Transport = (request: TransportRequest) => Promise<TransportAnswer>

/**
 * Opens no connection yet. Each request then has one of its own, which keeps no process alive and is never stale.
 *
 * @param origin starts with `http://` or `https://`
 * @param ca certificates, as PEM, that vouch for an https server in place of the known ones
 * @throws TypeError for another protocol
 */
export function createTransport(origin: string, ca?: string): Transport {
  const { protocol } = /^(?<protocol>https?:)\/\//i.exec(origin)?.groups ?? {}
  if (protocol === undefined) throw new TypeError(`found ${JSON.stringify(origin)}; allowed: an http or https URL`)
  const { request, Agent } = byProtocol[protocol.toLowerCase() as keyof typeof byProtocol]
  const agent = new Agent({ ca })
  return async ({ method, url, headers, body }) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url, { method, agent, headers: { ...headers, ...length } }, resolve)
        .on('error', (cause) => reject(new Error(`no answer from ${origin}: ${reasonOf(cause)}`, { cause })))
        .end(body)
    })
    const { statusCode: status = 0, headers: received } = response
    return { status, contentType: received['content-type'] ?? '', text: await text(response) }
  }
}

/** Where a name has several addresses and none of them answers, there is an error for each. */
function reasonOf(error: Error): string {
  const [first = error] = error instanceof AggregateError ? error.errors : []
  return first.message
}
