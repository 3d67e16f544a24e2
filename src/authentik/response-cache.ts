import { LRUCache } from 'lru-cache'
import type { Micros } from '../world/instant.js'
import type { Key } from '../world/kinds/kind.js'
import type { Body } from './answer.js'
import type { Resource } from './resource.js'
import type { ServedWorld } from './served-world.js'

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

/** The caches of one resource. */
interface ResourceCaches {
  rows: ResponseCache
  pages: ResponseCache
}

/** The caches of a world: one for rows as they began, shared with its like, and one for what is its own. */
export interface Caches {
  /** For all worlds of the same beginning and release, by section. */
  shared: Map<string, ResourceCaches>
  /** The same for this world alone, good for one version of it. */
  own: Map<string, ResourceCaches>
  ownVersion: number
}

export function createCaches(shared: Caches['shared']): Caches {
  return { shared, own: new Map(), ownVersion: -1 }
}

/** The cache of a row's body: the shared one as long as nothing that the row shows has changed. */
export function rowCache(world: ServedWorld, { section, joins }: Resource, key: Key): ResponseCache {
  const { database, caches } = world
  const isPristine = database.isPristine(joins) && !database.table(section).changes.has(key)
  return (isPristine ? cachesIn(caches.shared, section) : ownCaches(world, section)).rows
}

export function pageCache(world: ServedWorld, { section, joins }: Resource): ResponseCache {
  const { database, caches } = world
  const isPristine = database.isPristine(joins) && database.table(section).changes.size === 0
  return (isPristine ? cachesIn(caches.shared, section) : ownCaches(world, section)).pages
}

function ownCaches({ database, caches }: ServedWorld, section: string): ResourceCaches {
  if (caches.ownVersion !== database.version) {
    caches.own.clear()
    caches.ownVersion = database.version
  }
  return cachesIn(caches.own, section)
}

function cachesIn(caches: Map<string, ResourceCaches>, section: string): ResourceCaches {
  const known = caches.get(section)
  if (known !== undefined) return known
  const made = { rows: createResponseCache(), pages: createResponseCache() }
  caches.set(section, made)
  return made
}

const MAX_BYTES = 32 * 1024 * 1024
const OVERHEAD = 200

function createResponseCache(): ResponseCache {
  // Twice the plain size leaves room for the compressed form.
  const kept = new LRUCache<number | string, CachedBody>({
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
