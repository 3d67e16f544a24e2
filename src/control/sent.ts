import type { IncomingMessage } from 'node:http'

/** What a client sent as a body. authentik reads none of it; the journal shows its beginning. */
export interface Sent {
  parts: Buffer[]
  length: number
}

declare module 'node:http' {
  interface IncomingMessage {
    sent?: Sent
  }
}

const MAX_KEPT = 4096

/** Begins to collect the body of a request, if it has one. */
export function collectSent(request: IncomingMessage): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers
  if (encoding === undefined && !(Number(length) > 0)) return
  const sent: Sent = { parts: [], length: 0 }
  request.sent = sent
  request.on('data', (part: Buffer) => {
    if (sent.length < MAX_KEPT) sent.parts.push(part.subarray(0, MAX_KEPT - sent.length))
    sent.length += part.length
  })
}

/** The beginning of what was sent so far. */
export function textOfSent({ parts }: Sent): string {
  return Buffer.concat(parts).toString('utf8')
}
