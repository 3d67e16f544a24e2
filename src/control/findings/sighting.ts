import type { RequestContext } from '../../authentik/context.js'
import { operationOf } from '../../authentik/view.js'
import type { Masks } from '../../server/masking.js'
import { truncate } from '../journal/truncate.js'
import type { World } from '../worlds/world.js'
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
  /** Its operation id; undefined: it was no operation that is served. */
  operation?: string | undefined
  /** Null: the connection was dropped. */
  status: number | null
  /** What is wrong with it by itself. */
  findings?: Findings
  /** As it was sent, but without a query that has a credential in it. */
  request?: string
  path?: string
  list?: ListSighting | undefined
  asks?: Asks | undefined
  tokens?: TokenSighting | undefined
}

/** A page of a list. */
export interface ListSighting {
  /** The list and its client. */
  list: string
  /** Of the request, by which one page is told from another. */
  target: string
  /** Whether it was given. */
  isGiven: boolean
  /** Whether it is not the first one. */
  isLater: boolean
}

/** What a client asks for, to be compared with what it asked for before. */
export interface Asks {
  client: string
  /** Of the rows: another one after each change. */
  state: string | number
  target: string
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
    const { method, target } = ctx
    if (isDisturbed || method !== 'GET' || target.length > MAX_TARGET_LENGTH) return undefined
    return { client: shorten(clientOf(ctx)), state: stateOf(ctx), target: shorten(target) }
  }

  /** Few requests are spoken of: only those are put into words. */
  class Seen implements Sighting {
    readonly operation: string | undefined
    readonly status: number | null
    readonly findings: Findings
    readonly list: ListSighting | undefined
    readonly asks: Asks | undefined
    readonly tokens: TokenSighting | undefined
    readonly #ctx: RequestContext

    constructor(
      ctx: RequestContext,
      { status, isOwn, isDisturbed }: Answered,
      findings: Findings,
      tokens?: TokenSighting,
    ) {
      this.operation = operationIn(ctx)
      this.status = status
      this.findings = findings
      this.list = listOf(ctx, isOwn)
      this.asks = asksOf(ctx, isDisturbed)
      this.tokens = tokens
      this.#ctx = ctx
    }

    get request(): string {
      return requestOf(this.#ctx, this.findings.list)
    }

    get path(): string {
      return shown(this.#ctx.path)
    }

    toJSON(): Sighting {
      const { request, path } = this
      return { ...this, request, path }
    }
  }

  return function see(ctx: RequestContext, answered: Answered): Sighting {
    const { status, isOwn, isElsewhere } = answered
    if (isElsewhere) return { operation: operationIn(ctx), status }
    let findings = inspect(ctx, isOwn ? status : null)
    const add: Add = (rule, found) => {
      findings = withFinding(findings, rule, found)
    }
    const tokens = seeTokens(ctx, answered, (ctx.world as World).era, add)
    return new Seen(ctx, answered, findings === NOTHING ? NOTHING : maskedOf(findings), tokens)
  }

  function maskedOf({ list, further }: Findings): Findings {
    return { list: list.map(({ rule, found }) => ({ rule, found: shown(found) })), further }
  }
}

function operationIn({ view, method }: RequestContext): string | undefined {
  return view && operationOf(view, method)
}

let last = { world: '', token: '', client: ' ' }

/** Most requests are those of the client before. */
function clientOf({ world: { name }, token = '' }: RequestContext): string {
  if (last.world !== name || last.token !== token)
    last = { world: name, token, client: `${name} ${token.slice(0, MAX_CLIENT_LENGTH)}` }
  return last.client
}

/** What the rows of a world are, for all mocks that have it. */
function stateOf({ world, database }: RequestContext): Asks['state'] {
  const { replica } = world as World
  return replica === undefined ? database.version : `${replica.place.life} ${replica.place.position}`
}
