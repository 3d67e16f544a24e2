import { tokenShown } from '../../authentik/bearer-auth.js'
import type { RequestContext } from '../../authentik/context.js'
import type { FaultChange, GateChange } from '../../world/change.js'
import type { Fault, FaultSeed } from '../bodies.js'
import type { OAuthSeen } from '../findings/oauth-seen.js'
import { globOf } from '../glob.js'
import { isProbe } from '../health-probe.js'
import { changeGroups, type Group } from './gate-groups.js'
import { PRESETS } from './presets.js'

/** What is to go wrong in a world. The first fault that is due strikes. */
export interface Faults {
  readonly list: Fault[]
  readonly size: number
  /** Whether any of them asks for what only the form of a request tells. */
  readonly asksForm: boolean
  /** The fault that a seed becomes: to be added by a change. */
  plan(seed: FaultSeed): Fault
  /** The fault that strikes this request, if one does, and what that changes. */
  match(ctx: RequestContext, seen?: OAuthSeen): { fault: Fault | undefined; changes: FaultChange[] }
  /** Calls back once a fault is no more. */
  whenGone(fault: Fault, then: () => void): void
  /** The groups of requests that wait for each other, where several mocks share them. */
  readonly groups: { fault: Fault; group: Group }[]
  apply(change: FaultChange | GateChange): void
  /** All of them as plain JSON. */
  save(): SavedFaults
  restore(saved: SavedFaults): void
}

export interface SavedFaults {
  list: Fault[]
  lastId: number
  /** By the id of the fault. */
  groups: [id: string, groups: Group[]][]
}

/** What browsers and crawlers ask every site for, without anybody wanting it. OAuth clients have questions of their own. */
const BROWSERS_OWN =
  /^\/(?:favicon[\w-]*\.\w+|apple-touch-icon[\w-]*\.png|apple-app-site-association|robots\.txt|browserconfig\.xml|\.well-known\/(?!oauth-|openid-|webfinger|jwks).*)$/s

const DETAILS = ['grant', 'client', 'user'] as const

/** What a fault says of the requests that it is for, or else its preset. */
function wished(fault: Fault, name: 'path' | (typeof DETAILS)[number]): string | undefined {
  return fault[name] ?? (fault.preset && (PRESETS[fault.preset].only as Record<string, string> | undefined)?.[name])
}

export function createFaults(): Faults {
  let planned: { fault: Fault; path: ((path: string) => boolean) | undefined; groups: Group[] }[] = []
  let lastId = 0
  const watched = new WeakMap<Fault, () => void>()

  /** A fault that names no path is not used up by what browsers and probes ask by themselves. */
  function matches({ fault, path }: (typeof planned)[number], ctx: RequestContext, seen?: OAuthSeen): boolean {
    return (
      (fault.method === undefined || fault.method.toUpperCase() === ctx.method) &&
      (path === undefined ? !BROWSERS_OWN.test(ctx.path) && !isProbe(ctx) : path(ctx.path)) &&
      (fault.as === undefined || fault.as === tokenShown(ctx)?.name) &&
      DETAILS.every((name) => wished(fault, name) === undefined || wished(fault, name) === seen?.[name])
    )
  }

  function add(fault: Fault): void {
    const path = wished(fault, 'path')
    planned.push({ fault: { ...fault }, path: path === undefined ? undefined : globOf(path), groups: [] })
    lastId = Math.max(lastId, Number(fault.id))
  }

  function remove(isGone: (fault: Fault) => boolean): void {
    const gone = planned.filter(({ fault }) => isGone(fault))
    planned = planned.filter(({ fault }) => !isGone(fault))
    // What goes with it may be no more than half done.
    for (const { fault } of gone) {
      const then = watched.get(fault)
      if (then !== undefined) setImmediate(then)
    }
  }

  return {
    whenGone: (fault, then) => void watched.set(fault, then),
    get list() {
      return planned.map(({ fault }) => fault)
    },
    get size() {
      return planned.length
    },
    plan: (seed) => ({ ...seed, id: String(lastId + 1), seen: 0, struck: 0 }),
    get asksForm() {
      return planned.some(({ fault }) => DETAILS.some((name) => wished(fault, name) !== undefined))
    },
    match(ctx, seen) {
      const changes: FaultChange[] = []
      for (const plan of planned) {
        const { fault } = plan
        if (!matches(plan, ctx, seen)) continue
        const isDue = fault.seen >= (fault.skip ?? 0) && fault.struck < (fault.times ?? Number.POSITIVE_INFINITY)
        changes.push({ type: 'fault seen', id: fault.id, struck: isDue })
        if (isDue) return { fault, changes }
      }
      return { fault: undefined, changes }
    },
    apply(change) {
      switch (change.type) {
        case 'fault added':
          add(change.fault as Fault)
          break
        case 'fault removed':
          remove(({ id }) => id === change.id)
          break
        case 'faults cleared':
          remove(() => true)
          break
        case 'fault seen': {
          const seen = planned.find(({ fault }) => fault.id === change.id)?.fault
          if (seen === undefined) break
          seen.seen++
          if (change.struck) seen.struck++
          break
        }
        case 'gate entered':
        case 'gate opened':
        case 'gate passed': {
          const plan = planned.find(({ fault }) => fault.id === change.id)
          if (plan !== undefined) plan.groups = changeGroups(plan.groups, plan.fault, change)
        }
      }
    },
    get groups() {
      return planned.flatMap(({ fault, groups }) => groups.map((group) => ({ fault, group })))
    },
    save: () => ({
      list: planned.map(({ fault }) => fault),
      lastId,
      groups: planned.filter(({ groups }) => groups.length > 0).map(({ fault, groups }) => [fault.id, groups]),
    }),
    restore(saved) {
      planned = []
      for (const fault of saved.list) add(fault)
      const groups = new Map(saved.groups)
      for (const plan of planned) plan.groups = groups.get(plan.fault.id) ?? []
      lastId = saved.lastId
    },
  }
}
