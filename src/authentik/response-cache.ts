import { LRUCache } from 'lru-cache'
import type { Micros } from '../world/instant.js'
import type { Body } from './answer.js'

/** A body that holds at every moment after `after`, up to and including `until`. */
export interface KeptBody extends Body {
  after: Micros
  until: Micros
}

/** Bodies made once and sent many times, by a name of the maker's choice. */
export interface Keep {
  /** Undefined: not kept, or no longer true. */
  get(name: number | string, now: Micros): KeptBody | undefined
  put(name: number | string, body: KeptBody): KeptBody
}

const MAX_BYTES = 32 * 1024 * 1024
const OVERHEAD = 200

export function createKeep(): Keep {
  // Twice the plain size leaves room for the compressed form.
  const kept = new LRUCache<number | string, KeptBody>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ plain }) => OVERHEAD + 2 * plain.length,
  })
  return {
    get(name, now) {
      const body = kept.get(name)
      return body !== undefined && now > body.after && now <= body.until ? body : undefined
    },
    put(name, body) {
      kept.set(name, body)
      return body
    },
  }
}
