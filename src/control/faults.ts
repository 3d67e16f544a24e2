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

/** What browsers and crawlers ask every site for, without anybody wanting it. OAuth clients have questions of their own. */
const BROWSERS_OWN =
  /^\/(?:favicon[\w-]*\.\w+|apple-touch-icon[\w-]*\.png|apple-app-site-association|robots\.txt|browserconfig\.xml|\.well-known\/(?!oauth-|openid-|webfinger|jwks).*)$/s

/** A fault that names no path is not used up by such a request. */
function isBrowsersOwn(path: string): boolean {
  return BROWSERS_OWN.test(path)
}

export function createFaults(): Faults {
  let planned: { fault: Fault; path: RegExp | undefined }[] = []
  let lastId = 0

  function matches({ fault, path }: (typeof planned)[number], visit: Visit): boolean {
    return (
      (fault.method === undefined || fault.method.toUpperCase() === visit.method) &&
      (path === undefined ? !isBrowsersOwn(visit.path) : path.test(visit.path)) &&
      (fault.as === undefined || fault.as === tokenShown(visit)?.name)
    )
  }

  return {
    get list() {
      return planned.map(({ fault }) => fault)
    },
    add(seed) {
      const path = seed.path === undefined ? undefined : globOf(seed.path)
      const fault: Fault = { ...seed, id: String(++lastId), seen: 0, struck: 0 }
      planned.push({ fault, path })
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
