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
import { validityOf } from '../../world/kinds/granted.js'
import { cell } from '../../world/table.js'
import type { Answered } from './answered.js'
import type { Add } from './findings.js'

/** What clients do with the tokens that they get, seen over several requests. */
export interface TokenUse {
  note(ctx: RequestContext, answered: Answered, add: Add): void
  /** What clients were granted and did not use, in any world. */
  unused(): { found: string; request: string }[]
  clear(): void
}

/** What is remembered of a world until it begins anew. */
interface Memory {
  resets: number
  /** Grants that were refused as invalid, hashed. */
  refused: Set<string>
  /** Clients whose last refresh was answered without a new refresh token. */
  keeping: Set<string>
  /** Requests whose answers did not arrive as they were meant. */
  undelivered: Set<string>
}

/** Clients, grants, requests. */
const MAX_REMEMBERED = 1000
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

export function createTokenUse(): TokenUse {
  let memories = new WeakMap<Database, Memory>()
  const granted = new Map<string, { request: string; isUsed: boolean }>()

  function memoryOf(database: Database): Memory {
    const { resets } = database
    const known = memories.get(database)
    if (known?.resets === resets) return known
    const memory = { resets, refused: new Set<string>(), keeping: new Set<string>(), undelivered: new Set<string>() }
    memories.set(database, memory)
    return memory
  }

  function keepScope(found: string, use: { request: string; isUsed: boolean }): void {
    granted.set(found, use)
    forgetOldest(granted)
  }

  function noteScopes(ctx: RequestContext): void {
    const { database, touched, method, path } = ctx
    for (const { section, key } of touched?.made ?? []) {
      const scope = WATCHED[section]
      const row = database.table(section).get(key)
      if (scope === undefined || row === undefined || !(cell(row, 'scope') as string[]).includes(scope)) continue
      const found = `${clientOf(database, row)}: ${scope}`
      if (!granted.has(found)) keepScope(found, { request: `${method} ${path}`, isUsed: false })
    }
  }

  function use(client: string | undefined, scope: string): void {
    const found = `${client}: ${scope}`
    const known = granted.get(found)
    if (known === undefined) keepScope(found, { request: '', isUsed: true })
    else known.isUsed = true
  }

  function noteGrant(ctx: RequestContext, form: ReadonlyMap<string, string>, isOwn: boolean, add: Add): void {
    const { database, refusedAs } = ctx
    const grant = form.get('grant_type') ?? ''
    const client = readCredentials(ctx.request.headers.authorization, form, ctx.release.oauth2).id
    // Whoever is unknown may be called anything, at any length.
    if (database.providers.find('client_id', client) === undefined) return
    if (grant === 'refresh_token') noteRefresh(ctx, client, form.get('refresh_token') ?? '', isOwn, add)
    const shown = Object.hasOwn(SHOWN, grant) ? form.get(SHOWN[grant] ?? '') : undefined
    if (!isOwn || refusedAs !== 'invalid_grant' || shown === undefined) return
    const { refused } = memoryOf(database)
    const name = createHash('sha256').update(`${client} ${grant} ${shown}`).digest('base64url')
    if (refused.has(name)) add('retried-grant', `${grant} of ${client}`)
    remember(refused, name)
  }

  function noteRefresh(ctx: RequestContext, client: string, shown: string, isOwn: boolean, add: Add): void {
    const { keeping } = memoryOf(ctx.database)
    if (isOwn) {
      if (NO_TOKEN.includes(shown) && keeping.has(client)) add('dropped-token', client)
      judgeRefresh(ctx, shown, add)
    }
    use(client, OFFLINE_ACCESS)
    if (ctx.touched === undefined) return
    if (ctx.touched.made.some(isRefreshToken)) keeping.delete(client)
    else remember(keeping, client)
  }

  function judgeRefresh({ database, touched, refusedAs }: RequestContext, shown: string, add: Add): void {
    const rotated = touched?.ended.find(isRefreshToken)
    const find = () => (shown.includes('\0') ? undefined : findRefreshToken(database, shown))
    const row = rotated === undefined ? find() : database.refresh_tokens.get(rotated.key as number)
    if (row === undefined) return
    const { undelivered } = memoryOf(database)
    const events = database.history.of('refresh_tokens', row.pk) ?? []
    const is = `refresh token ${row.pk}`
    const yields = events.filter(({ made }) => made.some(isRefreshToken))
    const known = yields.filter(({ cause }) => !undelivered.has(cause?.request ?? ''))
    if (refusedAs === 'invalid_grant' && row.revoked && known.length > 0) {
      add('rotated-token', is)
      if (!known.flatMap(({ made }) => made).some((made) => isRefreshToken(made) && isUsed(database, made)))
        add('ignored-token', is)
    }
    if (touched === undefined) return
    if (yields.length > 1) add('parallel-refresh', is)
    else if (isEarly(events, validityOf(database.providers.get(row.provider)?.access_token_validity ?? '')))
      add('early-refresh', is)
  }

  return {
    note(ctx, { isOwn }, add) {
      const { database, form, view, touched, accessToken } = ctx
      if (touched !== undefined) noteScopes(ctx)
      if (touched !== undefined && !isOwn) remember(memoryOf(database).undelivered, ctx.id)
      if (accessToken !== undefined) use(clientOf(database, database.access_tokens.get(accessToken)), API_SCOPE)
      if (view?.route === 'token' && form !== undefined) noteGrant(ctx, form, isOwn, add)
    },
    unused: () =>
      [...granted].filter(([, { isUsed }]) => !isUsed).map(([client, { request }]) => ({ found: client, request })),
    clear() {
      memories = new WeakMap()
      granted.clear()
    },
  }
}

function remember(names: Set<string>, name: string): void {
  names.add(name)
  forgetOldest(names)
}

function forgetOldest(kept: Set<string> | Map<string, unknown>): void {
  if (kept.size > MAX_REMEMBERED) kept.delete(kept.keys().next().value as string)
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
