import type { IncomingMessage } from 'node:http'

/** What a client sends as a body: its beginning for the journal, and all of it for a route that reads it. */
export interface RequestBody {
  /** The beginning of what was sent so far. */
  beginning(): Buffer
  /** Whether there was more than the beginning. */
  isLong(): boolean
  /** About how much memory the beginning takes. */
  bytes: number
  /**
   * All of it, once it is there.
   *
   * @throws BodyTooLarge
   */
  whole(): Promise<Buffer>
}

/** A client sent more than a route reads. */
export class BodyTooLarge extends Error {
  override name = 'BodyTooLarge'
  constructor(limit: number) {
    super(`the body is larger than ${limit} bytes`)
  }
}

/** As much as the journal shows. */
const MAX_BEGINNING = 4096
/** A body may come byte by byte. */
const MAX_PARTS = 16
const PART_BYTES = 100

/**
 * Begins to collect the body of a request; undefined: it has none.
 *
 * @param limit how many bytes the route reads
 */
export function collectBody(request: IncomingMessage, limit: number): RequestBody | undefined {
  const { 'content-length': given = '0', 'transfer-encoding': encoding } = request.headers
  if (encoding === undefined && !(Number(given) > 0)) return undefined
  const kept = Math.max(limit, MAX_BEGINNING)
  let parts: Buffer[] = []
  let length = 0

  /** Keeps a copy: the part itself is a piece of what was read from the network at once. */
  function keep(part: Buffer): void {
    parts.push(Buffer.from(part))
    if (parts.length >= MAX_PARTS && length < MAX_BEGINNING) parts = [Buffer.concat(parts)]
  }

  const ended = new Promise<void>((resolve, reject) => {
    request.on('data', (part: Buffer) => {
      if (length < kept) keep(part.subarray(0, kept - length))
      length += part.length
      if (length > limit) resolve()
    })
    request.once('end', resolve)
    request.once('error', reject)
    request.once('close', resolve)
  })
  // Whoever does not read the body does not care how it ends.
  ended.catch(() => {})
  return {
    isLong: () => length > MAX_BEGINNING,
    bytes: (encoding === undefined ? Math.min(kept, Number(given)) : kept) + MAX_PARTS * PART_BYTES,
    beginning: () => Buffer.concat(parts).subarray(0, MAX_BEGINNING),
    async whole() {
      await ended
      if (length > limit) throw new BodyTooLarge(limit)
      return Buffer.concat(parts)
    },
  }
}
