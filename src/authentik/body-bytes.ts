import type { IncomingMessage } from 'node:http'

/** What a client sends as a body: its beginning for the journal, and all of it for a route that reads it. */
export interface RequestBody {
  /** The beginning of what was sent so far. */
  beginning(): Buffer
  /** Whether there was more than the beginning. */
  isLong(): boolean
  /** About how much memory it takes, at the most, once it has come. */
  bytes(): number
  /** Nobody reads all of it any more. */
  keepBeginning(): void
  /**
   * All of it, once it is there.
   *
   * @throws BodyTooLarge | BodyBroken
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

/** A client began to send a body and will not end it. Nobody works with a part. */
export class BodyBroken extends Error {
  override name = 'BodyBroken'
  constructor() {
    super('the body broke off')
  }
}

const BROKEN = 'broken'
const broken = new WeakSet<IncomingMessage>()

/** Says that the rest of a body will never come, though its connection stays open for answers. */
export function breakBody(request: IncomingMessage): void {
  broken.add(request)
  request.emit(BROKEN)
}

/** Calls back where that is said, or the connection is gone before the end of the body. */
export function onBrokenBody(request: IncomingMessage, then: () => void): void {
  for (const event of [BROKEN, 'error', 'close']) request.once(event, then)
  // It waited for its turn, and its client did not.
  if (request.destroyed || broken.has(request)) then()
}

/** As much as the journal shows. */
const MAX_BEGINNING = 4096
const NOTHING = Buffer.alloc(0)
/** Of the body beside its bytes. */
const OVERHEAD = 400

/**
 * Begins to collect the body of a request; undefined: it has none.
 *
 * @param limit how many bytes the route reads
 */
export function collectBody(request: IncomingMessage, limit: number): RequestBody | undefined {
  const { 'content-length': given = '0', 'transfer-encoding': encoding } = request.headers
  if (encoding === undefined && !(Number(given) > 0)) return undefined
  let kept = Math.max(limit, MAX_BEGINNING)
  let room: Buffer = NOTHING
  let length = 0
  let isWhole = false

  function keep(part: Buffer): void {
    // Most bodies come as one part. Others are put together in a copy, as they may come byte by byte.
    if (length === 0 && part.length <= kept && part.length === part.buffer.byteLength) {
      room = part
      return
    }
    const end = Math.min(length + part.length, kept)
    if (end > room.length) {
      const larger = Buffer.alloc(Math.min(kept, Math.max(end, 2 * room.length)))
      room.copy(larger, 0, 0, length)
      room = larger
    }
    part.copy(room, length, 0, end - length)
  }

  let [end, fail] = [() => {}, (_: Error) => {}]
  const ended = new Promise<void>((...settle) => {
    ;[end, fail] = settle
  })
  // Outside of any function that is kept: the journal has the body long after the request, which is larger than most.
  request.on('data', (part: Buffer) => {
    if (length < kept) keep(part)
    length += part.length
    if (length > limit) end()
  })
  request.once('end', () => {
    isWhole = true
    end()
  })
  // Every connection closes in the end.
  onBrokenBody(request, () => {
    if (!isWhole) fail(new BodyBroken())
  })
  // Whoever does not read the body does not care how it ends.
  ended.catch(() => {})
  return {
    isLong: () => length > MAX_BEGINNING,
    bytes() {
      const expected = encoding === undefined ? Number(given) : kept
      return OVERHEAD + (isWhole ? room.length : Math.min(kept, expected))
    },
    beginning: () => room.subarray(0, Math.min(length, MAX_BEGINNING)),
    keepBeginning() {
      kept = MAX_BEGINNING
      room = Buffer.from(room.subarray(0, Math.min(length, kept)))
    },
    async whole() {
      await ended
      if (length > limit) throw new BodyTooLarge(limit)
      return room.length === length ? room : room.subarray(0, length)
    },
  }
}
