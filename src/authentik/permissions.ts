import { isSuperuser } from '../world/computed-fields.js'
import type { User } from '../world/kinds/users.js'
import type { Answer } from './answer.js'
import type { RequestContext } from './context.js'
import { notAuthenticated, permissionDenied } from './errors.js'
import type { Resource } from './resource.js'

/** What an unsafe method on a list asks a permission for, before it turns out that the list does not know it. */
const UNSAFE_METHODS: Record<string, string> = { POST: 'add', PUT: 'change', PATCH: 'change', DELETE: 'delete' }

export function hasPermission(ctx: RequestContext, permission: string): boolean {
  const { caller } = ctx
  if (caller === undefined) return false
  return isAdministrator(ctx, caller) || (caller.permissions as string[]).includes(permission)
}

/** Refuses a caller without a permission. */
export function requirePermission(ctx: RequestContext, permission: string): Answer | undefined {
  if (hasPermission(ctx, permission)) return undefined
  ctx.reason = `permission ${permission} is missing`
  return permissionDenied(ctx)
}

/** Superusers see every row, everybody else exactly their own, whatever permissions they hold. */
export function sees(ctx: RequestContext, owner: unknown): boolean {
  const { caller } = ctx
  return caller !== undefined && (owner === caller.pk || isAdministrator(ctx, caller))
}

/** The user whose rows alone the caller sees; undefined: all rows. Not for anonymous callers, who see none. */
export function ownerSeenBy(ctx: RequestContext, caller: User): number | undefined {
  return isAdministrator(ctx, caller) ? undefined : caller.pk
}

/**
 * Rows that are nobody's own are closed to whoever may not view them: authentik says so before it looks for one. Outposts
 * pass without the permission, but then find nothing.
 */
export function authorizeRows(ctx: RequestContext, resource: Resource): Answer | undefined {
  if (ctx.caller?.type === 'internal_service_account' || seesRows(ctx, resource)) return undefined
  return requirePermission(ctx, `view_${resource.model.permission}`)
}

/** Whether there are rows that the caller might find. */
export function seesRows(ctx: RequestContext, { owner, model }: Resource): boolean {
  return owner !== undefined || hasPermission(ctx, `view_${model.permission}`)
}

/** A list is closed to anonymous callers, and to unsafe methods without the permission. */
export function authorizeList(ctx: RequestContext, { model }: Resource): Answer | undefined {
  if (ctx.caller === undefined) return notAuthenticated(ctx)
  const action = UNSAFE_METHODS[ctx.method]
  return action === undefined ? undefined : requirePermission(ctx, `${action}_${model.permission}`)
}

/** Outposts pass here, too: see `resource/used-by.ts`. */
export function authorizeUsedBy(ctx: RequestContext, { model }: Resource): Answer | undefined {
  if (ctx.caller?.type === 'internal_service_account') return undefined
  return requirePermission(ctx, `view_${model.permission}`)
}

export function isAdministrator({ database }: RequestContext, user: User): boolean {
  return isSuperuser(user, database.groups)
}
