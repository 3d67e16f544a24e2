import type { StubSeed } from './seed.js'

/** How many stubs a world has at the most, and what they may take: they are kept for as long as it. */

const MAX_STUBS = 1000
const MAX_BYTES = 32 * 1024 * 1024

export function stubBytes(seed: StubSeed): number {
  return Buffer.byteLength(JSON.stringify(seed))
}

/** Why a world may not have so many of them. Undefined: it may. */
export function tooManyStubs(count: number, bytes: number): { found: string; allowed: string } | undefined {
  if (count > MAX_STUBS) return { found: `${count} stubs`, allowed: `at most ${MAX_STUBS}` }
  if (bytes > MAX_BYTES) return { found: `stubs of ${bytes} bytes`, allowed: `at most ${MAX_BYTES} bytes together` }
  return undefined
}
