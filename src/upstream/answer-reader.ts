import { createBytes } from './bytes.js'
import { createDechunker } from './chunks.js'
import { textOf, tooLarge } from './content.js'
import { AnswerError } from './error.js'
import { type Framing, framingOf, type Head, parseHead } from './head.js'

export interface WireAnswer extends Head {
  body: string
  bytes: Buffer
  /** The connection did not end in the middle of it. */
  whole: boolean
}

export interface AnswerReader {
  /** Takes what came. Returns whether the answer is complete. */
  take(part: Buffer): boolean
  /** Whether the connection has no more answers after this one. */
  isLast(): boolean
  /** The answer, as far as it came until the connection ended. */
  end(): WireAnswer
}

/** All heads of an answer together: some servers send several of the kind that only says to wait. */
const MAX_HEAD_BYTES = 256 * 1024
const HEAD_END = '\r\n\r\n'
const BEGIN = Buffer.from('HTTP/1.')
const NO_HEAD: Head = { status: 0, headers: {}, rawHeaders: [] }

/**
 * Reads an answer as it comes, in linear time.
 *
 * @param limit how many bytes its body may have, on the wire and once it is unpacked
 * @param isHead it answers HEAD, so it has no body
 * @param surplus whether what follows the answer is kept in its body
 */
export function createAnswerReader(limit: number, isHead: boolean, surplus = false): AnswerReader {
  const headBytes = createBytes()
  const body = createBytes()
  const dechunk = createDechunker(store, limit)
  let head: Head | undefined
  let framing: Framing = 'close'
  let searched = 0
  let isComplete = false

  function store(part: Buffer): void {
    if (body.length + part.length > limit) throw tooLarge(limit)
    body.append(part)
  }

  /** Returns what of the part is no head. */
  function takeHead(part: Buffer): Buffer {
    headBytes.append(part)
    const all = headBytes.all()
    const begin = all.subarray(0, BEGIN.length)
    if (!begin.equals(BEGIN.subarray(0, begin.length))) throw new AnswerError('its answer is not HTTP/1.1')
    for (let from = searched; ; ) {
      const end = all.indexOf(HEAD_END, Math.max(from, all.length - part.length - HEAD_END.length + 1))
      if ((end === -1 ? all.length : end) > MAX_HEAD_BYTES) throw new AnswerError('its headers have no end')
      searched = from
      if (end === -1) return Buffer.alloc(0)
      const found = parseHead(all.toString('latin1', from, end))
      from = end + HEAD_END.length
      if (found.status < 200) continue
      head = found
      framing = framingOf(found, isHead)
      if (framing === 0) isComplete = true
      else if (typeof framing === 'number' && framing > limit) throw tooLarge(limit)
      return all.subarray(from)
    }
  }

  function takeBody(part: Buffer): void {
    let used = part.length
    if (framing === 'chunked') used = dechunk.take(part)
    else {
      if (framing !== 'close') used = Math.min(part.length, framing - body.length)
      store(part.subarray(0, used))
    }
    isComplete = framing === 'chunked' ? dechunk.isDone() : framing === body.length
    if (surplus && used < part.length) store(part.subarray(used))
  }

  return {
    take(part) {
      const rest = head === undefined ? takeHead(part) : part
      if (isComplete) {
        if (surplus) store(rest)
      } else if (rest.length > 0) takeBody(rest)
      return isComplete
    },
    isLast: () => String(head?.headers['connection']).toLowerCase() === 'close',
    end() {
      const bytes = body.all()
      const found = head ?? NO_HEAD
      const whole = isComplete || (head !== undefined && framing === 'close')
      return {
        ...found,
        body: whole ? textOf(bytes, found.headers['content-encoding'], limit) : bytes.toString('utf8'),
        bytes,
        whole,
      }
    },
  }
}
