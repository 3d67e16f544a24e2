import { deflateRawSync, gzipSync } from 'node:zlib'
import type { Body } from '../authentik/answer.js'

/** The front server compresses whatever it is asked to, an empty body too. */

export type Encoding = 'gzip' | 'deflate'

/** An empty stream as Go writes it: its length is what HEAD answers. */
const EMPTY: Record<Encoding, Buffer> = {
  gzip: Buffer.from('1f8b08000000000000ff010000ffff0000000000000000', 'hex'),
  deflate: Buffer.from('010000ffff', 'hex'),
}

/** The first of the two that stands there by itself: a q-value hides it, and brotli is not known. */
export function encodingOf(header: string | string[] | undefined): Encoding | undefined {
  if (header === undefined) return undefined
  for (const token of String(header).split(',')) {
    const encoding = token.trim()
    if (encoding === 'gzip' || encoding === 'deflate') return encoding
  }
  return undefined
}

/** The bytes to send. What gzip made of a body is kept with it. */
export function bytesOf(body: Body, encoding: Encoding | undefined): Buffer {
  if (encoding === undefined) return body.plain
  if (body.plain.length === 0) return EMPTY[encoding]
  if (encoding === 'deflate') return deflateRawSync(body.plain)
  body.gzip ??= gzipSync(body.plain)
  return body.gzip
}
