import type { Answer } from '../../../../../authentik/answer.js'
import type { RequestContext } from '../../../../../authentik/context.js'
import { badFilter, invalidPage, notAuthenticated, wrongUser } from '../../../../../authentik/errors.js'
import { isAdministrator } from '../../../../../authentik/permissions.js'
import { cutPage, pageBodyOf, readPagination, selectRows } from '../../../../../authentik/resource/list.js'
import type { Resource } from '../../../../../authentik/resource.js'
import { mayUse } from '../../../../../oauth2/policies.js'
import { parseInteger } from '../../../../../python/integer.js'
import type { User } from '../../../../../world/kinds/users.js'
import type { Key } from '../../../../../world/value.js'
import { launchUrlOf } from './body.js'

/**
 * The list of applications is the one on a user's home page: those that the user may use. authentik remembers them by
 * user and page alone, so a later query with a filter or another size of pages is answered by the applications of the
 * first one, under numbers of its own. `search` and the full list of a superuser go past that memory.
 */
export function listApplications(ctx: RequestContext, resource: Resource): Answer {
  if (ctx.caller === undefined) return notAuthenticated(ctx)
  const selected = selectRows(ctx, resource)
  if ('refused' in selected) return selected.refused
  const pagination = readPagination(ctx, selected.keys.length)
  if (pagination === undefined) return invalidPage(ctx)
  const page = cutPage(Array.from(selected.keys), pagination)
  const show = (keys: Key[]): Answer => ({ status: 200, body: pageBodyOf(ctx, resource, pagination, keys) })
  const isFull = ctx.parameter('superuser_full_list')?.toLowerCase() === 'true' && isAdministrator(ctx, ctx.caller)
  if (isFull) return show(page)
  const wanted = ctx.parameter('for_user')
  if (wanted === undefined) return show(shownTo(ctx, ctx.caller, page, pagination.current))
  const pk = parseInteger(wanted)
  if (pk === undefined) return badFilter('Invalid input.')
  const user = isAdministrator(ctx, ctx.caller) ? ctx.database.users.get(pk) : undefined
  return user === undefined ? wrongUser('User not found') : show(page.filter((key) => isAllowed(ctx, key, user)))
}

function shownTo(ctx: RequestContext, caller: User, page: Key[], number: number): Key[] {
  const allowed = () => page.filter((key) => isAllowed(ctx, key, caller))
  const shown = ctx.parameter('search') ? allowed() : remember(ctx, `${caller.pk} ${number}`, allowed)
  if (ctx.parameter('only_with_launch_url')?.toLowerCase() !== 'true') return shown
  return shown.filter((key) => launchUrlOf(ctx.database.applications.get(String(key)) as never, ctx.database) !== null)
}

function isAllowed(ctx: RequestContext, key: Key, user: User): boolean {
  const application = ctx.database.applications.get(String(key))
  return application !== undefined && (isAdministrator(ctx, user) || mayUse(application, user, ctx.database))
}

/** Until something changes. An empty page is not remembered. */
function remember(ctx: RequestContext, page: string, read: () => Key[]): Key[] {
  const known = ctx.database.pagesShown.get(page)
  if (known !== undefined) return known
  const keys = read()
  if (keys.length > 0) ctx.note({ type: 'page shown', page, keys })
  return keys
}
