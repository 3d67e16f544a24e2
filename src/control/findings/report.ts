import { LRUCache } from 'lru-cache'
import type { RequestContext } from '../../authentik/context.js'
import { documentedOperations, operationOf } from '../../authentik/view.js'
import { RESOURCE_VIEWS } from '../../routes/resources.js'
import type { Masks } from '../../server/masking.js'
import type { Finding, Report } from '../bodies.js'
import { truncate } from '../truncate.js'
import type { Answered } from './answered.js'
import { type Add, type Findings, MAX_FOUND_LENGTH, NOTHING, withFinding } from './findings.js'
import { inspect } from './inspect.js'
import { createTokenUse } from './oauth-tokens.js'
import { type Found, RULES, type RuleName, type Severity } from './rules.js'

/** What the clients of a mock did, in all of its worlds: kept through resets, so that it is whole at the end. */
export interface Reporter {
  /** Returns what is wrong with the request, without secrets. */
  note(ctx: RequestContext, answered: Answered): Findings
  read(): Report
  clear(): void
}

const MAX_FINDINGS = 1000
/** Lists, and clients. */
const MAX_REMEMBERED = 1000
const MAX_REQUEST_LENGTH = 500
const MAX_CLIENT_LENGTH = 100
/** Longer targets are not remembered from one request to the next. */
const MAX_TARGET_LENGTH = 2_000
const IN_A_ROW = 5

/** A list that a client began to read. */
interface ReadList {
  method: string
  target: string
  isAllRead: boolean
}

/** What a client asked for last, and how often in a row. */
interface Last {
  target: string
  version: number
  count: number
}

/** @param seesAll whether clients ask nobody else: else nothing is said of what they did or did not ask before */
export function createReporter(masks: Masks, seesAll = true): Reporter {
  let requests = 0
  let dropped = 0
  const noted = new Map<string, Finding>()
  const statuses = new Map<string, Record<string, number>>()
  const lists = new LRUCache<string, ReadList>({ max: MAX_REMEMBERED })
  const lasts = new LRUCache<string, Last>({ max: MAX_REMEMBERED })
  const tokenUse = createTokenUse()

  function count(ctx: RequestContext, status: number | null): void {
    const operation = ctx.view && operationOf(ctx.view, ctx.method)
    if (operation === undefined) return
    const counts = statuses.get(operation) ?? {}
    const key = status ?? 'dropped'
    counts[key] = (counts[key] ?? 0) + 1
    statuses.set(operation, counts)
  }

  function keep({ rule, found }: Found, request: string): void {
    const key = `${rule} ${found}`
    const known = noted.get(key)
    if (known !== undefined) known.count++
    else if (noted.size >= MAX_FINDINGS) dropped++
    else noted.set(key, { rule, ...RULES[rule], found, request, count: 1 })
  }

  /** Whether a client asks for the same again and again. */
  function repeats(ctx: RequestContext): boolean {
    const { method, target, database } = ctx
    if (method !== 'GET' || target.length > MAX_TARGET_LENGTH) return false
    const client = clientOf(ctx)
    const last = lasts.get(client)
    if (last?.target !== target || last.version !== database.version) {
      lasts.set(client, { target, version: database.version, count: 1 })
      return false
    }
    last.count++
    return last.count === IN_A_ROW
  }

  /** A page that was asked for, and not given, counts as read: the client did what it could. */
  function noteList(ctx: RequestContext, isOwn: boolean): void {
    const { pagination, target } = ctx
    if (target.length > MAX_TARGET_LENGTH) return
    if (isOwn && (pagination === undefined || pagination.total_pages === 1)) return
    const key = `${clientOf(ctx)} ${target.replace(/([?&])page=[^&]*&?/, '$1').replace(/[?&]$/, '')}`
    const known = lists.get(key)
    if (!isOwn) {
      if (known !== undefined && known.target !== target) known.isAllRead = true
      return
    }
    const isAllRead = (pagination?.current ?? 1) > 1 || (known?.isAllRead ?? false)
    lists.set(key, { method: ctx.method, target, isAllRead })
  }

  /** As it was sent; of a query with a credential in it, nothing. */
  function requestOf({ method, target }: { method: string; target: string }, found: Found[] = []): string {
    const request = truncate(`${method} ${target}`, MAX_REQUEST_LENGTH)
    const masked = masks.mask(request, request.length >= MAX_REQUEST_LENGTH)
    return found.some(({ rule }) => rule === 'token-in-query') ? masked.replace(/\?.*/s, '?…') : masked
  }

  return {
    note(ctx, answered) {
      const { status, isOwn, isElsewhere, isDisturbed } = answered
      requests++
      count(ctx, status)
      if (isElsewhere) return NOTHING
      if (seesAll) noteList(ctx, isOwn)
      let findings = inspect(ctx, isOwn ? status : null)
      const add: Add = (rule, found) => {
        findings = withFinding(findings, rule, found)
      }
      tokenUse.note(ctx, answered, add)
      if (seesAll && !isDisturbed && repeats(ctx)) add('repeated-request', ctx.path)
      if (findings === NOTHING) return NOTHING
      const request = requestOf(ctx, findings.list)
      const list = findings.list.map(({ rule, found }) => ({
        rule,
        found: masks.mask(found, found.length >= MAX_FOUND_LENGTH),
      }))
      for (const each of list) keep(each, request)
      dropped += findings.further
      return { list, further: findings.further }
    },
    read() {
      const unread = [...lists.values()].filter(({ isAllRead }) => !isAllRead).map((list) => requestOf(list))
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
    clear() {
      requests = 0
      dropped = 0
      for (const kept of [noted, statuses, lists, lasts, tokenUse]) kept.clear()
    },
  }
}

/** Whether findings are as severe as that. */
export function fails({ worst }: Report, severity: Severity | undefined): boolean {
  return severity !== undefined && worst !== null && rank({ severity: worst }) <= rank({ severity })
}

function rank({ severity }: { severity: Severity }): number {
  return severity === 'error' ? 0 : 1
}

function clientOf(ctx: RequestContext): string {
  return `${ctx.world.name} ${ctx.token?.slice(0, MAX_CLIENT_LENGTH) ?? ''}`
}

/** What only shows once nothing more comes. */
function findingOf(rule: RuleName, found: string, request: string): Finding {
  return { rule, ...RULES[rule], found, request, count: 1 }
}
