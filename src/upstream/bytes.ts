/** Bytes that come in parts, however small. */
export interface Bytes {
  readonly length: number
  append(part: Buffer): void
  all(): Buffer
}

const FIRST_SIZE = 4096

/** Its room doubles when it is used up, so that to append is cheap, and a part of one byte takes one byte. */
export function createBytes(): Bytes {
  let room = Buffer.alloc(0)
  let length = 0
  return {
    get length() {
      return length
    },
    append(part) {
      const needed = length + part.length
      if (needed > room.length) {
        const larger = Buffer.allocUnsafe(Math.max(FIRST_SIZE, 2 * room.length, needed))
        room.copy(larger, 0, 0, length)
        room = larger
      }
      part.copy(room, length)
      length = needed
    },
    all: () => room.subarray(0, length),
  }
}
