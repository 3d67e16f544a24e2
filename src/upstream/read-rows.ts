import { excerpt } from '../format/visible.js'
import type { RefreshTokenBody } from '../routes/api/v3/oauth2/refresh_tokens/body-schemas.js'
import { KINDS } from '../world/kinds/registry.js'
import type { Checks } from '../world/load/collect.js'
import { MAX_DEPTH, tooDeepText } from '../world/load/depth.js'
import { parseJson } from '../world/load/json-text.js'
import { checksOf } from '../world/load/load.js'
import { keptAs } from '../world/load/oddities.js'
import { unheldTexts } from '../world/load/unheld.js'
import { RefusedError, UnreachableError, UpstreamError } from './error.js'
import { readCounted } from './read-json.js'
import { resultTexts } from './row-texts.js'
import type { Client } from './upstream-client.js'
import type { WireAnswer } from './wire.js'

export const LIST = '/api/v3/oauth2/refresh_tokens/'

/** How many of its counts a message shows. */
const SHOWN_COUNTS = 5

/** Which rows are read; without a limit, all of them. */
export interface Wanted {
  user?: number | undefined
  provider?: number | undefined
  limit?: number | undefined
  pageSize: number
  /** Whether rows that no fixture may hold are refused: where they are taken as they are. */
  areTaken?: boolean
}

/** A list of the API. */
export interface Listing<B> {
  path: string
  /** Added to the query. */
  query?: Record<string, string>
  /** What is said where it is refused. */
  option: string
  /** Its count holds rows that the caller does not see. */
  hidesSome?: true
  isRow(row: Partial<B> | null | undefined): boolean
  /** What speaks against a row. */
  mistakeIn?(row: B, url: string): string | undefined
}

const REFRESH_TOKENS: Listing<RefreshTokenBody> = {
  path: LIST,
  option: '--token',
  isRow: (row) => isCount(row?.pk) && Boolean(row?.provider?.pk && row.user?.pk && row.id_token),
  mistakeIn({ pk, id_token }, url) {
    if (tooDeepText(String(id_token), url) === undefined) return undefined
    return `the id_token of row ${pk} is nested too deep; allowed: at most ${MAX_DEPTH} levels`
  },
}

/** A body, by its primary key. */
interface Keyed {
  pk: number | string
}

export interface RowRead<B = RefreshTokenBody> {
  body: B
  /** As it stood in the answer. */
  text: string
}

export interface RowsRead<B = RefreshTokenBody> {
  /** By primary key, ascending. */
  rows: RowRead<B>[]
  /** How many there are by the target's own count. */
  count: number
  /** What happened to the rows while they were read, in a sentence. */
  changed?: string
  first: WireAnswer
}

/** Reads refresh tokens: see `readList`. */
export async function readRows(
  client: Client,
  wanted: Wanted,
  progress: (done: number, of: number) => void,
): Promise<RowsRead> {
  const checks = wanted.areTaken ? await checksOf(KINDS) : undefined
  const check = checks && ((body: RefreshTokenBody) => checkTypes(body, checks, client.url))
  return readList(client, REFRESH_TOKENS, wanted, progress, check)
}

/**
 * Reads rows page after page.
 *
 * @throws UpstreamError where the target is no authentik, or its list ends too early
 * @throws RefusedError where the token may not read it
 * @throws UnreachableError
 */
export async function readList<B extends Keyed>(
  client: Client,
  listing: Listing<B>,
  wanted: Wanted,
  progress: (done: number, of: number) => void,
  check?: (body: B) => void,
): Promise<RowsRead<B>> {
  const rows = new Map<B['pk'], RowRead<B>>()
  const counts = new Set<number>()
  let first: WireAnswer | undefined
  let count = 0
  let seen = 0
  let page = 1
  for (let next = 1; next > 0 && seen < (wanted.limit ?? Number.POSITIVE_INFINITY); ) {
    page = next
    const answer = await client.ask({ path: pathOf(listing, wanted, page), headers: client.authorization })
    first ??= answer
    const { list, values } = listOf(answer, page, listing, wanted, client.url)
    const { pagination, results } = list
    const texts = resultTexts(answer.body)
    client.room.take(
      texts.reduce((sum, text) => sum + text.length, 0),
      values,
    )
    for (const [i, body] of results.entries()) {
      const text = texts[i] ?? ''
      checkExactly(text, body.pk, client.url)
      check?.(body)
      rows.set(body.pk, { body, text })
    }
    seen += results.length
    count = pagination.count
    counts.add(count)
    next = pagination.next
    if (next !== 0 && next <= page)
      throw new UpstreamError(`${client.url}: page ${page} says that page ${next} comes next`)
    progress(Math.min(seen, count), Math.min(count, wanted.limit ?? count))
  }
  const ordered = [...rows.values()].sort((a, b) => (a.body.pk < b.body.pk ? -1 : 1))
  const expected = Math.min(count, wanted.limit ?? count)
  const changed = changeOf([...counts], seen - rows.size)
  if (changed === undefined && rows.size < expected && listing.hidesSome !== true)
    throw new UpstreamError(`${client.url}: the list ended with page ${page} after ${rows.size} of ${expected} rows`)
  return {
    rows: ordered.slice(0, wanted.limit),
    count,
    ...(changed !== undefined && { changed }),
    first: first as WireAnswer,
  }
}

