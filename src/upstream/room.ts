import { UpstreamError } from './error.js'

/** What is kept of a target's lists. */
export interface Room {
  /**
   * Takes room for rows.
   *
   * @param values how many values of any kind they hold
   * @throws UpstreamError where there is no more
   */
  take(bytes: number, values: number): void
}

/** So many times as large as a single answer may all rows be together. */
const MAX_ANSWERS = 8
/** A row has about a hundred. */
const MAX_VALUES = 16_000_000

/** @param limit bytes that one answer may have */
export function createRoom(url: string, limit: number): Room {
  let bytes = 0
  let values = 0
  return {
    take(moreBytes, moreValues) {
      bytes += moreBytes
      values += moreValues
      if (bytes > MAX_ANSWERS * limit)
        throw new UpstreamError(
          `--target: found ${url}, whose rows are together larger than ${MAX_ANSWERS} answers may be; allowed: fewer rows, or a larger --max-answer`,
        )
      if (values > MAX_VALUES)
        throw new UpstreamError(
          `--target: found ${url}, whose rows hold more than ${MAX_VALUES} values together; allowed: fewer rows`,
        )
    },
  }
}
