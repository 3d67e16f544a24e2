import { LRUCache } from 'lru-cache'
import { type Caches, cacheOpener } from '../../authentik/caches.js'
import type { Release } from '../../authentik/releases.js'
import type { Masks } from '../../server/masking.js'
import type { Store } from '../../store/store.js'
import type { Snapshot } from '../../world/snapshot.js'
import { createBudget } from './budget.js'
import { createWorld, type World, type WorldLimits, type WorldSettings } from './world.js'

/** All worlds of a mock: the one without a prefix, and those of `/@name/…`, each born at its first use. */
export interface Worlds {
  readonly base: World
  /** Whether worlds have names at all. */
  readonly areNamed: boolean
  /** The world of a name, as it is used: it is there from now on, and the most recently used one. */
  locate(name: string | undefined): World
  has(name: string): boolean
  /** The world of a name. One that is not there is made, but is none of the worlds until it is kept or located. */
  find(name: string | undefined): World
  /** Notes that a world that was found is used. One that was ended meanwhile stays so. */
  keep(world: World): void
  /** The worlds with a name, the most recently used one first. */
  list(): Promise<World[]>
  /** How many there are. */
  count(): Promise<number>
  /** False: there was no such world. */
  delete(name: string): Promise<boolean>
  /** Begins all over with other rows. */
  restart(snapshot: Snapshot): void
}

export interface WorldsSettings extends Omit<WorldSettings, 'sharedCaches' | 'openCache' | 'journals' | 'limits'> {
  /** How many requests each journal remembers. */
  journal: number
  /** What the journals of all worlds may take together. */
  journalBytes: number
  /** What the bodies that are kept, for all worlds, may take together. */
  cacheBytes: number
  /** How many rows that clients made by their requests all worlds may have together; where mocks share them, each world. */
  issuedRows: number
  /** Is told when the oldest of them go. */
  onForgotten: () => void
  /** Where worlds are that other mocks have, too. */
  store?: Store | undefined
  /** Told of every secret that any world has. */
  masks: Masks
  /** How many worlds there may be beside the one without a prefix; the least recently used one makes room. */
  worlds: number
}

/** How many worlds may wait to be kept. */
const MAX_UNBORN = 100
/** Of so many rows all worlds together know what became of them. */
const MAX_REMEMBERED = 200_000

/** By `max`, lru-cache would make room for so many at once. */
const atMost = (count: number) => ({ maxSize: count, sizeCalculation: () => 1 })

export function createWorlds(settings: WorldsSettings): Worlds {
  let { snapshot } = settings
  const { masks, store } = settings
  const journals = { capacity: settings.journal, budget: createBudget(settings.journalBytes), masks }
  const limits: WorldLimits = {
    issued: createBudget(settings.issuedRows),
    issuedRows: settings.issuedRows,
    whyForgotten: `the mock, which keeps ${settings.issuedRows} rows that clients made`,
    onForgotten: settings.onForgotten,
    remembered: createBudget(MAX_REMEMBERED),
  }
  const openCache = cacheOpener(settings.cacheBytes)
  let caches = new WeakMap<Snapshot, Map<Release, Caches['shared']>>()
  const named =
    settings.worlds === 0 ? undefined : new LRUCache<string, World>({ ...atMost(settings.worlds), dispose: close })
  const unborn = new LRUCache<string, World>(atMost(MAX_UNBORN))
  const create = (name: string) =>
    createWorld(name, { ...settings, snapshot, sharedCaches, openCache, journals, limits })
  learn()
  let base = create('')

  function learn(): void {
    for (const secret of snapshot.secrets()) masks.learn(secret)
  }

  function sharedCaches(of: Snapshot, release: Release): Caches['shared'] {
    const ofSnapshot = caches.get(of) ?? new Map<Release, Caches['shared']>()
    caches.set(of, ofSnapshot)
    const known = ofSnapshot.get(release) ?? new Map()
    ofSnapshot.set(release, known)
    return known
  }

  function find(name: string | undefined): World {
    if (name === undefined || named === undefined) return base
    const world = named.peek(name) ?? unborn.get(name) ?? create(name)
    if (!named.has(name)) unborn.set(name, world)
    return world
  }

  /** The worlds of these names, as they are now. */
  async function follow(names: string[]): Promise<World[]> {
    const worlds = names.map(find)
    await Promise.all(worlds.flatMap(({ replica, journal }) => [replica?.current(), journal.catchUp?.()]))
    return worlds
  }

  return {
    get base() {
      return base
    },
    areNamed: named !== undefined,
    locate(name) {
      if (name === undefined || named === undefined) return base
      const world = named.get(name) ?? unborn.get(name) ?? create(name)
      unborn.delete(name)
      named.set(name, world)
      return world
    },
    has: (name) => named?.has(name) ?? false,
    find,
    keep(world) {
      const { name } = world
      const isNew = unborn.peek(name) === world
      unborn.delete(name)
      if (isNew || named?.peek(name) === world) named?.set(name, world)
    },
    list: async () => (store === undefined ? [...(named?.values() ?? [])] : follow(await store.list())),
    count: async () => (store === undefined ? (named?.size ?? 0) : (await store.list()).length),
    async delete(name) {
      const had = named?.delete(name) ?? false
      return (await store?.end(name)) ?? had
    },
    restart(other) {
      snapshot = other
      caches = new WeakMap()
      learn()
      named?.clear()
      unborn.clear()
      close(base)
      base = create('')
    },
  }
}

function close(world: World): void {
  world.close()
}
