import { tokenShown } from '../authentik/bearer-auth.js'
import type { Visit } from '../authentik/visit.js'
import { globOf } from './glob.js'
import type { Fault, FaultSeed } from './schema.js'

/** What is to go wrong in a world. The first fault that is due strikes. */
export interface Faults {
  readonly list: Fault[]
  add(seed: FaultSeed): Fault
  /** False: there was no such fault. */
  remove(id: string): boolean
  clear(): void
  /** The fault that strikes this request, if one does. Counts. */
  take(visit: Visit): Fault | undefined
}

export function createFaults(): Faults {
  let planned: { fault: Fault; path: RegExp | undefined }[] = []
  let lastId = 0

  function matches({ fault, path }: (typeof planned)[number], visit: Visit): boolean {
    return (
      (fault.method === undefined || fault.method.toUpperCase() === visit.method) &&
      (path === undefined || path.test(visit.path)) &&
      (fault.as === undefined || fault.as === tokenShown(visit)?.name)
    )
  }

  return {
    get list() {
      return planned.map(({ fault }) => fault)
    },
    add(seed) {
      const fault: Fault = { ...seed, id: String(++lastId), seen: 0, struck: 0 }
      planned.push({ fault, path: seed.path === undefined ? undefined : globOf(seed.path) })
      return fault
    },
    remove(id) {
      const before = planned.length
      planned = planned.filter(({ fault }) => fault.id !== id)
      return planned.length < before
    },
    clear() {
      planned = []
    },
    take(visit) {
      for (const plan of planned) {
        const { fault } = plan
        if (!matches(plan, visit)) continue
        fault.seen++
        if (fault.seen <= (fault.skip ?? 0) || fault.struck >= (fault.times ?? Number.POSITIVE_INFINITY)) continue
        fault.struck++
        return fault
      }
      return undefined
    },
  }
}
