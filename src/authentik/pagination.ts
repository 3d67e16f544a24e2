import { parseInteger } from '../python/integer.js'
import type { Release } from './releases.js'

/** Numbers, not URLs, in the order of the wire. */
export interface Pagination {
  next: number
  previous: number
  count: number
  current: number
  total_pages: number
  start_index: number
  end_index: number
}

/** Undefined: there is no such page. */
export function paginate(
  count: number,
  page: string | undefined,
  size: number,
  { emptyPage }: Release,
): Pagination | undefined {
  const total_pages = Math.max(1, Math.ceil(count / size))
  const requested = page === undefined || (page === '' && emptyPage === 'first') ? '1' : page
  const current = requested === 'last' ? total_pages : parseInteger(requested)
  if (current === undefined || current < 1 || current > total_pages) return undefined
  const isLast = current === total_pages
  return {
    next: isLast ? 0 : current + 1,
    previous: current - 1,
    count,
    current,
    total_pages,
    start_index: count === 0 ? 0 : (current - 1) * size + 1,
    end_index: isLast ? count : current * size,
  }
}

/** What is no positive integer means the default; more than the maximum is cut. */
export function readPageSize(value: string | undefined, { pageSize, maxPageSize }: Release): number {
  const size = value === undefined ? undefined : parseInteger(value)
  return size === undefined || size < 1 ? pageSize : Math.min(size, maxPageSize)
}
