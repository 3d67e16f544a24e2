import { parseInteger } from '../../python/integer.js'
import { microsOf } from '../../world/instant.js'
import type { Kind } from '../../world/kinds/kind.js'
import type { Key } from '../../world/value.js'
import type { Answer } from '../answer.js'
import type { CachedBody } from '../caches.js'
import type { RequestContext } from '../context.js'
import { errorPage } from '../error-pages.js'
import { missingRow, notFound } from '../errors.js'
import { type Filters, passes, readFilters } from '../filters.js'
import { authorizeRows, sees, seesRows } from '../permissions.js'
import type { Included, Resource, Row } from '../resource.js'
import { rowCache } from '../response-cache.js'

/** The row that a path means, among those that the caller may read and the query leaves. */
export function findFiltered(ctx: RequestContext, resource: Resource): ReturnType<typeof findRow> {
  if (ctx.caller === undefined && resource.crashesWhenAnonymous) return { refused: errorPage(ctx, 500) }
  const refused = authorizeRows(ctx, resource)
  if (refused !== undefined) return { refused }
  if (!seesRows(ctx, resource)) return { refused: missingRow(ctx, resource) }
  const filters = readFilters(ctx, resource)
  return 'refused' in filters ? filters : findRow(ctx, resource, filters)
}

/** The row that a path means, among those that the caller sees and the filters leave. */
export function findRow(
  ctx: RequestContext,
  resource: Resource,
  filters?: Filters,
): { key: Key; row: Row; refused?: never } | { refused: Answer } {
  const { parameter, field } = resource.lookup
  const name = ctx.params[parameter] ?? ''
  const value = field === undefined ? parseInteger(name) : name
  if (value === undefined) {
    ctx.reason = 'the id is not an integer'
    return { refused: notFound(ctx) }
  }
  const { section } = resource
  const keyField = ctx.database.kinds[section]?.key ?? 'pk'
  const table = ctx.database.table(section)
  const byKey = field === undefined || field === keyField
  const row = (byKey ? table.get(value) : table.find(field, value)) as Row | undefined
  ctx.reason = whyHidden(ctx, resource, value, row, filters)
  if (row === undefined || ctx.reason !== undefined) return { refused: missingRow(ctx, resource) }
  return { key: row[keyField] as Key, row }
}

/** Undefined: the caller sees the row. */
function whyHidden(
  ctx: RequestContext,
  { owner, section }: Resource,
  key: Key,
  row: Row | undefined,
  filters: Filters | undefined,
): string | undefined {
  if (row === undefined) return `there is no row ${key}`
  if (owner !== undefined && !sees(ctx, row[owner])) return `row ${key} belongs to user ${row[owner]}`
  const not = filters?.where.find(([column, value]) => row[column] !== value)
  if (not !== undefined) return `row ${key} is not of ${not[0]} ${not[1]}`
  if (filters !== undefined && !passes(filters, row, ctx.database.kinds[section] as Kind | undefined))
    return `the query leaves row ${key} out`
  return undefined
}

const ALL: Included = { groups: true, roles: true, language: 'en' }

/** What a body includes, as the query asks for it: anything but `true` leaves it out. */
export function readIncluded(ctx: RequestContext, { includes }: Pick<Resource, 'includes'>): Included {
  const { language, release } = ctx
  if (ctx.queryText === '' && language === 'en' && includes === undefined) return ALL
  const isIncluded = (name: string, otherwise = true) =>
    (ctx.parameter(`include_${name}`)?.toLowerCase() ?? String(otherwise)) === 'true'
  const also = Object.entries(includes ?? {}).filter(([name, otherwise]) => isIncluded(name, otherwise))
  return {
    language,
    groups: isIncluded('groups'),
    roles: !release.includeRoles || isIncluded('roles'),
    ...(includes && { also: also.map(([name]) => name) }),
  }
}

/** The same for what includes the same; empty for the usual. */
export function nameOfIncluded({ groups, roles, language, also }: Included): string {
  const isUsual = groups && roles && language === 'en' && also === undefined
  return isUsual ? '' : `${groups} ${roles} ${language} ${also}`
}

/** An answer that shows more rows is sent piece by piece. */
export const MAX_WHOLE = 1000

/** A piece that is sent at once, in characters: smaller ones cost more to send than to make. */
const PIECE = 16_384

/** The same texts in fewer pieces. */
export function* buffersOf(texts: Iterable<string>): Generator<Buffer> {
  let piece = ''
  for (const text of texts) {
    piece += text
    if (piece.length < PIECE) continue
    yield Buffer.from(piece)
    piece = ''
  }
  if (piece !== '') yield Buffer.from(piece)
}

/** The body of a row at this moment, kept from one request to the next. */
export function rowBody(ctx: RequestContext, resource: Resource, key: Key, included: Included): CachedBody {
  if (resource.isPersonal) return makeBody(ctx, resource, key, included)
  const cache = rowCache(ctx.world, resource, key)
  const shown = nameOfIncluded(included)
  const name = shown === '' ? key : `${key} ${shown}`
  return cache.get(name, ctx.database.clock.now()) ?? cache.put(name, makeBody(ctx, resource, key, included))
}

function makeBody(ctx: RequestContext, resource: Resource, key: Key, included: Included): CachedBody {
  const row = ctx.database.table(resource.section).get(key) as never
  const plain = Buffer.from(resource.text(row, ctx, included))
  const expires = resource.expires?.(row) ?? null
  const end = expires === null ? Number.POSITIVE_INFINITY : microsOf(expires)
  return ctx.database.clock.now() > end
    ? { plain, after: end, until: Number.POSITIVE_INFINITY }
    : { plain, after: Number.NEGATIVE_INFINITY, until: end }
}
