import { randomUUID } from 'node:crypto'
import {
  BEGINNING,
  CLAIM_MILLISECONDS,
  isNamed,
  type Notes,
  type Place,
  type Store,
  type StoreLimits,
  type Tail,
  type Use,
} from './store.js'

interface Log {
  life: string
  /** How many entries the snapshot stands for. */
  cut: number
  snapshot: string | undefined
  entries: string[]
}

interface Notebook {
  life: string
  last: number
  /** How many came before they were forgotten last. */
  forgotten: number
  texts: string[]
  bytes: number
}

const NO_NOTES: Notebook = { life: '', last: 0, forgotten: 0, texts: [], bytes: 0 }

/** Logs in the memory of one process: what several mocks in it may share, each by a store of its own from `open()`. */
export function createMemoryLogs({
  logs: max,
  notes: maxNotes = 1000,
  noteBytes = 4 * 1024 * 1024,
}: Pick<StoreLimits, 'logs'> & Partial<StoreLimits>): { open(): Store } {
  let agreed: string | undefined
  /** In the order of their use. */
  const logs = new Map<string, Log>()
  const notebooks = new Map<string, Notebook>()
  const claims = new Map<string, { by: object; until: number }>()

  const endOf = (log: Log | undefined): Place =>
    log === undefined ? BEGINNING : { life: log.life, position: log.cut + log.entries.length }

  function used(name: string): Log {
    const log = logs.get(name) ?? { life: randomUUID(), cut: 0, snapshot: undefined, entries: [] }
    logs.delete(name)
    logs.set(name, log)
    const named = [...logs.keys()].filter(isNamed)
    for (const oldest of named.slice(0, Math.max(0, named.length - max))) end(oldest)
    return log
  }

  function end(name: string): boolean {
    notebooks.delete(name)
    return logs.delete(name)
  }

  function tailOf(log: Log | undefined, since: Place): Tail {
    const end = endOf(log)
    const isAnew = since.life !== end.life || since.position > end.position
    const from = isAnew ? 0 : since.position
    const { cut = 0, snapshot, entries = [] } = log ?? {}
    if (from < cut) return { end, isAnew: true, snapshot, entries: [...entries] }
    return { end, isAnew, snapshot: undefined, entries: entries.slice(from - cut) }
  }

  function open(): Store {
    const me = {}

    function giveBack(name: string): void {
      if (claims.get(name)?.by === me) claims.delete(name)
    }

    return {
      async agree(text) {
        agreed ??= text
        return agreed
      },
      async disagree(text) {
        if (agreed === text && logs.size === 0) agreed = undefined
      },
      read: async (name, since, use: Use = 'look') => tailOf(use === 'use' ? used(name) : logs.get(name), since),
      async claim(name, since) {
        const { by, until = 0 } = claims.get(name) ?? {}
        if (by !== me && until > performance.now()) return undefined
        claims.set(name, { by: me, until: performance.now() + CLAIM_MILLISECONDS })
        return tailOf(logs.get(name), since)
      },
      async append(name, at, entries) {
        giveBack(name)
        const end = endOf(logs.get(name))
        if (at !== 'end' && (end.life !== at.life || end.position !== at.position)) return undefined
        const log = used(name)
        log.entries.push(...entries)
        return endOf(log)
      },
      async release(name) {
        giveBack(name)
      },
      async cut(name, { life, position }, snapshot) {
        const log = logs.get(name)
        if (log?.life !== life || position <= log.cut || position > endOf(log).position) return
        log.entries.splice(0, position - log.cut)
        log.cut = position
        log.snapshot = snapshot
      },
      async note(name, text) {
        if (isNamed(name) && !logs.has(name)) return
        const book = notebooks.get(name) ?? { life: randomUUID(), last: 0, forgotten: 0, texts: [], bytes: 0 }
        notebooks.set(name, book)
        book.last++
        book.texts.push(text)
        book.bytes += text.length
        while (book.texts.length > maxNotes || book.bytes > noteBytes) book.bytes -= book.texts.shift()?.length ?? 0
      },
      async notes(name, since) {
        const { life, last, forgotten, texts } = notebooks.get(name) ?? NO_NOTES
        const first = last - texts.length
        const isAnew = since.life !== life || since.position > last || since.position < first
        return {
          end: { life, position: last },
          isAnew,
          texts: isAnew ? [...texts] : texts.slice(since.position - first),
          ...{ forgotten, dropped: first - forgotten },
        } satisfies Notes
      },
      async forget(name) {
        const book = notebooks.get(name)
        if (book !== undefined) Object.assign(book, { forgotten: book.last, texts: [], bytes: 0 })
      },
      end: async (name) => end(name),
      list: async () => [...logs.keys()].filter(isNamed).reverse(),
      async ready() {},
      async ping() {},
      close() {},
    }
  }

  return { open }
}
