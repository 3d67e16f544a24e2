import type { RefreshTokenBody, RefreshTokenListBody } from '../routes/api/v3/oauth2/refresh_tokens/schema.js'
import type { Client } from './client.js'
import { TargetError, UnreachableError } from './error.js'
import { resultTexts } from './result-texts.js'
import type { WireAnswer } from './wire.js'

export const LIST = '/api/v3/oauth2/refresh_tokens/'

/** Which rows are read; without a limit, all of them. */
export interface Wanted {
  user?: number | undefined
  provider?: number | undefined
  limit?: number | undefined
  pageSize: number
}

export interface RowRead {
  body: RefreshTokenBody
  /** As it stood in the answer. */
  text: string
}

export interface RowsRead {
  /** By primary key, ascending. */
  rows: RowRead[]
  /** How many there are by the target's own count. */
  count: number
  /** What happened to the rows while they were read, in a sentence. */
  changed?: string
  first: WireAnswer
}

/**
 * Reads rows page after page.
 *
 * @throws TargetError where the target is no authentik, refuses the token, or its list ends too early
 * @throws UnreachableError
 */
export async function readRows(
  client: Client,
  wanted: Wanted,
  progress: (done: number, of: number) => void,
): Promise<RowsRead> {
  const rows = new Map<number, RowRead>()
  const counts = new Set<number>()
  let first: WireAnswer | undefined
  let seen = 0
  let page = 1
  for (let next = 1; next > 0 && seen < (wanted.limit ?? Number.POSITIVE_INFINITY); ) {
    page = next
    const answer = await client.ask({ path: pathOf(wanted, page), headers: client.authorization })
    first ??= answer
    const { pagination, results } = listOf(answer, page, wanted, client.url)
    const texts = resultTexts(answer.body)
    for (const [i, body] of results.entries()) rows.set(body.pk, { body, text: texts[i] ?? '' })
    seen += results.length
    counts.add(pagination.count)
    next = pagination.next
    if (next !== 0 && next <= page)
      throw new TargetError(`${client.url}: page ${page} says that page ${next} comes next`)
    progress(seen, Math.min(pagination.count, wanted.limit ?? pagination.count))
  }
  const count = [...counts].at(-1) ?? 0
  const ordered = [...rows.values()].sort((a, b) => a.body.pk - b.body.pk)
  const expected = Math.min(count, wanted.limit ?? count)
  const changed = changeOf([...counts], seen - rows.size)
  if (changed === undefined && rows.size < expected)
    throw new TargetError(`${client.url}: the list ended with page ${page} after ${rows.size} of ${expected} rows`)
  return {
    rows: ordered.slice(0, wanted.limit),
    count,
    ...(changed !== undefined && { changed }),
    first: first as WireAnswer,
  }
}

function pathOf({ user, provider, pageSize }: Wanted, page: number): string {
  const query = new URLSearchParams({ ordering: 'pk', page: String(page), page_size: String(pageSize) })
  if (user !== undefined) query.set('user', String(user))
  if (provider !== undefined) query.set('provider', String(provider))
  return `${LIST}?${query}`
}

function changeOf(counts: number[], repeated: number): string | undefined {
  if (counts.length === 1 && repeated === 0) return undefined
  const parts = [
    ...(counts.length > 1 ? [`their number went ${counts.join(', ')}`] : []),
    ...(repeated > 0 ? [`${repeated} came twice`] : []),
  ]
  return `the rows changed while they were read (${parts.join('; ')}): some may be missing`
}

function listOf(answer: WireAnswer, page: number, wanted: Wanted, url: string): RefreshTokenListBody {
  const { status, headers, body } = answer
  const what = `${LIST} answers ${status}`
  if (status >= 500 || status === 429) throw new UnreachableError(`${url}: ${what}`)
  if (status >= 300 && status < 400)
    throw new TargetError(`--target: found ${url}, which leads to ${headers['location']}; allowed: the address itself`)
  const list = parsed(body)
  if (status === 403) throw new TargetError(`--token: ${what}: ${list?.detail ?? 'forbidden'}`)
  if (status === 400) throw new TargetError(`${url}: ${what}: no ${filtersOf(wanted)} there`)
  if (status === 404 && page > 1)
    throw new TargetError(`${url}: page ${page} is gone: rows were deleted while they were read`)
  if (status === 200 && isList(list)) return list
  const found = list === undefined && status === 200 ? ', which is no JSON, or was cut' : ''
  throw new TargetError(
    `--target: found ${url}, but ${what} with ${headers['content-type']}${found}; allowed: an authentik`,
  )
}

function filtersOf({ user, provider }: Wanted): string {
  const named = Object.entries({ user, provider }).filter(([, pk]) => pk !== undefined)
  return named.map(([kind, pk]) => `${kind} ${pk}`).join(', or no ') || 'such list'
}

function parsed(text: string): (RefreshTokenListBody & { detail?: string }) | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isList(list: RefreshTokenListBody | undefined): list is RefreshTokenListBody {
  return (
    Number.isInteger(list?.pagination?.count) &&
    Number.isInteger(list?.pagination?.next) &&
    Array.isArray(list?.results) &&
    list.results.every((row) => Number.isInteger(row?.pk) && row.provider?.pk && row.user?.pk && row.id_token)
  )
}
