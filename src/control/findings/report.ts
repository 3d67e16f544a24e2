import type { RequestContext } from '../../authentik/context.js'
import { documentedOperations } from '../../authentik/view.js'
import { RESOURCE_VIEWS } from '../../routes/resources.js'
import type { Masks } from '../../server/masking.js'
import { Recent } from '../../world/recent.js'
import type { Finding, Report } from '../bodies.js'
import type { Answered } from './answered.js'
import { type Findings, NOTHING, withFinding } from './findings.js'
import { createTokenUse, type SavedTokenUse, type TokenSighting } from './oauth-tokens.js'
import { type Found, RULES, type RuleName, type Severity } from './rules.js'
import { type Asks, createLookout, type ListSighting, type Sighting } from './sighting.js'

/** What the clients of a mock did, in all of its worlds: kept through resets, so that it is whole at the end. */
export interface Reporter {
  /** Returns what is wrong with the request, without secrets. */
  note(ctx: RequestContext, answered: Answered): Findings
  read(): Report
  /** Resolves once all is known here that other mocks saw; without it there are no others. */
  catchUp?(): Promise<void>
  clear(): Promise<void> | void
}

/** A report in the making. */
export interface Tally {
  /** Returns what is wrong with a request because of those before it. */
  add(sighting: Sighting): Found[]
  read(): Report
  clear(): void
  save(): SavedTally
  /** As it was saved; undefined: as it began. */
  restore(saved: SavedTally | undefined): void
}

/** All that a tally has, as plain JSON. */
export interface SavedTally {
  requests: number
  dropped: number
  noted: Pick<Finding, 'rule' | 'found' | 'request' | 'count'>[]
  statuses: [operation: string, counts: Record<string, number>][]
  lists: [list: string, ReadList][]
  lasts: [client: string, Last][]
  tokens: SavedTokenUse
}

const MAX_FINDINGS = 1000
const IN_A_ROW = 5
const NOTHING_LATE: Found[] = []

/** A list that a client began to read. */
interface ReadList {
  request: string
  target: string
  isAllRead: boolean
}

/** What a client asked for last, and how often in a row. */
interface Last extends Pick<Asks, 'state' | 'target'> {
  count: number
}

/**
 * @param shorten what a text that is only compared with others is remembered as
 * @param onSeen is told of every request, before its answer is waited for
 * @param tally what it is made of
 */
export function createReporter(
  masks: Masks,
  shorten: (text: string) => string = (text) => text,
  onSeen?: (sighting: Sighting) => void,
  tally = createTally(),
): Reporter {
  const see = createLookout(masks, shorten)
  return {
    note(ctx, answered) {
      const sighting = see(ctx, answered)
      onSeen?.(sighting)
      const late = tally.add(sighting)
      if (late.length === 0) return sighting.findings ?? NOTHING
      return late.reduce((all, { rule, found }) => withFinding(all, rule, found), sighting.findings ?? NOTHING)
    },
    read: tally.read,
    clear: tally.clear,
  }
}

