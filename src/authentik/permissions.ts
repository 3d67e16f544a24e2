import { isSuperuser } from '../world/computed.js'
import type { RefreshToken } from '../world/kinds/refresh-tokens.js'
import type { Permission, User } from '../world/kinds/users.js'
import type { Answer } from './answer.js'
import { notAuthenticated, permissionDenied } from './errors.js'
import type { Visit } from './visit.js'

/** The permission that an unsafe method on the list asks for, before it turns out that the list does not know it. */
const UNSAFE_METHODS: Record<string, Permission> = {
  POST: 'add_refreshtoken',
  PUT: 'change_refreshtoken',
  PATCH: 'change_refreshtoken',
  DELETE: 'delete_refreshtoken',
}

export function hasPermission(visit: Visit, permission: Permission): boolean {
  const { caller } = visit
  return caller !== undefined && (isAdministrator(visit, caller) || caller.permissions.includes(permission))
}

/** Refuses a caller without a permission. */
export function requirePermission(visit: Visit, permission: Permission): Answer | undefined {
  if (hasPermission(visit, permission)) return undefined
  visit.reason = `permission ${permission} is missing`
  return permissionDenied(visit)
}

/** Superusers see every row, everybody else exactly their own, whatever permissions they hold. */
export function sees(visit: Visit, row: RefreshToken): boolean {
  const { caller } = visit
  return caller !== undefined && (row.user === caller.pk || isAdministrator(visit, caller))
}

/** The user whose rows alone the caller sees; undefined: all rows. Not for anonymous callers, who see none. */
export function ownerSeenBy(visit: Visit, caller: User): number | undefined {
  return isAdministrator(visit, caller) ? undefined : caller.pk
}

/** The list is closed to anonymous callers, and to unsafe methods without the permission. */
export function admitToList(visit: Visit): Answer | undefined {
  if (visit.caller === undefined) return notAuthenticated(visit)
  const permission = UNSAFE_METHODS[visit.method]
  return permission === undefined ? undefined : requirePermission(visit, permission)
}

/** Outposts pass without the permission, but then find nothing: see `findUsedBy`. */
export function admitToUsedBy(visit: Visit): Answer | undefined {
  return visit.caller?.type === 'internal_service_account' ? undefined : requirePermission(visit, 'view_refreshtoken')
}

function isAdministrator({ world }: Visit, user: User): boolean {
  return isSuperuser(user, world.groups)
}
