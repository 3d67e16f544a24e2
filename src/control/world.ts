import { type Caches, createCaches, type OpenCache } from '../authentik/caches.js'
import { findRelease, type Release } from '../authentik/releases.js'
import type { ServedWorld } from '../authentik/served-world.js'
import type { Change, RowChange } from '../world/change.js'
import { createClock, REAL_TIME } from '../world/clock.js'
import { createDatabase } from '../world/database.js'
import type { Cause } from '../world/history.js'
import { secretsOf } from '../world/secrets.js'
import { restoreSnapshot, type Snapshot } from '../world/snapshot.js'
import type { Budget } from './budget.js'
import { createFaults, type Faults } from './faults.js'
import { createIssued } from './issued.js'
import { createJournal, type Journal, type JournalSettings } from './journal.js'
import { createMeter } from './meter.js'
import { createStubs, type Stubs } from './stubs.js'

/** A world as a test sees it: its rows at a release, with a clock, faults and a journal of its own. */
export interface World extends ServedWorld {
  readonly faults: Faults
  readonly stubs: Stubs
  readonly journal: Journal
  /** Nothing is kept for it any longer. */
  close(): void
}

export interface WorldSettings {
  /** What a reset goes back to. */
  snapshot: Snapshot
  release: Release
  /** By username: who is signed in without a session cookie. */
  signedIn?: string | undefined
  journals: JournalSettings
  limits: WorldLimits
  openCache: OpenCache
  sharedCaches: (snapshot: Snapshot, release: Release) => Caches['shared']
  /** Is told of every change, in order. */
  onChange?: (world: string, changes: Change[]) => void
}

/** What all worlds may hold together. */
export interface WorldLimits {
  /** Rows that clients made by their requests. */
  issued: Budget
  /** What is said of a row that went for that. */
  whyForgotten: string
  /** Is told when it happens. */
  onForgotten: () => void
  /** Rows that are known what became of them. */
  remembered: Budget
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** @param name empty: the one without a prefix */
export function createWorld(name: string, settings: WorldSettings): World {
  const { sharedCaches, openCache, journals, onChange } = settings
  const { masks } = journals
  const { limits } = settings
  const clock = createClock()
  const issued = createIssued(() => world.database)
  const meters = [
    createMeter(limits.issued, () => issued.size, forgetIssued),
    createMeter(
      limits.remembered,
      () => world.database.history.size,
      () => world.database.history.shed(),
    ),
  ]
  const world: Mutable<World> = {
    name,
    signedIn: settings.signedIn,
    database: createDatabase(settings.snapshot, clock),
    release: settings.release,
    caches: createCaches(openCache, sharedCaches(settings.snapshot, settings.release)),
    faults: createFaults(),
    stubs: createStubs(settings.snapshot.stubs),
    journal: createJournal(journals),
    apply(...changes) {
      for (const change of changes) applyOne(change)
      onChange?.(name, changes)
      for (const meter of meters) meter.update()
    },
    close() {
      world.journal.close()
      for (const meter of meters) meter.close()
    },
  }

  function forgetIssued(): void {
    limits.onForgotten()
    world.apply(issued.forget(limits.whyForgotten))
  }

  function applyOne(change: Change): void {
    switch (change.type) {
      case 'put':
      case 'delete':
        return changeRows([change])
      case 'rows':
        return changeRows(change.changes, change.cause)
      case 'clock':
        return clock.apply(change.setting)
      case 'release':
        return serveAs(findRelease(change.name) as Release)
      case 'replace':
        return begin(restoreSnapshot(change.rows, settings.snapshot))
      case 'reset':
        return reset()
      case 'stub added':
      case 'stub removed':
      case 'stubs cleared':
      case 'stub seen':
        return world.stubs.apply(change)
      default:
        return world.faults.apply(change)
    }
  }

  function changeRows(changes: RowChange[], cause?: Cause): void {
    for (const change of changes)
      if (change.type === 'put') learn(secretsOf(world.database.snapshot, change.section, change.row))
    issued.note(changes, cause)
    world.database.apply(changes, cause)
  }

  function learn(secrets: Iterable<string>): void {
    for (const secret of secrets) masks.learn(secret)
  }

  function begin(snapshot: Snapshot): void {
    learn(snapshot.secrets())
    issued.clear()
    world.database = createDatabase(snapshot, clock)
    world.stubs.begin(snapshot.stubs ?? [])
    serveAs(world.release)
  }

  function serveAs(release: Release): void {
    world.release = release
    world.caches = createCaches(openCache, sharedCaches(world.database.snapshot, release))
  }

  function reset(): void {
    issued.clear()
    if (world.database.snapshot === settings.snapshot) world.database.reset()
    else world.database = createDatabase(settings.snapshot, clock)
    serveAs(settings.release)
    clock.apply(REAL_TIME)
    world.faults.apply({ type: 'faults cleared' })
    world.stubs.begin(settings.snapshot.stubs ?? [])
    world.journal.clear()
  }

  return world
}