function pathOf<B>({ path, query: more }: Listing<B>, { user, provider, pageSize }: Wanted, page: number): string {
  const query = new URLSearchParams({ ordering: 'pk', ...more, page: String(page), page_size: String(pageSize) })
  if (user !== undefined) query.set('user', String(user))
  if (provider !== undefined) query.set('provider', String(provider))
  return `${path}?${query}`
}

function changeOf(counts: number[], repeated: number): string | undefined {
  if (counts.length === 1 && repeated === 0) return undefined
  const parts = [
    ...(counts.length > 1 ? [`their number went ${shortened(counts)}`] : []),
    ...(repeated > 0 ? [`${repeated} came twice`] : []),
  ]
  return `the rows changed while they were read (${parts.join('; ')}): some may be missing`
}

function shortened(counts: number[]): string {
  if (counts.length <= SHOWN_COUNTS) return counts.join(', ')
  return `${counts.slice(0, SHOWN_COUNTS - 1).join(', ')}, …, ${counts.at(-1)}`
}

interface ListBody<B> {
  pagination: { count: number; next: number }
  results: B[]
}

function listOf<B extends Keyed>(
  answer: WireAnswer,
  page: number,
  listing: Listing<B>,
  wanted: Wanted,
  url: string,
): { list: ListBody<B>; values: number } {
  const { status, headers, body } = answer
  const what = `${listing.path} answers ${status}`
  if (status >= 500 || status === 429) throw new UnreachableError(`${url}: ${what}`)
  if (status >= 300 && status < 400)
    throw new UpstreamError(
      `--target: found ${url}, which leads to ${excerpt(headers['location'] ?? 'nowhere')}; allowed: the address itself`,
    )
  const { list, values, mistake } = parsed<B>(body)
  if (status === 403) throw new RefusedError(`${listing.option}: ${what}: ${excerpt(detailOf(list))}`)
  if (status === 400) throw new UpstreamError(`${url}: ${what}: no ${filtersOf(wanted)} there`)
  if (status === 404 && page > 1)
    throw new UpstreamError(`${url}: page ${page} is gone: rows were deleted while they were read`)
  if (status === 200 && isList(list, listing)) {
    for (const row of list.results) {
      const odd = listing.mistakeIn?.(row, url)
      if (odd !== undefined) throw new UpstreamError(`${url}: ${odd}`)
    }
    return { list, values }
  }
  const found = mistake === undefined || status !== 200 ? '' : `, which ${mistake}`
  const address = /\/api(?:\/v3)?\/?$/.test(url) ? ', by its address without /api/v3' : ''
  throw new UpstreamError(
    `--target: found ${url}, but ${what} with ${excerpt(headers['content-type'] ?? 'no Content-Type')}${found}; allowed: an authentik${address}`,
  )
}

function filtersOf({ user, provider }: Wanted): string {
  const named = Object.entries({ user, provider }).filter(([, pk]) => pk !== undefined)
  return named.map(([kind, pk]) => `${kind} ${pk}`).join(', or no ') || 'such list'
}

type List<B> = ListBody<B> | { detail?: unknown } | null

function parsed<B>(text: string): { list?: List<B>; values: number; mistake?: string } {
  try {
    const { value, values } = readCounted(text)
    return { list: value as List<B>, values }
  } catch (error) {
    return { values: 0, mistake: (error as Error).message }
  }
}

function detailOf<B>(list: List<B> | undefined): string {
  return list && 'detail' in list && typeof list.detail === 'string' ? list.detail : 'forbidden'
}

function isList<B>(list: List<B> | undefined, { isRow }: Listing<B>): list is ListBody<B> {
  const { pagination, results } = (list ?? {}) as Partial<ListBody<B>>
  return isCount(pagination?.count) && isCount(pagination?.next) && Array.isArray(results) && results.every(isRow)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** A name that stands twice, or a number that nobody can hold, is nothing that a fixture may say. */
function checkExactly(text: string, pk: number | string, url: string): void {
  try {
    parseJson(text, url)
  } catch (error) {
    const { message } = error as Error
    throw new UpstreamError(
      `--target: found ${url}, in whose row ${excerpt(pk)} is ${excerpt(message)}; allowed: an authentik`,
    )
  }
}

/** What no fixture may hold is no row of an authentik, and would be met somewhere else. */
function checkTypes(body: RefreshTokenBody, { body: checkBody, row: checkRow }: Checks, url: string): void {
  const place = { file: url, path: '' }
  const mistake =
    [...checkBody(body, place), ...checkRow(body, place)].find((found) => keptAs(found) === undefined) ??
    unheldTexts({ ...body }, place)[0]
  if (mistake === undefined) return
  const { path, found, allowed } = mistake
  throw new UpstreamError(
    `--target: found ${url}, in whose refresh token ${body.pk} ${excerpt(path)} is ${found}; allowed: ${allowed}`,
  )
}
