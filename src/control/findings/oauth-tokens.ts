import { createHash } from 'node:crypto'
import { API_SCOPE } from '../../authentik/bearer-auth.js'
import type { RequestContext } from '../../authentik/context.js'
import { readCredentials } from '../../oauth2/client-auth.js'
import { findRefreshToken } from '../../oauth2/find.js'
import { OFFLINE_ACCESS } from '../../oauth2/scopes.js'
import type { Database } from '../../world/database.js'
import type { RowEvent, RowName } from '../../world/history.js'
import { microsOf } from '../../world/instant.js'
import type { AccessToken } from '../../world/kinds/access-tokens.js'
import { validityOf } from '../../world/kinds/shared/granted.js'
import { Recent } from '../../world/recent.js'
import { cell } from '../../world/table.js'
import type { Answered } from './answered.js'
import type { Add } from './findings.js'

/** What a client does with the tokens that it gets, as one request shows it. */
export interface TokenSighting {
  /** The world, since it began. */
  era: string
  /** Scopes that it was granted whose use shows. */
  granted: { found: string; request: string }[]
  /** Scopes that it used. */
  used: string[]
  /** The request, where its answer did not arrive as it was meant. */
  undelivered: string | undefined
  grant: GrantSighting | undefined
}

interface GrantSighting {
  client: string
  /** The grant type. */
  type: string
  /** What was refused as invalid, hashed. */
  refused: string | undefined
  /** Whether it refreshed without a token. */
  isEmpty: boolean
  /** Whether it was answered with a refresh token; undefined: it was no refresh, or refused. */
  isRenewed: boolean | undefined
  /** It showed a refresh token that is no more. */
  rotated: RotatedSighting | undefined
}

interface RotatedSighting {
  found: string
  /** The requests that others came of in its place, and whether those were used. */
  yields: { request: string; isUsed: boolean }[]
}

/** Several of those, in their order. */
export interface TokenUse {
  note(sighting: TokenSighting, add: Add): void
  /** What clients were granted and did not use, in any world. */
  unused(): { found: string; request: string }[]
  clear(): void
  save(): SavedTokenUse
  restore(saved: SavedTokenUse): void
}

export interface SavedTokenUse {
  refused: string[]
  keeping: string[]
  undelivered: string[]
  granted: [found: string, use: ScopeUse][]
}

interface ScopeUse {
  request: string
  isUsed: boolean
}

/** So many requests that a refresh token was used in are looked at. */
const MAX_YIELDS = 20
/** A refresh before this part of the life of an access token is early. */
const EARLY = 0.5
/** What a client sends that kept nothing: the names that languages have for it. */
const NO_TOKEN = ['', 'undefined', 'null', 'None', 'nil']
/** What a client shows, by grant type. */
const SHOWN: Record<string, string> = {
  authorization_code: 'code',
  refresh_token: 'refresh_token',
  password: 'password',
  'urn:ietf:params:oauth:grant-type:device_code': 'device_code',
}
/** The scopes whose use shows, and the tokens that show that they were granted. */
const WATCHED: Record<string, string> = { refresh_tokens: OFFLINE_ACCESS, access_tokens: API_SCOPE }

/**
 * @param era the world, since it began
 * @param add is told what is wrong with the request by itself
 */
export function seeTokens(ctx: RequestContext, { isOwn }: Answered, era: string, add: Add): TokenSighting | undefined {
  const { database, form, view, touched, accessToken } = ctx
  const isGrant = view?.route === 'token' && form !== undefined
  if (touched === undefined && accessToken === undefined && !isGrant) return undefined
  const granted = touched === undefined ? [] : scopesOf(ctx)
  const used = accessToken === undefined ? [] : [clientOf(database, database.access_tokens.get(accessToken))]
  return {
    era,
    granted,
    used: used.map((client) => `${client}: ${API_SCOPE}`),
    undelivered: touched !== undefined && !isOwn ? ctx.id : undefined,
    grant: isGrant ? grantOf(ctx, form, isOwn, add) : undefined,
  }
}

function scopesOf({ database, touched, method, path }: RequestContext): TokenSighting['granted'] {
  const granted: TokenSighting['granted'] = []
  for (const { section, key } of touched?.made ?? []) {
    const scope = WATCHED[section]
    const row = scope === undefined ? undefined : database.table(section).get(key)
    if (scope !== undefined && row !== undefined && (cell(row, 'scope') as string[]).includes(scope))
      granted.push({ found: `${clientOf(database, row)}: ${scope}`, request: `${method} ${path}` })
  }
  return granted
}

function grantOf(
  ctx: RequestContext,
  form: ReadonlyMap<string, string>,
  isOwn: boolean,
  add: Add,
): GrantSighting | undefined {
  const { database, refusedAs, touched } = ctx
  const type = form.get('grant_type') ?? ''
  const client = readCredentials(ctx.request.headers.authorization, form, ctx.release.oauth2).id
  // Whoever is unknown may be called anything, at any length.
  if (database.providers.find('client_id', client) === undefined) return undefined
  const isRefresh = type === 'refresh_token'
  const token = form.get('refresh_token') ?? ''
  const shown = Object.hasOwn(SHOWN, type) ? form.get(SHOWN[type] ?? '') : undefined
  const isRefused = isOwn && refusedAs === 'invalid_grant' && shown !== undefined
  return {
    client,
    type: Object.hasOwn(SHOWN, type) ? type : '',
    refused: isRefused ? createHash('sha256').update(`${client} ${type} ${shown}`).digest('base64url') : undefined,
    isEmpty: isRefresh && isOwn && NO_TOKEN.includes(token),
    isRenewed: isRefresh ? touched?.made.some(isRefreshToken) : undefined,
    rotated: isRefresh && isOwn ? judgeRefresh(ctx, token, add) : undefined,
  }
}

