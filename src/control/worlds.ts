import { LRUCache } from 'lru-cache'
import type { Release } from '../authentik/releases.js'
import { createKeeps, type Site } from '../authentik/site.js'
import { createDatabase } from '../world/database.js'
import type { Snapshot } from '../world/snapshot.js'
import { createRealm, type Realm } from './realm.js'

/** All worlds of a mock: the one without a prefix, and those of `/@name/…`, each born at its first use. */
export interface Worlds {
  readonly base: Realm
  /** Where a path belongs, and the rest of it. */
  locate(path: string): { site: Realm; path: string }
  /** The worlds with a name, the most recently used one first. */
  list(): Realm[]
  /** False: there was no such world. */
  delete(name: string): boolean
  /** The world as it began: rows, release, clock, faults, journal. */
  reset(realm: Realm): void
  /** Puts other rows in the place of a world's own. A reset takes them back. */
  replace(realm: Realm, snapshot: Snapshot): void
  serveAt(realm: Realm, release: Release): void
  /** Begins all over with other rows. */
  restart(snapshot: Snapshot): void
}

export interface WorldsSettings {
  snapshot: Snapshot
  release: Release
  /** How many requests each journal remembers. */
  journal: number
  /** How many worlds there may be beside the one without a prefix; the least recently used one makes room. */
  worlds: number
}

const PREFIX = /^\/@([A-Za-z0-9._-]{1,64})(?=\/|$)/

export function createWorlds(settings: WorldsSettings): Worlds {
  let { snapshot } = settings
  let keeps = new WeakMap<Snapshot, Map<Release, Site['shared']>>()
  const named = settings.worlds === 0 ? undefined : new LRUCache<string, Realm>({ max: settings.worlds })
  const create = (name: string) => createRealm(name, { ...settings, snapshot, keepsOf })
  let base = create('')

  function keepsOf(of: Snapshot, release: Release): Site['shared'] {
    const ofSnapshot = keeps.get(of) ?? new Map<Release, Site['shared']>()
    keeps.set(of, ofSnapshot)
    const known = ofSnapshot.get(release) ?? createKeeps()
    ofSnapshot.set(release, known)
    return known
  }

  function serveAt(realm: Realm, release: Release): void {
    Object.assign(realm, { release, shared: keepsOf(realm.world.snapshot, release), own: undefined })
  }

  function replace(realm: Realm, of: Snapshot): void {
    Object.assign(realm, { world: createDatabase(of, realm.world.clock) })
    serveAt(realm, realm.release)
  }

  return {
    get base() {
      return base
    },
    locate(path) {
      if (path.charCodeAt(1) !== 64 || named === undefined) return { site: base, path }
      const [prefix, name = ''] = PREFIX.exec(path) ?? []
      if (prefix === undefined) return { site: base, path }
      const site = named.get(name) ?? create(name)
      named.set(name, site)
      return { site, path: path.slice(prefix.length) || '/' }
    },
    list: () => [...(named?.values() ?? [])],
    delete: (name) => named?.delete(name) ?? false,
    reset(realm) {
      const { beginning, world } = realm
      if (world.snapshot === beginning.snapshot) world.reset()
      else replace(realm, beginning.snapshot)
      serveAt(realm, beginning.release)
      world.clock.reset()
      realm.faults.clear()
      realm.journal.clear()
    },
    replace,
    serveAt,
    restart(other) {
      snapshot = other
      keeps = new WeakMap()
      named?.clear()
      base = create('')
    },
  }
}
