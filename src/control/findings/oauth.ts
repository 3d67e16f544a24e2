import type { RequestContext } from '../../authentik/context.js'
import type { Add } from './findings.js'

/** Holds one request to an OAuth2 endpoint against what its client should do, whatever authentik lets pass. */

const SECRETS = ['client_secret', 'refresh_token', 'code_verifier', 'password', 'device_code']

export function inspectOAuth(ctx: RequestContext, status: number | null, add: Add): void {
  for (const name of SECRETS) if (ctx.parameter(name) !== undefined) add('secret-in-query', name)
  const { form, view } = ctx
  if (view?.route === 'authorize') inspectAuthorize(ctx, add)
  if (view?.route !== 'token' || form === undefined || status === null) return
  const hasBasic = /^Basic\s/.test(ctx.request.headers.authorization ?? '')
  if (hasBasic && form.has('client_secret')) add('two-credentials', 'client_secret')
}

function inspectAuthorize(ctx: RequestContext, add: Add): void {
  const { database } = ctx
  const has = (name: string) => Boolean(ctx.parameter(name))
  const client = database.providers.find('client_id', ctx.parameter('client_id') ?? '')
  if (client === undefined) return
  if (client.client_type === 'public' && !has('code_challenge')) add('no-pkce', client.client_id)
  if (!has('state') && !has('nonce') && !has('code_challenge')) add('no-state', client.client_id)
  if (!(ctx.parameter('scope') ?? '').trim()) add('wide-scope', `${client.client_id}: no scope at all`)
}