function judgeRefresh(ctx: RequestContext, shown: string, add: Add): RotatedSighting | undefined {
  const { database, touched, refusedAs } = ctx
  const ended = touched?.ended.find(isRefreshToken)
  const find = () => (shown.includes('\0') ? undefined : findRefreshToken(database, shown))
  const row = ended === undefined ? find() : database.refresh_tokens.get(ended.key as number)
  if (row === undefined) return undefined
  const events = database.history.of('refresh_tokens', row.pk) ?? []
  const found = `refresh token ${row.pk}`
  const yields = events.filter(({ made }) => made.some(isRefreshToken))
  if (touched !== undefined) {
    if (yields.length > 1) add('parallel-refresh', found)
    else if (isEarly(events, validityOf(database.providers.get(row.provider)?.access_token_validity ?? '')))
      add('early-refresh', found)
  }
  if (refusedAs !== 'invalid_grant' || !row.revoked) return undefined
  return {
    found,
    yields: yields.slice(0, MAX_YIELDS).map(({ cause, made }) => ({
      request: cause?.request ?? '',
      isUsed: made.some((one) => isRefreshToken(one) && isUsed(database, one)),
    })),
  }
}

export function createTokenUse(): TokenUse {
  /** Grants that were refused as invalid. */
  const refused = new Recent()
  /** Clients whose last refresh was answered without a new refresh token. */
  const keeping = new Recent()
  /** Requests whose answers did not arrive as they were meant. */
  const undelivered = new Recent()
  const granted = new Recent<ScopeUse>()

  function noteGrant(era: string, grant: GrantSighting, add: Add): void {
    const client = `${era} ${grant.client}`
    if (grant.isEmpty && keeping.has(client)) add('dropped-token', grant.client)
    if (grant.rotated !== undefined) judge(era, grant.rotated, add)
    if (grant.type === 'refresh_token') use(`${grant.client}: ${OFFLINE_ACCESS}`)
    if (grant.isRenewed === true) keeping.delete(client)
    if (grant.isRenewed === false) keeping.set(client, true)
    if (grant.refused === undefined) return
    const name = `${era} ${grant.refused}`
    if (refused.has(name)) add('retried-grant', `${grant.type} of ${grant.client}`)
    refused.set(name, true)
  }

  /** Who never heard of the new one may send the old one again. */
  function judge(era: string, { found, yields }: RotatedSighting, add: Add): void {
    const known = yields.filter(({ request }) => !undelivered.has(`${era} ${request}`))
    if (known.length === 0) return
    add('rotated-token', found)
    if (!known.some(({ isUsed }) => isUsed)) add('ignored-token', found)
  }

  function use(found: string): void {
    const known = granted.get(found)
    if (known?.isUsed) granted.touch(found)
    else granted.set(found, { request: known?.request ?? '', isUsed: true })
  }

  return {
    note({ era, granted: scopes, used, undelivered: request, grant }, add) {
      for (const { found, request } of scopes) if (!granted.has(found)) granted.set(found, { request, isUsed: false })
      if (request !== undefined) undelivered.set(`${era} ${request}`, true)
      for (const found of used) use(found)
      if (grant !== undefined) noteGrant(era, grant, add)
    },
    unused: () => [...granted].filter(([, { isUsed }]) => !isUsed).map(([found, { request }]) => ({ found, request })),
    clear() {
      for (const kept of [refused, keeping, undelivered, granted]) kept.clear()
    },
    save: () => ({
      ...{ refused: [...refused.keys()], keeping: [...keeping.keys()], undelivered: [...undelivered.keys()] },
      granted: [...granted],
    }),
    restore(saved) {
      for (const name of saved.refused) refused.set(name, true)
      for (const name of saved.keeping) keeping.set(name, true)
      for (const name of saved.undelivered) undelivered.set(name, true)
      for (const [found, use] of saved.granted) granted.set(found, use)
    },
  }
}

function clientOf(database: Database, token: unknown): string | undefined {
  return database.providers.get((token as AccessToken | undefined)?.provider ?? 0)?.client_id
}

const isRefreshToken = ({ section }: RowName) => section === 'refresh_tokens'

/** Whether a token yielded others. */
function isUsed({ history }: Database, { section, key }: RowName): boolean {
  return history.of(section, key)?.some(({ made }) => made.length > 0) ?? false
}

function isEarly(events: readonly RowEvent[], validity: number): boolean {
  const [first] = events
  const last = events.at(-1)
  if (first?.what !== 'issued' || first.cause === undefined || last?.cause === undefined) return false
  return microsOf(last.cause.at) - microsOf(first.cause.at) < EARLY * validity
}
