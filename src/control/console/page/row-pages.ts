import { signal } from '@preact/signals'
import type { ApiList, Look } from '../../look-bodies.js'
import { call, info } from './api.js'

/** Pages of rows: from the API through the eyes of a caller, or from the control API. */

export type RowData = Record<string, unknown>

export interface Page {
  count: number
  rows: RowData[]
  /** Instead of rows. */
  refused?: Look
  /** Of the control API, and how the library asks the same. */
  path: string
  library: string
}

/** The API token of the superuser that every world has. */
export const SUPERUSER = '--token'
/** The name of an API token; empty: nobody. */
export const seenAs = signal(SUPERUSER)
export const NO_QUESTION = { section: '', filters: {} as Record<string, string>, ordering: '', page: 1, size: 25 }
/** Which rows of a kind are shown, and in which order. */
export const asking = signal(NO_QUESTION)

/** The API shows all members of a group in it: of so many users, that is no page any more. */
const MAX_MEMBERS = 5000

/** Where the API lists the rows of a kind; undefined: nowhere, or not in pages that can be shown. */
export function listOf(lists: ApiList[] | undefined, section: string): ApiList | undefined {
  if (section === 'groups' && (info.value?.counts['users'] ?? 0) > MAX_MEMBERS) return undefined
  // Of several, the last is the one that knows all about them, and each of them.
  return lists?.findLast((list) => list.section === section)
}

interface ListBody {
  pagination: { count: number }
  results: RowData[]
}

/** Of more rows, the usual order is not asked for: it may take the mock seconds to find it. */
const MANY = 20_000

/** The order in which rows come if no other one is asked for; empty: the usual one. */
export function usualOrder(list: ApiList | undefined): string {
  const isLong = list !== undefined && (info.value?.counts[list.section] ?? 0) > MANY
  return isLong && list.ordering.includes('pk') ? 'pk' : ''
}

export async function readApi(list: ApiList): Promise<Page> {
  const target = `${list.path}?${question(usualOrder(list))}`
  const asked = lookAt(target)
  const look = await call<Look>('GET', asked.path)
  if (look.status !== 200) return { count: 0, rows: [], refused: look, ...asked }
  const { pagination, results } = JSON.parse(look.body) as ListBody
  return { count: pagination.count, rows: results, ...asked }
}

/** How to look at a path of the API as whoever is chosen. */
export function lookAt(target: string): { path: string; library: string } {
  const as = seenAs.value
  const query = new URLSearchParams({ path: target, ...(as !== SUPERUSER && { as }) })
  const parameters = [target, ...(as === SUPERUSER ? [] : [as])].map((text) => JSON.stringify(text))
  return { path: `look?${query}`, library: `await mock.look(${parameters.join(', ')})` }
}

export async function readControl(section: string): Promise<Page> {
  const path = `${section}?${question()}`
  const { filters, ordering, page, size } = asking.value
  const query = { ...filters, ...(ordering !== '' && { ordering }), page, page_size: size }
  const library = `await ${clientOf(section)}.list(${JSON.stringify(query)})`
  return { ...(await call<{ count: number; rows: RowData[] }>('GET', path)), path, library }
}

function question(usual = ''): URLSearchParams {
  const { filters, page, size } = asking.value
  const ordering = asking.value.ordering || usual
  return new URLSearchParams({
    ...filters,
    ...(ordering !== '' && { ordering }),
    page: String(page),
    page_size: String(size),
  })
}

/** The library's client for the rows of a kind: `mock.refreshTokens`. */
export function clientOf(section: string): string {
  return `mock.${section.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())}`
}
