import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { RequestContext } from './context.js'

/** Whether a request came by https; what stands before authentik may say so. */
export function isByHttps({ socket, headers }: IncomingMessage): boolean {
  if ((socket as TLSSocket | undefined)?.encrypted) return true
  const [scheme = ''] = String(headers['x-forwarded-proto'] ?? '').split(',')
  return scheme.trim() === 'https'
}

/** Scheme and host that a client asked. */
export function hostOrigin({ request, database }: Pick<RequestContext, 'request' | 'database'>): string {
  const { host } = request.headers
  return host === undefined
    ? new URL(database.snapshot.baseUrl).origin
    : `${isByHttps(request) ? 'https' : 'http'}://${host}`
}

/** Where a client found authentik: scheme, host and what paths begin with. */
export function originOf(ctx: Pick<RequestContext, 'request' | 'database' | 'prefix'>): string {
  const { request, database, prefix } = ctx
  return request.headers.host === undefined ? database.snapshot.baseUrl.replace(/\/+$/, '') : hostOrigin(ctx) + prefix
}
