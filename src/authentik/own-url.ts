import type { RequestContext } from './context.js'

/** Scheme and host that a client asked. */
export function hostOrigin({ request, database, isSecure }: RequestContext): string {
  const { host } = request.headers
  return host === undefined ? new URL(database.snapshot.baseUrl).origin : `${isSecure ? 'https' : 'http'}://${host}`
}

/** Where a client found authentik: scheme, host and what paths begin with. */
export function originOf(ctx: RequestContext): string {
  const { request, database, prefix } = ctx
  return request.headers.host === undefined ? database.snapshot.baseUrl.replace(/\/+$/, '') : hostOrigin(ctx) + prefix
}
