import { LRUCache } from 'lru-cache'
import type { Database } from '../../world/database.js'
import type { Keys, OrderTerm } from '../../world/index/columns.js'
import { nameOfSelection } from '../../world/index/selection.js'
import type { Kind } from '../../world/kinds/kind.js'
import { untilChanged } from '../../world/until-changed.js'
import type { Key } from '../../world/value.js'
import type { Answer } from '../answer.js'
import type { CachedBody } from '../caches.js'
import type { RequestContext } from '../context.js'
import { invalidPage, notAuthenticated, notServed } from '../errors.js'
import { type Filters, passes, readFilters } from '../filters.js'
import { readOrdering } from '../ordering.js'
import { type Pagination, paginate, readPageSize } from '../pagination.js'
import { authorizeList, authorizeRows, ownerSeenBy, seesRows } from '../permissions.js'
import type { Included, Resource, Row } from '../resource.js'
import { pageCache } from '../response-cache.js'
import { restView } from '../rest-view.js'
import type { View } from '../view.js'
import { buffersOf, MAX_WHOLE, nameOfIncluded, readIncluded, rowBody } from './row.js'

const COMMA = Buffer.from(',')

/** GET and HEAD of all rows that the caller sees. */
export function listView(resource: Resource): View {
  const { url, operations, undocumented, routes, titles, description, querystring, schemas, allow } = resource
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
        undocumented,
        schema: { querystring, response: (release) => schemas(release).list },
        handle: (ctx) => (resource.list ?? list)(ctx, resource),
      },
    },
    unserved: (ctx) => notServed(ctx, `${ctx.method} of ${url}`),
  })
}

function list(ctx: RequestContext, resource: Resource): Answer | Promise<Answer> {
  const refused = authorizeRows(ctx, resource)
  if (refused !== undefined) return refused
  const order = readOrdering(ctx.parameter('ordering'), resource, ctx.release)
  const pending = prepare(ctx, resource, order)
  if (pending !== undefined) return pending.then(() => list(ctx, resource))
  const selected = selectRows(ctx, resource, order)
  if ('refused' in selected) return selected.refused
  const keys = seesRows(ctx, resource) ? selected.keys : []
  const pagination = readPagination(ctx, keys.length)
  if (pagination === undefined) return invalidPage(ctx)
  const included = readIncluded(ctx, resource)
  const cache = resource.isPersonal ? undefined : pageCache(ctx.world, resource)
  const name = `${selected.name} ${Object.values(pagination).join()} ${nameOfIncluded(included)}`
  const known = cache?.get(name, ctx.database.clock.now())
  if (known !== undefined) return { status: 200, body: known }
  const page = cutPage(keys, pagination)
  if (isLong(ctx, resource, page))
    return { status: 200, parts: partsOf(ctx, pagination, piecesOf(ctx, resource, page, included)) }
  const body = pageBodyOf(ctx, resource, pagination, page, included)
  return { status: 200, body: cache?.put(name, body) ?? body }
}

/** Lets others have their turn while very many rows are read for the first time; undefined: they were, or need not be. */
function prepare(ctx: RequestContext, resource: Resource, order: OrderTerm[]): Promise<unknown> | undefined {
  const { section, filters } = resource
  const columns = ctx.database.snapshot.columns(section)
  if (columns.isReady(order)) return seesRows(ctx, resource) ? resource.pieces?.prepare(ctx) : undefined
  const { natural = '' } = ctx.database.kinds[section] ?? {}
  const isOne = filters[natural] !== undefined && Boolean(ctx.parameter(natural))
  if (isOne || !seesRows(ctx, resource) || isByKeyAlone(ctx, resource, order)) return undefined
  return columns.prepare(order)
}

/** All rows by their key: so they stand already, and no column is looked at. */
function isByKeyAlone(ctx: RequestContext, resource: Resource, [first]: OrderTerm[]): boolean {
  const { section, owner } = resource
  const { caller } = ctx
  const { key, keys } = (ctx.database.kinds[section] ?? {}) as Partial<Kind>
  if (keys !== 'counted' || first?.by !== key || caller === undefined) return false
  if (owner !== undefined && ownerSeenBy(ctx, caller) !== undefined) return false
  const filters = readFilters(ctx, resource)
  if ('refused' in filters) return true
  return filters.where.length + filters.tests.length + filters.columnTests.length === 0
}

