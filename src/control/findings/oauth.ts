import type { RequestContext } from '../../authentik/context.js'
import { findRefreshToken } from '../../oauth2/find.js'
import type { RowEvent } from '../../world/history.js'
import { microsOf } from '../../world/instant.js'
import { validityOf } from '../../world/kinds/granted.js'
import type { Add } from './findings.js'

/** Holds a request to an OAuth2 endpoint against what its client should do, whatever authentik lets pass. */

const SECRETS = ['client_secret', 'refresh_token', 'code_verifier', 'password', 'device_code']
/** A refresh before this part of the life of an access token is early. */
const EARLY = 0.5

export function inspectOAuth(ctx: RequestContext, status: number | null, add: Add): void {
  for (const name of SECRETS) if (ctx.parameter(name) !== undefined) add('secret-in-query', name)
  const { form, view } = ctx
  if (view?.route === 'authorize') inspectAuthorize(ctx, add)
  if (view?.route !== 'token' || form === undefined || status === null) return
  const hasBasic = /^Basic\s/.test(ctx.request.headers.authorization ?? '')
  if (hasBasic && form.has('client_secret')) add('two-credentials', 'client_secret')
  if (form.get('grant_type') === 'refresh_token') inspectRefresh(ctx, form.get('refresh_token') ?? '', status, add)
}

function inspectAuthorize(ctx: RequestContext, add: Add): void {
  const { database } = ctx
  const has = (name: string) => Boolean(ctx.parameter(name))
  const client = database.providers.find('client_id', ctx.parameter('client_id') ?? '')
  if (client === undefined) return
  if (client.client_type === 'public' && !has('code_challenge')) add('no-pkce', client.client_id)
  if (!has('state') && !has('nonce') && !has('code_challenge')) add('no-state', client.client_id)
}

function inspectRefresh({ database }: RequestContext, shown: string, status: number, add: Add): void {
  const row = shown.includes('\0') ? undefined : findRefreshToken(database, shown)
  if (row === undefined) return
  const events = database.history.of('refresh_tokens', row.pk) ?? []
  const is = `refresh token ${row.pk}`
  const yields = events.filter(({ made }) => made.some(({ section }) => section === 'refresh_tokens'))
  if (status === 400 && row.revoked && yields.length > 0) add('rotated-token', is)
  if (status !== 200) return
  if (yields.length > 1) add('parallel-refresh', is)
  else if (isEarly(events, validityOf(database.providers.get(row.provider)?.access_token_validity ?? '')))
    add('early-refresh', is)
}

function isEarly(events: readonly RowEvent[], validity: number): boolean {
  const [first] = events
  const last = events.at(-1)
  if (first?.what !== 'issued' || first.cause === undefined || last?.cause === undefined) return false
  return microsOf(last.cause.at) - microsOf(first.cause.at) < EARLY * validity
}
