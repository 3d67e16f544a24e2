import { LRUCache } from 'lru-cache'
import type { Micros } from '../world/instant.js'
import type { Body } from './answer.js'

/** A body that holds at every moment after `after`, up to and including `until`. */
export interface CachedBody extends Body {
  after: Micros
  until: Micros
}

/** Bodies made once and sent many times, under keys that the caller chooses. */
export interface ResponseCache {
  /** Undefined: not kept, or no longer true. */
  get(name: number | string, now: Micros): CachedBody | undefined
  put(name: number | string, body: CachedBody): CachedBody
}

/** Opens caches that share one limit: what was asked for last stays, whichever cache it is in. */
export type OpenCache = () => ResponseCache

/** The caches of a world: one for rows as they began, shared with its like, and one for what is its own. */
export interface Caches {
  open: OpenCache
  /** For all worlds of the same beginning and release, by the operations of the resource. */
  shared: Map<string, ResponseCache>
  /** The same for this world alone, good for one version of it. */
  own: Map<string, ResponseCache>
  ownVersion: number
}

export function createCaches(open: OpenCache, shared: Caches['shared']): Caches {
  return { open, shared, own: new Map(), ownVersion: -1 }
}

/** Of a body beside its bytes: its head, for the most part. */
const OVERHEAD = 800
/** More than any counted key, and so little that the keys of so many caches are still exact numbers. */
const NAMES = 2 ** 31
const NUMBERED_CACHES = 2 ** 22

/** @param maxBytes what the bodies of all caches may take */
export function cacheOpener(maxBytes: number): OpenCache {
  // Twice the plain size leaves room for the compressed form.
  const kept = new LRUCache<number | string, CachedBody>({
    maxSize: maxBytes,
    sizeCalculation: ({ plain }) => OVERHEAD + 2 * plain.length,
  })
  let caches = 0
  return () => {
    const id = caches++
    // Numbers are found faster than texts.
    const keyOf = (name: number | string) =>
      typeof name === 'number' && id < NUMBERED_CACHES ? id * NAMES + name : `${id} ${name}`
    return {
      get(name, now) {
        const body = kept.get(keyOf(name))
        return body !== undefined && now > body.after && now <= body.until ? body : undefined
      },
      put(name, body) {
        kept.set(keyOf(name), body)
        return body
      },
    }
  }
}
