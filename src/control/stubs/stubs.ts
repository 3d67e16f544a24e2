import { distance } from 'fastest-levenshtein'
import type { RequestContext } from '../../authentik/context.js'
import type { Masks } from '../../server/masking.js'
import type { StubChange } from '../../world/change.js'
import { hasTemplate } from '../../world/stubs/prepare.js'
import { stubBytes } from '../../world/stubs/too-many-stubs.js'
import type { Stub, StubSeed } from '../bodies.js'
import { type Matcher, matcherOf } from './stub-match.js'

/** The answers of a world for what the mock does not serve, or in the place of what it serves. The newest that matches answers. */
export interface Stubs {
  readonly list: Stub[]
  readonly size: number
  /** What they take, about. */
  readonly bytes: number
  /** Whether any of them looks at the body of a request for this path. */
  readsBody(path: string): boolean
  nextId(): string
  /** The stub that answers this request, if one does, and what that changes. */
  match(ctx: RequestContext, body: unknown): { stub: Found | undefined; changes: StubChange[] }
  /** The stub that was nearest to answering, and what differed. Undefined: none was near. */
  closest(ctx: RequestContext, body: unknown, mask: Masks['mask']): Closest | undefined
  apply(change: StubChange): void
  /** Has those of the fixtures again. */
  begin(seeds: StubSeed[]): void
  /** All of them as plain JSON. */
  save(): SavedStubs
  restore(saved: SavedStubs): void
}

export interface SavedStubs {
  list: Stub[]
  lastId: number
}

export interface Found {
  stub: Stub
  /** The values of the names in its path. */
  names: Record<string, string>
}

/** A near miss. */
export interface Closest {
  stub: string
  differs: string[]
}

interface Planned {
  stub: Stub
  matcher: Matcher
  isCurious: boolean
  bytes: number
}

/** Of a path, as much as is compared. */
const MAX_COMPARED = 200
/** More are not told. */
const MAX_DIFFERENCES = 10
/** Which part of a path may be another one. */
const MAX_OTHER = 0.4
/** A stub for another path is farther away than any for this one. */
const OTHER_PATH = 100

/** The path that a pattern stands for where it is held against this one. */
function likely(pattern: string, path: string): string {
  const parts = path.split('/')
  const isOpen = (segment: string) => segment === '*' || /^\{\w+\}$/.test(segment)
  return pattern
    .split('/')
    .map((segment, i) => (isOpen(segment) ? (parts[i] ?? segment) : segment))
    .join('/')
}

export function createStubs(seeds: StubSeed[] = []): Stubs {
  let planned: Planned[] = []
  let lastId = 0

  function add(id: string, seed: StubSeed): void {
    const isCurious = seed.request_body !== undefined || (hasTemplate(seed) && /body/.test(JSON.stringify(seed)))
    planned.push({
      stub: { ...seed, id, seen: 0, answered: 0 },
      matcher: matcherOf(seed),
      isCurious,
      bytes: stubBytes(seed),
    })
    lastId = Math.max(lastId, Number(id))
  }

  function begin(seeds: StubSeed[]): void {
    planned = []
    lastId = 0
    for (const seed of seeds) add(String(lastId + 1), seed)
  }

  const isDue = ({ seen, answered, skip = 0, times = Number.POSITIVE_INFINITY }: Stub) =>
    seen >= skip && answered < times

  begin(seeds)
  return {
    get list() {
      return planned.map(({ stub }) => stub)
    },
    get size() {
      return planned.length
    },
    get bytes() {
      return planned.reduce((sum, { bytes }) => sum + bytes, 0)
    },
    readsBody: (path) => planned.some(({ matcher, isCurious }) => isCurious && matcher.hasPath(path)),
    nextId: () => String(lastId + 1),
    match(ctx, body) {
      const changes: StubChange[] = []
      for (const { stub, matcher } of planned.toReversed()) {
        if (matcher.differences(ctx, body, 1, String).length > 0) continue
        const answered = isDue(stub)
        changes.push({ type: 'stub seen', id: stub.id, answered })
        if (answered) return { stub: { stub, names: matcher.namesIn(ctx.path) }, changes }
      }
      return { stub: undefined, changes }
    },
    closest(ctx, body, mask) {
      let [nearest, least]: [Closest | undefined, number] = [undefined, Number.POSITIVE_INFINITY]
      for (const { stub, matcher } of planned.toReversed()) {
        const differs = matcher.differences(ctx, body, MAX_DIFFERENCES, mask)
        if (differs.length === 0) differs.push(`it has answered, or let pass, as many as it says (seen ${stub.seen})`)
        const isOther = !matcher.hasPath(ctx.path)
        const path = ctx.path.slice(0, MAX_COMPARED)
        const atLeast = isOther ? OTHER_PATH + Math.abs(stub.path.length - path.length) : 0
        if (differs.length + atLeast >= least) continue
        const far = isOther ? distance(likely(stub.path, path), path) : 0
        // A stub for quite another path was never meant.
        if (far > path.length * MAX_OTHER) continue
        const away = differs.length + (isOther ? OTHER_PATH + far : 0)
        if (away < least) [nearest, least] = [{ stub: stub.id, differs }, away]
      }
      return nearest
    },
    apply(change) {
      switch (change.type) {
        case 'stub added':
          return add(change.id, change.seed)
        case 'stub removed':
          planned = planned.filter(({ stub }) => stub.id !== change.id)
          return
        case 'stubs cleared':
          planned = []
          return
        case 'stub seen': {
          const seen = planned.find(({ stub }) => stub.id === change.id)?.stub
          if (seen === undefined) return
          seen.seen++
          if (change.answered) seen.answered++
        }
      }
    },
    begin,
    save: () => ({ list: planned.map(({ stub }) => stub), lastId }),
    restore(saved) {
      planned = []
      for (const { id, seen, answered, ...seed } of saved.list) {
        add(id, seed)
        Object.assign(planned.at(-1)?.stub ?? {}, { seen, answered })
      }
      lastId = saved.lastId
    },
  }
}
