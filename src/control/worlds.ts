import { LRUCache } from 'lru-cache'
import type { Release } from '../authentik/releases.js'
import { createKeeps, type Site } from '../authentik/site.js'
import type { Baseline } from '../world/baseline.js'
import { createWorld } from '../world/world.js'
import { createRealm, type Realm } from './realm.js'

/** All worlds of a mock: the one without a prefix, and those of `/@name/…`, each born at its first use. */
export interface Worlds {
  readonly base: Realm
  /** Where a path belongs, and the rest of it. */
  locate(path: string): { site: Realm; path: string }
  /** The name of the world in a path, undefined for the one without a prefix, and the rest of the path. */
  read(path: string): { name: string | undefined; path: string }
  has(name: string): boolean
  /** The world of a name. One that is not there is made, but is none of the worlds until it is kept or located. */
  find(name: string | undefined): Realm
  /** Notes that a world that was found is used. One that was ended meanwhile stays so. */
  keep(realm: Realm): void
  /** The worlds with a name, the most recently used one first. */
  list(): Realm[]
  /** False: there was no such world. */
  delete(name: string): boolean
  /** The world as it began: rows, release, clock, faults, journal. */
  reset(realm: Realm): void
  /** Puts other rows in the place of a world's own. A reset takes them back. */
  replace(realm: Realm, baseline: Baseline): void
  serveAt(realm: Realm, release: Release): void
  /** Begins all over with other rows. */
  restart(baseline: Baseline): void
}

export interface WorldsSettings {
  baseline: Baseline
  release: Release
  /** How many requests each journal remembers. */
  journal: number
  /** How many worlds there may be beside the one without a prefix; the least recently used one makes room. */
  worlds: number
}

/** How many worlds may wait to be kept. */
const MAX_UNBORN = 100
const PREFIX = /^\/@([A-Za-z0-9._-]{1,64})(?=\/|$)/

export function createWorlds(settings: WorldsSettings): Worlds {
  let { baseline } = settings
  let keeps = new WeakMap<Baseline, Map<Release, Site['shared']>>()
  const named = settings.worlds === 0 ? undefined : new LRUCache<string, Realm>({ max: settings.worlds })
  const unborn = new LRUCache<string, Realm>({ max: MAX_UNBORN })
  const create = (name: string) => createRealm(name, { ...settings, baseline, keepsOf })
  let base = create('')

  function keepsOf(of: Baseline, release: Release): Site['shared'] {
    const ofBaseline = keeps.get(of) ?? new Map<Release, Site['shared']>()
    keeps.set(of, ofBaseline)
    const known = ofBaseline.get(release) ?? createKeeps()
    ofBaseline.set(release, known)
    return known
  }

  function serveAt(realm: Realm, release: Release): void {
    Object.assign(realm, { release, shared: keepsOf(realm.world.baseline, release), own: undefined })
  }

  function replace(realm: Realm, of: Baseline): void {
    Object.assign(realm, { world: createWorld(of, realm.world.clock) })
    serveAt(realm, realm.release)
  }

  function read(path: string): { name: string | undefined; path: string } {
    if (path.charCodeAt(1) !== 64 || named === undefined) return { name: undefined, path }
    const [prefix, name] = PREFIX.exec(path) ?? []
    return { name, path: prefix === undefined ? path : path.slice(prefix.length) || '/' }
  }

  return {
    get base() {
      return base
    },
    locate(path) {
      const { name, path: rest } = read(path)
      if (name === undefined || named === undefined) return { site: base, path }
      const site = named.get(name) ?? unborn.get(name) ?? create(name)
      named.set(name, site)
      unborn.delete(name)
      return { site, path: rest }
    },
    read,
    has: (name) => named?.has(name) ?? false,
    find(name) {
      if (name === undefined) return base
      const site = named?.peek(name) ?? unborn.get(name) ?? create(name)
      if (!named?.has(name)) unborn.set(name, site)
      return site
    },
    keep(realm) {
      const { name } = realm
      const isNew = unborn.peek(name) === realm
      unborn.delete(name)
      if (isNew || named?.peek(name) === realm) named?.set(name, realm)
    },
    list: () => [...(named?.values() ?? [])],
    delete: (name) => named?.delete(name) ?? false,
    reset(realm) {
      const { beginning, world } = realm
      if (world.baseline === beginning.baseline) world.reset()
      else replace(realm, beginning.baseline)
      serveAt(realm, beginning.release)
      world.clock.reset()
      realm.faults.clear()
      realm.journal.clear()
    },
    replace,
    serveAt,
    restart(other) {
      baseline = other
      keeps = new WeakMap()
      named?.clear()
      unborn.clear()
      base = create('')
    },
  }
}
