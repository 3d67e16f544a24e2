import type { RequestContext } from '../../authentik/context.js'
import { operationOf } from '../../authentik/view.js'
import type { Masks } from '../../server/masking.js'
import { truncate } from '../truncate.js'
import type { World } from '../world.js'
import type { Answered } from './answered.js'
import { type Add, type Findings, MAX_FOUND_LENGTH, NOTHING, withFinding } from './findings.js'
import { inspect } from './inspect.js'
import { seeTokens, type TokenSighting } from './oauth-tokens.js'
import type { Found } from './rules.js'

/**
 * What one request says about its client, without secrets and as plain JSON. Of all of them, in their order, a report is
 * made: by the mock that saw them, or by any of those that share a store.
 */
export interface Sighting {
  /** By its operation id; without it, it was none. */
  operation?: string | undefined
  /** Null: the connection was dropped. */
  status: number | null
  /** What is wrong with it by itself. */
  findings?: Findings
  /** As it was sent; of a query with a credential in it, nothing. */
  request?: string
  list?: ListSighting | undefined
  asks?: Asks | undefined
  tokens?: TokenSighting | undefined
}

/** A page of a list. */
interface ListSighting {
  /** The list and its client. */
  list: string
  /** Which page was asked for, in what words. */
  target: string
  /** Whether it was given. */
  isGiven: boolean
  /** Whether it is not the first one. */
  isLater: boolean
}

/** What a client asks for: the same once more, if nothing changed. */
interface Asks {
  client: string
  target: string
  path: string
}

/** Longer targets are not remembered from one request to the next. */
const MAX_TARGET_LENGTH = 2_000
const MAX_REQUEST_LENGTH = 500
const MAX_CLIENT_LENGTH = 100

/** @param shorten what a text that is only compared with others is remembered as */
export function createLookout(masks: Masks, shorten: (text: string) => string) {
  function shown(found: string): string {
    const isLong = found.length >= MAX_FOUND_LENGTH
    return masks.mask(isLong ? truncate(found, MAX_FOUND_LENGTH) : found, isLong)
  }

  function requestOf({ method, target }: RequestContext, found: Found[]): string {
    const request = truncate(`${method} ${target}`, MAX_REQUEST_LENGTH)
    const masked = masks.mask(request, request.length >= MAX_REQUEST_LENGTH)
    return found.some(({ rule }) => rule === 'token-in-query') ? masked.replace(/\?.*/s, '?…') : masked
  }

  function listOf(ctx: RequestContext, isGiven: boolean): ListSighting | undefined {
    const { pagination, target } = ctx
    if (target.length > MAX_TARGET_LENGTH) return undefined
    if (isGiven && (pagination === undefined || pagination.total_pages === 1)) return undefined
    const list = `${clientOf(ctx)} ${target.replace(/([?&])page=[^&]*&?/, '$1').replace(/[?&]$/, '')}`
    return { list: shorten(list), target: shorten(target), isGiven, isLater: (pagination?.current ?? 1) > 1 }
  }

  function asksOf(ctx: RequestContext, isDisturbed: boolean): Asks | undefined {
    const { method, target, path } = ctx
    if (isDisturbed || method !== 'GET' || target.length > MAX_TARGET_LENGTH) return undefined
    return {
      client: shorten(clientOf(ctx)),
      target: shorten(`${stateOf(ctx)} ${target}`),
      get path() {
        return shown(path)
      },
    }
  }

  return function see(ctx: RequestContext, answered: Answered): Sighting {
    const { status, isOwn, isElsewhere, isDisturbed } = answered
    const operation = ctx.view && operationOf(ctx.view, ctx.method)
    if (isElsewhere) return { operation, status }
    let findings = inspect(ctx, isOwn ? status : null)
    const add: Add = (rule, found) => {
      findings = withFinding(findings, rule, found)
    }
    const tokens = seeTokens(ctx, answered, (ctx.world as World).era, add)
    const list = findings.list.map(({ rule, found }) => ({ rule, found: shown(found) }))
    return {
      operation,
      status,
      findings: list.length === 0 ? NOTHING : { list, further: findings.further },
      get request() {
        return requestOf(ctx, list)
      },
      list: listOf(ctx, isOwn),
      asks: asksOf(ctx, isDisturbed),
      tokens,
    }
  }
}

function clientOf(ctx: RequestContext): string {
  return `${ctx.world.name} ${ctx.token?.slice(0, MAX_CLIENT_LENGTH) ?? ''}`
}

/** What the rows of a world are, for all mocks that have it. */
function stateOf({ world, database }: RequestContext): string {
  const { replica } = world as World
  return replica === undefined ? String(database.version) : `${replica.place.life} ${replica.place.position}`
}
