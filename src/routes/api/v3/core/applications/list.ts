import type { Answer } from '../../../../../authentik/answer.js'
import type { RequestContext } from '../../../../../authentik/context.js'
import { invalidPage, notAuthenticated } from '../../../../../authentik/errors.js'
import { paginate, readPageSize } from '../../../../../authentik/pagination.js'
import { isAdministrator } from '../../../../../authentik/permissions.js'
import { pageBodyOf, selectRows } from '../../../../../authentik/resource/list.js'
import type { Resource } from '../../../../../authentik/resource.js'
import type { ServedWorld } from '../../../../../authentik/served-world.js'
import { mayUse } from '../../../../../oauth2/policies.js'
import type { Key } from '../../../../../world/kinds/kind.js'
import type { User } from '../../../../../world/kinds/users.js'
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
  const size = readPageSize(ctx.parameter('page_size'), ctx.release)
  const pagination = paginate(selected.keys.length, ctx.parameter('page'), size, ctx.release)
  if (pagination === undefined) return invalidPage(ctx)
  ctx.pagination = pagination
  const page = Array.from(selected.keys.slice(Math.max(0, pagination.start_index - 1), pagination.end_index))
  return {
    status: 200,
    body: pageBodyOf(ctx, resource, pagination, shownTo(ctx, ctx.caller, page, pagination.current)),
  }
}

function shownTo(ctx: RequestContext, caller: User, page: Key[], number: number): Key[] {
  const isFull = ctx.parameter('superuser_full_list')?.toLowerCase() === 'true' && isAdministrator(ctx, caller)
  if (isFull) return page
  const user = ctx.database.users.get(Number(ctx.parameter('for_user'))) ?? caller
  const allowed = () => page.filter((key) => isAllowed(ctx, key, user))
  const shown = ctx.parameter('search') ? allowed() : remember(ctx.world, `${caller.pk} ${number}`, allowed)
  if (ctx.parameter('only_with_launch_url')?.toLowerCase() !== 'true') return shown
  return shown.filter((key) => launchUrlOf(ctx.database.applications.get(String(key)) as never, ctx.database) !== null)
}

function isAllowed(ctx: RequestContext, key: Key, user: User): boolean {
  const application = ctx.database.applications.get(String(key))
  return application !== undefined && (isAdministrator(ctx, user) || mayUse(application, user, ctx.database))
}

const memories = new WeakMap<ServedWorld, { version: number; pages: Map<string, Key[]> }>()
const MAX_PAGES = 1000

/** Until something changes. */
function remember(world: ServedWorld, name: string, read: () => Key[]): Key[] {
  const { version } = world.database
  let memory = memories.get(world)
  if (memory?.version !== version || memory.pages.size >= MAX_PAGES) {
    memory = { version, pages: new Map() }
    memories.set(world, memory)
  }
  const known = memory.pages.get(name)
  if (known !== undefined && known.length > 0) return known
  const shown = read()
  memory.pages.set(name, shown)
  return shown
}
