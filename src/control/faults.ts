import { tokenShown } from '../authentik/bearer-auth.js'
import type { RequestContext } from '../authentik/context.js'
import type { FaultChange } from '../world/change.js'
import type { Fault, FaultSeed } from './bodies.js'
import { globOf } from './glob.js'

/** What is to go wrong in a world. The first fault that is due strikes. */
export interface Faults {
  readonly list: Fault[]
  readonly size: number
  /** The fault that a seed becomes: to be added by a change. */
  plan(seed: FaultSeed): Fault
  has(id: string): boolean
  /** The fault that strikes this request, if one does, and what that changes. */
  match(ctx: RequestContext): { fault: Fault | undefined; changes: FaultChange[] }
  apply(change: FaultChange): void
}

/** What browsers and crawlers ask every site for, without anybody wanting it. OAuth clients have questions of their own. */
const BROWSERS_OWN =
  /^\/(?:favicon[\w-]*\.\w+|apple-touch-icon[\w-]*\.png|apple-app-site-association|robots\.txt|browserconfig\.xml|\.well-known\/(?!oauth-|openid-|webfinger|jwks).*)$/s

export function createFaults(): Faults {
  let planned: { fault: Fault; path: ((path: string) => boolean) | undefined }[] = []
  let lastId = 0

  /** A fault that names no path is not used up by what browsers ask by themselves. */
  function matches({ fault, path }: (typeof planned)[number], ctx: RequestContext): boolean {
    return (
      (fault.method === undefined || fault.method.toUpperCase() === ctx.method) &&
      (path === undefined ? !BROWSERS_OWN.test(ctx.path) : path(ctx.path)) &&
      (fault.as === undefined || fault.as === tokenShown(ctx)?.name)
    )
  }

  return {
    get list() {
      return planned.map(({ fault }) => fault)
    },
    get size() {
      return planned.length
    },
    plan: (seed) => ({ ...seed, id: String(lastId + 1), seen: 0, struck: 0 }),
    has: (id) => planned.some(({ fault }) => fault.id === id),
    match(ctx) {
      const changes: FaultChange[] = []
      for (const plan of planned) {
        const { fault } = plan
        if (!matches(plan, ctx)) continue
        const isDue = fault.seen >= (fault.skip ?? 0) && fault.struck < (fault.times ?? Number.POSITIVE_INFINITY)
        changes.push({ type: 'fault seen', id: fault.id, struck: isDue })
        if (isDue) return { fault, changes }
      }
      return { fault: undefined, changes }
    },
    apply(change) {
      switch (change.type) {
        case 'fault added': {
          const fault = change.fault as Fault
          planned.push({ fault: { ...fault }, path: fault.path === undefined ? undefined : globOf(fault.path) })
          lastId = Math.max(lastId, Number(fault.id))
          break
        }
        case 'fault removed':
          planned = planned.filter(({ fault }) => fault.id !== change.id)
          break
        case 'faults cleared':
          planned = []
          break
        case 'fault seen': {
          const seen = planned.find(({ fault }) => fault.id === change.id)?.fault
          if (seen === undefined) break
          seen.seen++
          if (change.struck) seen.struck++
        }
      }
    },
  }
}
