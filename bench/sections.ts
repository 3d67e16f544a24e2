import { loadavg } from 'node:os'
import { measureCost } from './cost.js'
import { measureGrants } from './grants.js'
import { measureMemory, REQUESTS } from './memory.js'
import { OPERATION_NAMES, type OperationName } from './operations.js'
import { measureReplicas } from './replicas.js'
import type { Measured, Results } from './results.js'
import type { Pace } from './rounds.js'
import { measureConnections, measureScale, measureWorlds } from './scale.js'
import type { Setup } from './setup.js'
import { measureHealth, measureLibrary, measureStarts } from './starts.js'
import { measureOperation } from './throughput.js'
import { measureUsers } from './users.js'

/** Measures one thing, and returns the results with it. */
type Section = (results: Results, surroundings: Surroundings) => Promise<Results>

export interface Surroundings {
  setup: Setup
  pace: Pace
  quick: boolean
  /** `main.js` of another build of the mock, to be measured beside this one. */
  before?: string | undefined
  print(line: string): void
}

const QUICK_REQUESTS = 20_000

/** Everything that can be measured, by the words of `--only`. */
export const SECTIONS: Record<string, Section> = {
  ...Object.fromEntries(OPERATION_NAMES.map((name) => [name, operationSection(name)])),
  cost: async (results, { setup, pace, before }) => ({
    ...results,
    cost: measured(pace, await measureCost(setup, pace, before)),
  }),
  start: async (results, { setup, pace }) => ({
    ...results,
    start: measured(pace, await measureStarts(setup, pace.rounds)),
  }),
  library: async (results, { pace }) => ({
    ...results,
    library: measured(pace, await measureLibrary(pace.rounds)),
    health: measured(pace, await measureHealth(pace.rounds)),
  }),
  scale: async (results, { setup, pace }) => ({ ...results, scale: measured(pace, await measureScale(setup, pace)) }),
  users: async (results, { setup, pace }) => ({ ...results, users: measured(pace, await measureUsers(setup, pace)) }),
  worlds: async (results, { setup, pace }) => ({
    ...results,
    worlds: measured(pace, await measureWorlds(setup, pace)),
  }),
  connections: async (results, { setup, pace }) => ({
    ...results,
    connections: measured(pace, await measureConnections(setup, pace)),
  }),
  grants: async (results, { setup, pace }) => ({
    ...results,
    grants: measured(pace, await measureGrants(setup, pace)),
  }),
  replicas: async (results, { pace }) => ({ ...results, replicas: measured(pace, await measureReplicas(pace)) }),
  memory: async (results, { setup, pace, quick, print }) => {
    const tell = (requests: number, memory: number | null) => print(`  ${requests} requests: ${memory?.toFixed(1)} MiB`)
    return { ...results, memory: measured(pace, await measureMemory(setup, quick ? QUICK_REQUESTS : REQUESTS, tell)) }
  },
}

function operationSection(name: OperationName): Section {
  return async (results, { setup, pace }) => {
    const values = await measureOperation(name, setup, pace)
    return { ...results, operations: { ...results.operations, [name]: measured(pace, values) } }
  }
}

/** What was measured, with when and how. */
export function measured<Values>(pace: Pace, values: Values): Measured<Values> {
  return { date: new Date().toISOString().slice(0, 10), pace, busy: loadavg()[0] ?? 0, values }
}
