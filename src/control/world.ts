import { findRelease, type Release } from '../authentik/releases.js'
import { type Caches, createCaches } from '../authentik/response-cache.js'
import type { ServedWorld } from '../authentik/served-world.js'
import type { Change } from '../world/change.js'
import { createClock, REAL_TIME } from '../world/clock.js'
import { createDatabase } from '../world/database.js'
import { restoreSnapshot, type Snapshot } from '../world/snapshot.js'
import { createFaults, type Faults } from './faults.js'
import { createJournal, type Journal } from './journal.js'

/** A world as a test sees it: its rows at a release, with a clock, faults and a journal of its own. */
export interface World extends ServedWorld {
  readonly faults: Faults
  readonly journal: Journal
}

export interface WorldSettings {
  /** What a reset goes back to. */
  snapshot: Snapshot
  release: Release
  /** How many requests the journal remembers. */
  journal: number
  sharedCaches: (snapshot: Snapshot, release: Release) => Caches['shared']
  /** Is told of every change, in order. */
  onChange?: (world: string, changes: Change[]) => void
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** @param name empty: the one without a prefix */
export function createWorld(name: string, settings: WorldSettings): World {
  const { sharedCaches, onChange } = settings
  const clock = createClock()
  const world: Mutable<World> = {
    name,
    database: createDatabase(settings.snapshot, clock),
    release: settings.release,
    caches: createCaches(sharedCaches(settings.snapshot, settings.release)),
    faults: createFaults(),
    journal: createJournal(settings.journal),
    apply(...changes) {
      for (const change of changes) applyOne(change)
      onChange?.(name, changes)
    },
  }

  function applyOne(change: Change): void {
    switch (change.type) {
      case 'put':
      case 'delete':
        return world.database.apply([change])
      case 'rows':
        return world.database.apply(change.changes)
      case 'clock':
        return clock.apply(change.setting)
      case 'release':
        return serveAs(findRelease(change.name) as Release)
      case 'replace':
        return begin(restoreSnapshot(change.rows, settings.snapshot.kinds))
      case 'reset':
        return reset()
      default:
        return world.faults.apply(change)
    }
  }

  function begin(snapshot: Snapshot): void {
    world.database = createDatabase(snapshot, clock)
    serveAs(world.release)
  }

  function serveAs(release: Release): void {
    world.release = release
    world.caches = createCaches(sharedCaches(world.database.snapshot, release))
  }

  function reset(): void {
    if (world.database.snapshot === settings.snapshot) world.database.reset()
    else world.database = createDatabase(settings.snapshot, clock)
    serveAs(settings.release)
    clock.apply(REAL_TIME)
    world.faults.apply({ type: 'faults cleared' })
    world.journal.clear()
  }

  return world
}
