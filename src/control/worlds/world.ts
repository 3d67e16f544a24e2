import { type Caches, createCaches, type OpenCache } from '../../authentik/caches.js'
import { findRelease, type Release } from '../../authentik/releases.js'
import type { ServedWorld } from '../../authentik/served-world.js'
import type { Replica } from '../../store/replica.js'
import type { Change, RowChange, SnapshotData } from '../../world/change.js'
import { type ClockSetting, createClock, REAL_TIME } from '../../world/clock.js'
import { createDatabase, type SavedDatabase } from '../../world/database.js'
import type { Cause } from '../../world/history.js'
import { secretsOf } from '../../world/secrets.js'
import { restoreSnapshot, type Snapshot, snapshotData } from '../../world/snapshot.js'
import { noteVisit } from '../../world/visits.js'
import { createFaults, type Faults, type SavedFaults } from '../faults/faults.js'
import { createJournal, type Journal, type JournalSettings } from '../journal/journal.js'
import { createStubs, type SavedStubs, type Stubs } from '../stubs/stubs.js'
import type { Budget } from './budget.js'
import { createIssued } from './issued.js'
import { createMeter } from './meter.js'

/** A world as a test sees it: its rows at a release, with a clock, faults and a journal of its own. */
export interface World extends ServedWorld {
  readonly faults: Faults
  readonly stubs: Stubs
  readonly journal: Journal
  /** What keeps it in step with those of other mocks; undefined: it is this mock's alone. */
  readonly replica: Replica | undefined
  /** Names this world from one beginning to the next; the same for all mocks that share it. */
  readonly era: string
  /** Nothing is kept for it any longer. */
  close(): void
}

/** All that happened to a world so far, as plain JSON. */
export interface SavedWorld {
  /** The rows that took the place of those that it began with. */
  replaced: SnapshotData | undefined
  database: SavedDatabase
  /** The names of the rows that clients made, and what each counts as. */
  issued: [name: string, weight: number][]
  release: string
  clock: ClockSetting
  faults: SavedFaults
  stubs: SavedStubs
  /** How often it began anew. */
  beginnings: number
}

/** A world from behind: how what happened to it elsewhere happens to it here. */
export interface Behind {
  /** Does what was done elsewhere. */
  replay(changes: Change[]): void
  save(): SavedWorld
  /** As it was saved; undefined: as it began. */
  restore(saved: SavedWorld | undefined): void
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
  /** Keeps worlds in step with those of other mocks. */
  follow?: ((world: string, behind: Behind) => Replica | undefined) | undefined
  /** By default each world has a journal of its own. */
  openJournal?: (world: string, settings: JournalSettings) => Journal
}

/** What all worlds may hold together. */
export interface WorldLimits {
  /** Rows that clients made by their requests. */
  issued: Budget
  issuedRows: number
  /** What is said of a row that went for that. */
  whyForgotten: string
  /** Is told when it happens. */
  onForgotten: () => void
  /** Rows that are known what became of them. */
  remembered: Budget
}

/** How many worlds this process had. */
let born = 0

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** @param name empty: the one without a prefix */
export function createWorld(name: string, settings: WorldSettings): World {
  const { sharedCaches, openCache, journals, onChange, follow, openJournal = (_, of) => createJournal(of) } = settings
  const { masks } = journals
  const { limits } = settings
  const clock = createClock()
  const birth = ++born
  let beginnings = 0
  const issued = createIssued(() => world.database)
  const made = createMeter(limits.issued, () => issued.size, forgetIssued)
  const remembered = createMeter(
    limits.remembered,
    () => world.database.history.size,
    () => world.database.history.shed(),
  )
  const world: Mutable<World> = {
    name,
    signedIn: settings.signedIn,
    database: createDatabase(settings.snapshot, clock),
    release: settings.release,
    caches: createCaches(openCache, sharedCaches(settings.snapshot, settings.release)),
    faults: createFaults(),
    stubs: createStubs(settings.snapshot.stubs),
    journal: openJournal(name, journals),
    replica: follow?.(name, { replay, save, restore }),
    get era() {
      return `${name} ${world.replica?.place.life ?? birth} ${beginnings}`
    },
    apply(...changes) {
      world.replica?.requireTurn()
      replay(changes)
      // It is emptied where it is asked for: who only hears of it may be asked something meanwhile.
      if (changes.some(({ type }) => type === 'reset')) world.journal.clear()
      world.replica?.record(changes)
      onChange?.(name, changes)
      // What is shared is counted by itself: no world of another log could make room.
      if (world.replica === undefined) made.update()
      else if (issued.size > limits.issuedRows) forgetIssued()
    },
    close() {
      world.faults.apply({ type: 'faults cleared' })
      world.journal.close()
      made.close()
      remembered.close()
    },
  }

  function forgetIssued(): void {
    limits.onForgotten()
    world.apply(issued.forget(limits.whyForgotten))
  }

  function replay(changes: Change[]): void {
    for (const change of changes) applyOne(change)
    remembered.update()
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
        beginnings++
        return begin(restoreSnapshot(change.rows, settings.snapshot))
      case 'reset':
        beginnings++
        return reset()
      case 'stub added':
      case 'stub removed':
      case 'stubs cleared':
      case 'stub seen':
        return world.stubs.apply(change)
      case 'visit':
        return noteVisit(world.database.visits, change.address, change.at)
      case 'page shown':
        world.database.pagesShown.set(change.page, change.keys)
        return
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

  function save(): SavedWorld {
    const { database, release, faults, stubs } = world
    return {
      replaced: database.snapshot === settings.snapshot ? undefined : snapshotData(database.snapshot),
      ...{ database: database.save(), issued: issued.save(), release: release.name, clock: clock.setting },
      ...{ faults: faults.save(), stubs: stubs.save(), beginnings },
    }
  }

  function restore(saved: SavedWorld | undefined): void {
    reset()
    world.faults.restore(saved?.faults ?? { list: [], lastId: 0, groups: [] })
    beginnings = saved?.beginnings ?? 0
    if (saved === undefined) return
    const { replaced, database, release, stubs } = saved
    if (replaced !== undefined) begin(restoreSnapshot(replaced, settings.snapshot))
    world.database.restore(database)
    issued.restore(saved.issued)
    for (const [section, rows] of Object.entries(database.rows))
      for (const [, row] of rows) if (row !== null) learn(secretsOf(world.database.snapshot, section, row))
    serveAs(findRelease(release) as Release)
    clock.apply(saved.clock)
    world.stubs.restore(stubs)
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
  }

  return world
}
