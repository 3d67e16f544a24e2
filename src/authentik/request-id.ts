import { randomFillSync } from 'node:crypto'

const LENGTH = 32
const bytes = Buffer.alloc(128 * LENGTH)
let digits = ''
let next = 0

/** The name of one request: 32 hexadecimal digits at random, drawn in bulk. */
export function drawRequestId(): string {
  if (next === digits.length) {
    digits = randomFillSync(bytes).toString('hex')
    next = 0
  }
  next += LENGTH
  return digits.slice(next - LENGTH, next)
}