/** The keys of the rows that a query asks for, in order; of rows with owners, those of the caller. */
export function selectRows(
  ctx: RequestContext,
  resource: Resource,
  order = readOrdering(ctx.parameter('ordering'), resource, ctx.release),
): { keys: Keys; name: string } | { refused: Answer } {
  const { section, owner } = resource
  if (ctx.caller === undefined) return { refused: notAuthenticated(ctx) }
  const filters = readFilters(ctx, resource)
  if ('refused' in filters) return filters
  const where = [...filters.where]
  const seen = owner === undefined ? undefined : ownerSeenBy(ctx, ctx.caller)
  if (owner !== undefined && seen !== undefined) where.push([owner, seen])
  const selection = { order, where, tests: filters.columnTests }
  const name = `${section} ${nameOfSelection(selection)} ${filters.name}`
  const kind = ctx.database.kinds[section] as Kind | undefined
  const select = () =>
    findUnique(ctx.database, section, { ...filters, where }) ?? ctx.database.select(section, selection)
  if (filters.tests.length === 0) return { keys: select(), name }
  const table = ctx.database.table(section)
  const test = () => Array.from(select()).filter((key) => passes(filters, table.get(key) as Row, kind))
  return { keys: rememberKeys(ctx.database, name, test), name }
}

/** A row that is asked for by what no two rows share needs no column of all rows; undefined: it is not. */
function findUnique(database: Database, section: string, filters: Filters): Keys | undefined {
  const kind = database.kinds[section] as Kind | undefined
  const { key: keyField = '', natural } = kind ?? {}
  const named = filters.where.find(([column]) => column === natural)
  if (named === undefined) return undefined
  const row = database.table(section).find(...named) as Row | undefined
  return row !== undefined && passes({ ...filters, tests: [] }, row, kind) ? [row[keyField] as Key] : []
}

/** The page that a query asks for; undefined: there is no such page. */
export function readPagination(ctx: RequestContext, count: number): Pagination | undefined {
  const size = readPageSize(ctx.parameter('page_size'), ctx.release)
  ctx.pagination = paginate(count, ctx.parameter('page'), size, ctx.release)
  return ctx.pagination
}

/** What is on a page, of all that its list holds. */
export function cutPage<T extends { slice(start: number, end: number): T }>(all: T, page: Pagination): T {
  return all.slice(Math.max(0, page.start_index - 1), page.end_index)
}

/** A page of rows that are no kind of their own, each as the text of its body. */
export function pageOf(ctx: RequestContext, texts: string[]): Answer {
  const pagination = readPagination(ctx, texts.length)
  if (pagination === undefined) return invalidPage(ctx)
  const rows = cutPage(texts, pagination).map((text) => [Buffer.from(text)])
  return { status: 200, body: { plain: Buffer.concat([...partsOf(ctx, pagination, rows)]) } }
}

const MAX_REMEMBERED = 20
const foundByTests = untilChanged(() => new LRUCache<string, Keys>({ max: MAX_REMEMBERED }))

/** Rows that were found by looking at each, as long as nothing changes. */
function rememberKeys(database: Database, name: string, find: () => Keys): Keys {
  const found = foundByTests(database)
  const keys = found.get(name) ?? find()
  found.set(name, keys)
  return keys
}

/** Holds as long as all of its rows do. */
export function pageBodyOf(
  ctx: RequestContext,
  resource: Resource,
  pagination: Pagination,
  keys: Keys,
  included: Included = readIncluded(ctx, resource),
): CachedBody {
  const rows = [...rowsOf(ctx, resource, keys, included)]
  return {
    plain: Buffer.concat([
      ...partsOf(
        ctx,
        pagination,
        rows.map(({ plain }) => [plain]),
      ),
    ]),
    after: Math.max(...rows.map((row) => row.after)),
    until: Math.min(...rows.map((row) => row.until)),
  }
}

/** Whether a page shows more rows than are held at once, beside its own or with them. */
function isLong(ctx: RequestContext, { section, pieces }: Resource, page: Keys): boolean {
  if (page.length > MAX_WHOLE || pieces === undefined) return page.length > MAX_WHOLE
  const table = ctx.database.table(section)
  return Array.from(page).reduce((sum: number, key) => sum + pieces.count(table.get(key) as never, ctx), 0) > MAX_WHOLE
}

/** Each row in the pieces in which it is made. */
function* piecesOf(
  ctx: RequestContext,
  resource: Resource,
  keys: Keys,
  included: Included,
): Generator<Iterable<Buffer>> {
  const { section, pieces } = resource
  const table = ctx.database.table(section)
  for (const key of keys) {
    const row = table.get(key)
    if (row === undefined) continue
    yield pieces === undefined
      ? [rowBody(ctx, resource, key, included).plain]
      : buffersOf(pieces.of(row as never, ctx, included))
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

/** @param rows each in one piece or several */
function* partsOf(
  { release }: RequestContext,
  pagination: Pagination,
  rows: Iterable<Iterable<Buffer>>,
): Generator<Buffer> {
  yield Buffer.from(`{"pagination":${JSON.stringify(pagination)},"results":[`)
  let isFirst = true
  for (const row of rows) {
    if (!isFirst) yield COMMA
    isFirst = false
    yield* row
  }
  yield Buffer.from(release.listKeys.includes('autocomplete') ? '],"autocomplete":{}}' : ']}')
}
