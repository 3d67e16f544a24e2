import type { Keys } from '../../world/index/columns.js'
import type { Selection } from '../../world/index/selection.js'
import type { Key } from '../../world/kinds/kind.js'
import type { Answer } from '../answer.js'
import type { RequestContext } from '../context.js'
import { invalidPage, notAuthenticated, notServed } from '../errors.js'
import { passes, readFilters } from '../filters.js'
import { readOrdering } from '../ordering.js'
import { type Pagination, paginate, readPageSize } from '../pagination.js'
import { authorizeList, authorizeRows, ownerSeenBy } from '../permissions.js'
import type { Included, Resource, Row } from '../resource.js'
import { type CachedBody, pageCache } from '../response-cache.js'
import { restView } from '../rest-view.js'
import type { View } from '../view.js'
import { readIncluded, rowBody } from './row.js'

/** Larger pages are sent row by row. */
const MAX_WHOLE = 1000
const COMMA = Buffer.from(',')

/** GET and HEAD of all rows that the caller sees. */
export function listView(resource: Resource): View {
  const { url, operations, derived = false, routes, titles, description, querystring, schemas, allow } = resource
  return restView({
    resource,
    route: routes.list,
    url,
    name: titles.list,
    description,
    allow: allow.list,
    authorize: (ctx) => authorizeList(ctx, resource),
    methods: {
      GET: {
        operationId: `${operations}_list`,
        derived,
        schema: { querystring, response: (release) => schemas(release).list },
        handle: (ctx) => list(ctx, resource),
      },
    },
    unserved: (ctx) => notServed(ctx, `${ctx.method} of ${url}`),
  })
}

function list(ctx: RequestContext, resource: Resource): Answer {
  const selected = selectRows(ctx, resource)
  if ('refused' in selected) return selected.refused
  const { keys, selection, isTested } = selected
  const size = readPageSize(ctx.parameter('page_size'), ctx.release)
  const pagination = paginate(keys.length, ctx.parameter('page'), size, ctx.release)
  if (pagination === undefined) return invalidPage(ctx)
  ctx.pagination = pagination
  const included = readIncluded(ctx)
  const page = keys.slice(Math.max(0, pagination.start_index - 1), pagination.end_index)
  if (page.length > MAX_WHOLE)
    return { status: 200, parts: partsOf(ctx, pagination, rowsOf(ctx, resource, page, included)) }
  if (isTested) return { status: 200, body: pageBody(ctx, resource, pagination, page, included) }
  const cache = pageCache(ctx.world, resource)
  const name = JSON.stringify([selection, pagination, included])
  const body =
    cache.get(name, ctx.database.clock.now()) ?? cache.put(name, pageBody(ctx, resource, pagination, page, included))
  return { status: 200, body }
}

/** The keys of the rows that a query asks for and its caller sees, in order. */
export function selectRows(
  ctx: RequestContext,
  resource: Resource,
): { keys: Keys; selection: Selection; isTested: boolean } | { refused: Answer } {
  const { section, owner } = resource
  if (ctx.caller === undefined) return { refused: notAuthenticated(ctx) }
  const refused = authorizeRows(ctx, resource)
  if (refused !== undefined) return { refused }
  const filters = readFilters(ctx, resource)
  if ('refused' in filters) return filters
  const where = [...filters.where]
  const seen = owner === undefined ? undefined : ownerSeenBy(ctx, ctx.caller)
  if (owner !== undefined && seen !== undefined) where.push([owner, seen])
  const selection = { order: readOrdering(ctx.parameter('ordering'), resource), where }
  const keys = ctx.database.select(section, selection)
  if (filters.tests.length === 0) return { keys, selection, isTested: false }
  const table = ctx.database.table(section)
  return { keys: Array.from(keys).filter((key) => passes(filters, table.get(key) as Row)), selection, isTested: true }
}

/** Holds as long as all of its rows do. */
function pageBody(
  ctx: RequestContext,
  resource: Resource,
  pagination: Pagination,
  keys: Keys,
  included: Included,
): CachedBody {
  const rows = [...rowsOf(ctx, resource, keys, included)]
  return {
    plain: Buffer.concat([...partsOf(ctx, pagination, rows)]),
    after: Math.max(...rows.map((row) => row.after)),
    until: Math.min(...rows.map((row) => row.until)),
  }
}

function* rowsOf(
  ctx: RequestContext,
  resource: Resource,
  keys: Iterable<Key>,
  included: Included,
): Generator<CachedBody> {
  const table = ctx.database.table(resource.section)
  for (const key of keys) if (table.get(key) !== undefined) yield rowBody(ctx, resource, key, included)
}

function* partsOf({ release }: RequestContext, pagination: Pagination, rows: Iterable<CachedBody>): Generator<Buffer> {
  yield Buffer.from(`{"pagination":${JSON.stringify(pagination)},"results":[`)
  let isFirst = true
  for (const { plain } of rows) {
    if (!isFirst) yield COMMA
    isFirst = false
    yield plain
  }
  yield Buffer.from(release.listKeys.includes('autocomplete') ? '],"autocomplete":{}}' : ']}')
}
