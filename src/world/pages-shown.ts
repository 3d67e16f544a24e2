import type { Key } from './value.js'

/** Pages of lists that authentik remembers: the rows that were on them, until a row changes. */
export interface PagesShown {
  of(page: string): Key[] | undefined
  note(page: string, keys: Key[]): void
  clear(): void
  /** All of them as plain JSON. */
  save(): SavedPages
  restore(saved: SavedPages): void
}

export type SavedPages = [page: string, keys: Key[]][]

const MAX_PAGES = 1000

export function createPagesShown(): PagesShown {
  const pages = new Map<string, Key[]>()
  return {
    of: (page) => pages.get(page),
    note(page, keys) {
      pages.set(page, keys)
      if (pages.size > MAX_PAGES) pages.delete(pages.keys().next().value as string)
    },
    clear: () => pages.clear(),
    save: () => [...pages],
    restore(saved) {
      for (const [page, keys] of saved) pages.set(page, keys)
    },
  }
}
