/** A source of random numbers, as faker takes one. */
export interface Randomizer {
  /** From 0 to below 1. */
  next(): number
  seed(seed: number | number[]): void
}

const SIZE = 624
const SHIFT = 397
const HIGHEST_BIT = 0x80000000
const OTHER_BITS = 0x7fffffff
const TWIST = 0x9908b0df

/**
 * MT19937 of Matsumoto and Nishimura, with the numbers of 53 bits that faker draws by default. faker's own makes 624 numbers
 * for each seed, and a made-up name needs few: here a number is made when it is drawn, so that a seed costs a tenth.
 */
export function createMersenneTwister(): Randomizer {
  const state = new Int32Array(SIZE)
  const fresh = new Int32Array(SIZE)
  let index = 0

  fill(fresh, 19650218)

  function drawBits(): number {
    const next = index + 1 === SIZE ? 0 : index + 1
    const mixed = (at(index) & HIGHEST_BIT) | (at(next) & OTHER_BITS)
    const far = at((index + SHIFT) % SIZE)
    state[index] = far ^ (mixed >>> 1) ^ (mixed & 1 ? TWIST : 0)
    let bits = at(index)
    index = next
    bits ^= bits >>> 11
    bits ^= (bits << 7) & 0x9d2c5680
    bits ^= (bits << 15) & 0xefc60000
    return (bits ^ (bits >>> 18)) >>> 0
  }

  const at = (i: number) => state[i] as number

  return {
    next() {
      const high = drawBits() >>> 5
      return (high * 2 ** 26 + (drawBits() >>> 6)) / 2 ** 53
    },
    seed(seed) {
      index = 0
      if (typeof seed === 'number') fill(state, seed)
      else mixIn(state, fresh, seed)
    },
  }
}

/** init_genrand */
function fill(state: Int32Array, seed: number): void {
  let before = seed | 0
  state[0] = seed
  for (let i = 1; i < SIZE; i++) {
    before = (Math.imul(1812433253, before ^ (before >>> 30)) + i) | 0
    state[i] = before
  }
}

/** init_by_array */
function mixIn(state: Int32Array, fresh: Int32Array, key: number[]): void {
  state.set(fresh)
  let before = fresh[0] as number
  let i = 1
  let k = 0
  for (let n = Math.max(SIZE, key.length); n > 0; n--) {
    before = ((state[i] as number) ^ Math.imul(1664525, before ^ (before >>> 30))) + (key[k] as number) + k
    before |= 0
    state[i] = before
    if (++k === key.length) k = 0
    if (++i === SIZE) i = 1
  }
  for (let n = SIZE - 1; n > 0; n--) {
    before = (((state[i] as number) ^ Math.imul(1566083941, before ^ (before >>> 30))) - i) | 0
    state[i] = before
    if (++i === SIZE) i = 1
  }
  state[0] = HIGHEST_BIT
}
