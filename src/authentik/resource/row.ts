import { microsOf } from '../../world/instant.js'
import type { Key, Value } from '../../world/kinds/kind.js'
import type { Answer } from '../answer.js'
import type { RequestContext } from '../context.js'
import { missingRow, notFound } from '../errors.js'
import { sees } from '../permissions.js'
import { parseInteger } from '../python-integer.js'
import type { Included, Resource, Row } from '../resource.js'
import { type CachedBody, rowCache } from '../response-cache.js'

/** The row that an id in the path means, among those that the caller sees and the filters leave. */
export function findRow(
  ctx: RequestContext,
  resource: Resource,
  where: Record<string, Value> = {},
): { row: Row } | { refused: Answer } {
  const pk = parseInteger(ctx.params['id'] ?? '')
  if (pk === undefined) {
    ctx.reason = 'the id is no integer'
    return { refused: notFound(ctx) }
  }
  const row = ctx.database.table(resource.section).get(pk) as Row | undefined
  ctx.reason = whyHidden(ctx, resource, pk, row, where)
  return row === undefined || ctx.reason !== undefined ? { refused: missingRow(ctx, resource) } : { row }
}

/** Undefined: the caller sees the row. */
function whyHidden(
  ctx: RequestContext,
  { owner }: Resource,
  pk: number,
  row: Row | undefined,
  where: Record<string, Value>,
): string | undefined {
  if (row === undefined) return `there is no row ${pk}`
  if (!sees(ctx, row[owner])) return `row ${pk} belongs to user ${row[owner]}`
  for (const column in where) if (row[column] !== where[column]) return `row ${pk} is not of ${column} ${where[column]}`
  return undefined
}

const ALL: Included = { groups: true, roles: true }

/** What a body includes, as the query asks for it: anything but `true` leaves it out. */
export function readIncluded(ctx: RequestContext): Included {
  if (ctx.queryText === '') return ALL
  const includes = (value: string | undefined) => value === undefined || value.toLowerCase() === 'true'
  return {
    groups: includes(ctx.parameter('include_groups')),
    roles: !ctx.release.includeRoles || includes(ctx.parameter('include_roles')),
  }
}

/** The body of a row at this moment, kept from one request to the next. */
export function rowBody(ctx: RequestContext, resource: Resource, key: Key, included: Included): CachedBody {
  const cache = rowCache(ctx.world, resource, key)
  const name = included.groups && included.roles ? key : `${key} ${included.groups} ${included.roles}`
  return cache.get(name, ctx.database.clock.now()) ?? cache.put(name, makeBody(ctx, resource, key, included))
}

function makeBody(ctx: RequestContext, resource: Resource, key: Key, included: Included): CachedBody {
  const row = ctx.database.table(resource.section).get(key) as never
  const plain = Buffer.from(resource.text(row, ctx, included))
  const expires = resource.expires(row)
  const end = expires === null ? Number.POSITIVE_INFINITY : microsOf(expires)
  return ctx.database.clock.now() > end
    ? { plain, after: end, until: Number.POSITIVE_INFINITY }
    : { plain, after: Number.NEGATIVE_INFINITY, until: end }
}
