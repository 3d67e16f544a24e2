import { LRUCache } from 'lru-cache'
import type { Key } from './value.js'

type Long = Int32Array | Uint32Array | Key[]

/** Long arrays that take long to make: those that were asked for last are kept, for all worlds within one limit. */
export interface Arrays {
  /** A place for the arrays of one owner: another owner's arrays may have the same names. */
  open<A extends Long>(): OwnArrays<A>
}

export interface OwnArrays<A> {
  /** Undefined: not kept, or no longer. */
  get(name: string): A | undefined
  set(name: string, array: A): A
}

const OVERHEAD = 256
/** What a key takes that is no packed integer. */
const KEY_BYTES = 40

/** @param maxBytes what all of them may take */
export function createArrays(maxBytes: number): Arrays {
  const kept = new LRUCache<string, Long>({
    maxSize: maxBytes,
    sizeCalculation: (array) => ('byteLength' in array ? array.byteLength : array.length * KEY_BYTES) + OVERHEAD,
  })
  let owners = 0
  return {
    open<A extends Long>() {
      const owner = owners++
      return {
        get: (name: string) => kept.get(`${owner} ${name}`) as A | undefined,
        set(name: string, array: A) {
          kept.set(`${owner} ${name}`, array)
          return array
        },
      }
    },
  }
}
