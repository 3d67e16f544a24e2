import { randomFillSync } from 'node:crypto'

const LENGTH = 16
const drawn = Buffer.alloc(256 * LENGTH)
let next = drawn.length

/** The name of one request: 32 hexadecimal digits at random, drawn in bulk. */
export function drawRequestId(): string {
  if (next === drawn.length) {
    randomFillSync(drawn)
    next = 0
  }
  const id = drawn.toString('hex', next, next + LENGTH)
  next += LENGTH
  return id
}
