import { tooLarge } from './content.js'
import { AnswerError } from './error.js'

const SIZE = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i
const MAX_LINE = 4096

export interface Dechunker {
  /** Takes what came. Returns how many bytes of it belong to the chunks. */
  take(part: Buffer): number
  /** The last chunk, and what follows it, has come. */
  isDone(): boolean
}

/**
 * Takes chunks apart (RFC 9112, 7.1) as they come.
 *
 * @param store is given their data
 * @param limit how many bytes the lines between the data may have
 * @throws AnswerError
 */
export function createDechunker(store: (data: Buffer) => void, limit: number): Dechunker {
  let stage: 'size' | 'data' | 'after data' | 'trailer' | 'done' = 'size'
  let line = ''
  let left = 0
  let lines = 0

  function takeLine(text: string): void {
    if (stage === 'size') {
      const size = SIZE.exec(text)?.[1]
      if (size === undefined) throw new AnswerError('it answers in chunks, one of which has no size')
      left = Number.parseInt(size, 16)
      if (left > limit) throw tooLarge(limit)
      stage = left === 0 ? 'trailer' : 'data'
    } else if (stage === 'trailer') {
      if (text === '') stage = 'done'
    } else {
      if (text !== '') throw new AnswerError('it answers in chunks, one of which is longer than its size')
      stage = 'size'
    }
  }

  function takeOne(part: Buffer, at: number): number {
    if (stage === 'data') {
      const end = Math.min(part.length, at + left)
      store(part.subarray(at, end))
      left -= end - at
      if (left === 0) stage = 'after data'
      return end
    }
    const feed = part.indexOf('\n', at)
    const end = feed === -1 ? part.length : feed + 1
    lines += end - at
    if (lines > limit) throw tooLarge(limit)
    line += part.toString('latin1', at, Math.min(end, at + MAX_LINE))
    if (line.length >= MAX_LINE) throw new AnswerError('it answers in chunks with a line that has no end')
    if (feed !== -1) {
      takeLine(line.replace(/\r?\n$/, ''))
      line = ''
    }
    return end
  }

  return {
    take(part) {
      let at = 0
      while (at < part.length && stage !== 'done') at = takeOne(part, at)
      return at
    },
    isDone: () => stage === 'done',
  }
}
