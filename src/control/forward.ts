import { randomBytes } from 'node:crypto'
import { type IncomingMessage, request as overHttp, type ServerResponse } from 'node:http'
import { request as overHttps } from 'node:https'
import type { Readable } from 'node:stream'
import type { Answer } from '../authentik/answer.js'
import { onBrokenBody } from '../authentik/body-bytes.js'
import type { RequestContext } from '../authentik/context.js'
import { isSecretName } from '../server/masking/secret-names.js'
import type { Mount } from '../server/target.js'
import { reasonOf } from '../upstream/reasons.js'
import { mockAnswer } from './mock-answer.js'
import type { Waits } from './waits.js'

/** Hands requests that nothing here serves to another server, streamed both ways. */

export interface ForwardSettings {
  /** Where they go, without a slash at the end. */
  url: string
  /** Whether what shows who asks goes along. */
  credentials: boolean
  /** How many milliseconds may pass without anything from the server. */
  timeout: number
  waits: Waits
  mount: Mount
}

export interface Forwarded {
  ctx: RequestContext
  response: ServerResponse
  /** What the client sends along; undefined: nothing. */
  upload: Readable | undefined
  /** Is told of the status once the answer begins, and says whether it is to be passed on. */
  begin(status: number): boolean
  /** Answers in the place of the server. */
  respond(answer: Answer): void
}

/** What is between two neighbours on the way only. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'trailers',
  'transfer-encoding',
  'upgrade',
])
const OWN = new Set(['host', 'via', 'x-mock-prefer'])

export function createForwarder({ url, credentials, timeout, waits, mount }: ForwardSettings) {
  const target = new URL(url)
  const prefix = target.pathname.replace(/\/$/, '')
  const send = target.protocol === 'https:' ? overHttps : overHttp
  /** This mock, in the header that tells the way of a request. */
  const name = `authentik-mock-${randomBytes(6).toString('hex')}`

  function headersOf(request: IncomingMessage): string[] {
    const isKept = (header: string) =>
      !OWN.has(header) && (credentials || !(isSecretName(header) || header === 'cookie' || header === 'authorization'))
    const via = request.headers.via
    return [
      ...endToEnd(request).filter(([header]) => isKept(header.toLowerCase())),
      ['Host', target.host],
      ['Via', `${via === undefined ? '' : `${via}, `}1.1 ${name}`],
    ].flat() as string[]
  }

  return function forward({ ctx, response, upload, begin, respond }: Forwarded): void {
    const { request } = ctx
    if (request.headers.via?.includes(name)) {
      upload?.resume()
      return respond(mockAnswer(508, `${url} sent the request back to this mock: --forward leads in a circle`))
    }
    const { path, query } = mount.parse(ctx.target)
    const sent = send(target, {
      method: ctx.method,
      path: prefix + path + query,
      headers: headersOf(request),
      setHost: false,
      agent: false,
    })
    let isOver = false
    let callOff = waits.after(timeout, giveUp)

    function wait(): void {
      callOff()
      if (!isOver) callOff = waits.after(timeout, giveUp)
    }

    function end(answer?: Answer): void {
      if (isOver) return
      isOver = true
      callOff()
      sent.destroy()
      upload?.resume()
      if (answer === undefined || response.headersSent) response.destroy()
      else respond(answer)
    }

    function giveUp(): void {
      end(mockAnswer(504, `${url} did not answer within ${timeout / 1000} s`))
    }

    sent.on('response', (answer) => {
      wait()
      if (isOver) return
      const status = answer.statusCode ?? 502
      answer.on('error', () => end())
      if (!begin(status)) {
        isOver = true
        callOff()
        return sent.destroy()
      }
      answer.on('data', wait)
      answer.on('end', () => {
        isOver = true
        callOff()
      })
      try {
        response.writeHead(status, endToEnd(answer).flat())
      } catch {
        return end(mockAnswer(502, `${url} answered with a head that cannot be passed on`))
      }
      answer.pipe(response)
    })
    sent.on('error', (error) =>
      end(mockAnswer(502, `${url} could not be asked: ${reasonOf(error, 'NODE_EXTRA_CA_CERTS=FILE')}`)),
    )
    response.on('close', () => {
      if (!isOver) end()
    })
    onBrokenBody(request, () => {
      if (!request.complete) end(mockAnswer(400, 'the body broke off'))
    })
    if (upload === undefined) sent.end()
    else {
      upload.on('data', wait)
      upload.pipe(sent)
    }
  }
}

/** The headers of a message that are meant for whoever is at the end of the way. */
function endToEnd({ rawHeaders, headers }: IncomingMessage): [string, string][] {
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()))
  const pairs: [string, string][] = []
  for (let i = 0; i < rawHeaders.length; i += 2) pairs.push([rawHeaders[i] as string, rawHeaders[i + 1] as string])
  return pairs.filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()) && !named.has(name.toLowerCase()))
}
