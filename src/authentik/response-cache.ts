import type { Key } from '../world/value.js'
import type { Caches, ResponseCache } from './caches.js'
import type { Resource } from './resource.js'
import type { ServedWorld } from './served-world.js'

/** The cache of a row's body: the shared one as long as nothing that the row shows has changed. */
export function rowCache(world: ServedWorld, { section, operations, joins }: Resource, key: Key): ResponseCache {
  const { database, caches } = world
  const isPristine = database.isPristine(joins) && !database.table(section).changes.has(key)
  return isPristine ? cacheIn(caches, caches.shared, operations) : ownCache(world, operations)
}

export function pageCache(world: ServedWorld, { section, operations, joins }: Resource): ResponseCache {
  const { database, caches } = world
  const isPristine = database.isPristine(joins) && database.table(section).changes.size === 0
  return isPristine ? cacheIn(caches, caches.shared, operations) : ownCache(world, operations)
}

function ownCache({ database, caches }: ServedWorld, resource: string): ResponseCache {
  if (caches.ownVersion !== database.version) {
    caches.own.clear()
    caches.ownVersion = database.version
  }
  return cacheIn(caches, caches.own, resource)
}

function cacheIn({ open }: Caches, caches: Map<string, ResponseCache>, resource: string): ResponseCache {
  const known = caches.get(resource)
  if (known !== undefined) return known
  const made = open()
  caches.set(resource, made)
  return made
}
