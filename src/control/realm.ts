import type { Release } from '../authentik/releases.js'
import type { Site } from '../authentik/site.js'
import type { Visit } from '../authentik/visit.js'
import type { Baseline } from '../world/baseline.js'
import { createClock } from '../world/clock.js'
import { createWorld } from '../world/world.js'
import { createFaults, type Faults } from './faults.js'
import { createJournal, type Journal } from './journal.js'

/** A world as a test sees it: its rows at a release, with a clock, faults and a journal of its own. */
export interface Realm extends Site {
  /** Empty: the one without a prefix. */
  readonly name: string
  readonly faults: Faults
  readonly journal: Journal
  /** What a reset goes back to. */
  readonly beginning: { baseline: Baseline; release: Release }
}

export interface RealmSettings {
  baseline: Baseline
  release: Release
  /** How many requests the journal remembers. */
  journal: number
  keepsOf: (baseline: Baseline, release: Release) => Site['shared']
}

export function createRealm(name: string, { baseline, release, journal, keepsOf }: RealmSettings): Realm {
  return {
    name,
    world: createWorld(baseline, createClock()),
    release,
    shared: keepsOf(baseline, release),
    faults: createFaults(),
    journal: createJournal(journal),
    beginning: { baseline, release },
  }
}

/** The realm that a request came to: every site that requests are located at is one. */
export function realmOf(visit: Visit): Realm {
  return visit.site as Realm
}
