import { brotliDecompressSync, gunzipSync, inflateRawSync } from 'node:zlib'
import { AnswerError } from './error.js'

const DECODERS: Record<string, typeof gunzipSync> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateRawSync,
  br: brotliDecompressSync,
}

/**
 * The text of a body, whatever it is packed by.
 *
 * @param limit how many bytes it may have, once it is unpacked
 * @throws AnswerError
 */
export function textOf(bytes: Buffer, contentEncoding: string | string[] | undefined, limit: number): string {
  const encodings = String(contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
  if (bytes.length === 0) return ''
  return encodings.reduceRight((packed, name) => unpacked(packed, name, limit), bytes).toString('utf8')
}

function unpacked(bytes: Buffer, name: string, limit: number): Buffer {
  const decode = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined
  if (decode === undefined) throw new AnswerError('its Content-Encoding is not gzip, deflate or br')
  try {
    return decode(bytes, { maxOutputLength: Math.min(limit, 2 ** 31 - 1) })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit)
    throw new AnswerError(`its Content-Encoding is ${name}, but its body is not`)
  }
}

export function tooLarge(limit: number): AnswerError {
  return new AnswerError(`it answers more than ${limit / 2 ** 20} MiB`, 'as much as --max-answer says')
}