export function createTally(): Tally {
  let requests = 0
  let dropped = 0
  const noted = new Map<string, Finding>()
  const statuses = new Map<string, Record<string, number>>()
  const lists = new Recent<ReadList>()
  const lasts = new Recent<Last>()
  const tokenUse = createTokenUse()

  function count(operation: string, status: number | null): void {
    const counts = statuses.get(operation) ?? {}
    const key = status ?? 'dropped'
    counts[key] = (counts[key] ?? 0) + 1
    statuses.set(operation, counts)
  }

  function keep({ rule, found }: Found, sighting: Sighting): void {
    const key = `${rule} ${found}`
    const known = noted.get(key)
    if (known !== undefined) known.count++
    else if (noted.size >= MAX_FINDINGS) dropped++
    else noted.set(key, findingOf(rule, found, requestOf(sighting)))
  }

  /** Whether a client asks for the same again and again. */
  function repeats({ client, state, target }: Asks): boolean {
    const last = lasts.get(client)
    if (last?.target === target && last.state === state) {
      last.count++
      lasts.touch(client)
      return last.count === IN_A_ROW
    }
    lasts.set(client, { state, target, count: 1 })
    return false
  }

  /** A page that was asked for, and not given, counts as read: the client did what it could. */
  function noteList({ list, target, isGiven, isLater }: ListSighting, sighting: Sighting): void {
    const known = lists.get(list)
    if (isGiven)
      lists.set(list, { request: requestOf(sighting), target, isAllRead: isLater || (known?.isAllRead ?? false) })
    else if (known !== undefined && known.target !== target) known.isAllRead = true
  }

  function lateOf(tokens: TokenSighting): Found[] {
    const late: Found[] = []
    tokenUse.note(tokens, (rule, found) => void late.push({ rule, found }))
    return late
  }

  function clear(): void {
    requests = 0
    dropped = 0
    for (const kept of [noted, statuses, lists, lasts, tokenUse]) kept.clear()
  }

  return {
    add(sighting) {
      const { operation, status, findings = NOTHING, list, asks, tokens } = sighting
      requests++
      if (operation !== undefined) count(operation, status)
      if (list !== undefined) noteList(list, sighting)
      const late = tokens === undefined ? NOTHING_LATE : lateOf(tokens)
      const isRepeated = asks !== undefined && repeats(asks)
      const all = isRepeated ? [...late, { rule: 'repeated-request' as const, found: sighting.path ?? '' }] : late
      for (const found of findings.list) keep(found, sighting)
      for (const found of all) keep(found, sighting)
      dropped += findings.further
      return all
    },
    read() {
      const unread = [...lists.values()].filter(({ isAllRead }) => !isAllRead).map(({ request }) => request)
      const late = [
        ...unread.map((request) => findingOf('unread-pages', request, request)),
        ...tokenUse.unused().map(({ found, request }) => findingOf('wide-scope', `${found}, never used`, request)),
      ]
      const all = [...noted.values(), ...late].sort((a, b) => rank(a) - rank(b) || b.count - a.count)
      // What authentik's own document does not promise is shown where somebody called it.
      const operations = RESOURCE_VIEWS.flatMap(documentedOperations)
        .filter(([, { operationId = '', undocumented }]) => !undocumented || statuses.has(operationId))
        .map(([, { operationId: operation = '' }]) => ({ operation, statuses: { ...statuses.get(operation) } }))
      return { requests, operations, findings: all, dropped, worst: all[0]?.severity ?? null }
    },
    clear,
    save: () => ({
      ...{ requests, dropped, statuses: [...statuses], lists: [...lists], lasts: [...lasts], tokens: tokenUse.save() },
      noted: [...noted.values()].map(({ rule, found, request, count }) => ({ rule, found, request, count })),
    }),
    restore(saved) {
      clear()
      if (saved === undefined) return
      requests = saved.requests
      dropped = saved.dropped
      for (const { rule, found, request, count } of saved.noted)
        noted.set(`${rule} ${found}`, { ...findingOf(rule as RuleName, found, request), count })
      for (const [operation, counts] of saved.statuses) statuses.set(operation, counts)
      for (const [list, read] of saved.lists) lists.set(list, read)
      for (const [client, last] of saved.lasts) lasts.set(client, last)
      tokenUse.restore(saved.tokens)
    },
  }
}

/** The findings that are at least as severe as that, the worst first. */
export function asSevereAs(severity: Severity, { findings }: Report): Finding[] {
  return findings.filter((finding) => rank(finding) <= rank({ severity }))
}

function rank({ severity }: { severity: Severity }): number {
  return severity === 'error' ? 0 : 1
}

function findingOf(rule: RuleName, found: string, request: string): Finding {
  return { rule, ...RULES[rule], found, request, count: 1 }
}

function requestOf({ request = '' }: Sighting): string {
  return request
}
