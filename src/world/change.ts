import type { ClockSetting } from './clock.js'
import type { Cause } from './history.js'
import type { Micros } from './instant.js'
import type { StubSeed } from './stubs/seed.js'
import type { Key } from './value.js'

/**
 * What happens to a world, as plain JSON. What is random or of the moment was decided before and stands in it, so that
 * another machine which applies the same changes in the same order has the same world.
 */
export type Change =
  | RowChange
  | { type: 'rows'; changes: RowChange[]; cause?: Cause }
  | WorldChange
  | FaultChange
  | GateChange
  | StubChange
  | VisitChange
  | PageChange

export type RowChange =
  | { type: 'put'; section: string; row: unknown }
  /** The row, with what cannot be without it. */
  | { type: 'delete'; section: string; key: Key }

export type WorldChange =
  | { type: 'clock'; setting: ClockSetting }
  /** By name. */
  | { type: 'release'; name: string }
  /** Other rows in the place of all, until a reset. */
  | { type: 'replace'; rows: SnapshotData }
  /** The world as it began: rows, clock, release, faults, journal. */
  | { type: 'reset' }

/** An address asked for what it may not ask for often. */
export interface VisitChange {
  type: 'visit'
  address: string
  at: Micros
}

/** A list that authentik remembers showed a page for the first time. */
export interface PageChange {
  type: 'page shown'
  page: string
  keys: Key[]
}

/** What happens to the faults of a world; a fault is plain JSON, too. */
export type FaultChange =
  | { type: 'fault added'; fault: object }
  | { type: 'fault removed'; id: string }
  | { type: 'faults cleared' }
  /** A request met its conditions. */
  | { type: 'fault seen'; id: string; struck: boolean }

/** What happens to the requests of several mocks that wait for each other at a fault. Each has a ticket of its own. */
export type GateChange =
  /** When it came, by the clock of its machine in milliseconds. */
  | { type: 'gate entered'; id: string; ticket: string; at: number }
  /** Nobody waits any longer for those who are missing. */
  | { type: 'gate opened'; id: string; ticket: string }
  /** They have done their work, or never will. When that was told, by the clock of the machine that tells it. */
  | { type: 'gate passed'; id: string; tickets: string[]; at: number }

/** What happens to the stubs of a world. A reset has those of the fixtures again. */
export type StubChange =
  | { type: 'stub added'; id: string; seed: StubSeed }
  | { type: 'stub removed'; id: string }
  | { type: 'stubs cleared' }
  /** A request met its conditions. */
  | { type: 'stub seen'; id: string; answered: boolean }

/** A snapshot without made-up rows, as plain JSON. */
export interface SnapshotData {
  installId: string
  baseUrl: string
  begin: number
  seed: number
  stubs?: StubSeed[]
  /** By section. */
  rows: Record<string, unknown[]>
}
