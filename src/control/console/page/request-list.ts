import { computed, signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { JournalAnswer, JournalEntry } from '../../bodies.js'
import { call, changes, complain, isLocked, Refused } from './api.js'
import { follow, type Mode } from './journal.js'

/** The journal as the page has it: one connection, whichever view is open. */

export const SHOWN = 500

/** The latest first. */
export const entries = signal<JournalEntry[]>([])
export const mode = signal<Mode>('off')
/** What the mock says of filters that it does not take; empty: it takes them. */
export const refusal = signal('')
export const NO_FILTERS = { method: '', path: '', status: '', as: '', unmatched: '' }
export const filters = signal(NO_FILTERS)
/** Grows when the journal is to be read anew. */
const anew = signal(0)

/** The filters as a query. */
export const filterQuery = computed(() =>
  new URLSearchParams(Object.entries(filters.value).filter(([, value]) => value !== '')).toString(),
)

export function readAnew(): void {
  anew.value++
}

/** Follows the journal; where its entries are not shown, all of it: rows and counts may have changed. */
export function useJournal(isShown: boolean): void {
  const query = isShown ? filterQuery.value : ''
  const isOpen = !isLocked.value
  const times = anew.value
  useEffect(() => {
    if (!isOpen) return
    const controller = new AbortController()
    // Who is still writing in a filter does not want what it found halfway.
    const begin = () => {
      load(new URLSearchParams(query), controller.signal).catch(complain)
    }
    const timer = setTimeout(begin, 100)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [query, isOpen, times])
}

async function load(query: URLSearchParams, signal: AbortSignal): Promise<void> {
  try {
    const { requests } = await call<JournalAnswer>('GET', `requests?${query}&limit=${SHOWN}`)
    if (signal.aborted) return
    refusal.value = ''
    entries.value = requests.toReversed()
    await follow({
      query,
      since: requests.at(-1)?.id ?? 0,
      signal,
      onEntries(more) {
        entries.value = [...more.toReversed(), ...entries.value].slice(0, SHOWN)
        changeSoon()
      },
      onMode(next) {
        // It may be another mock that answers now: its journal begins anew.
        const isBack = mode.value === 'off' && next === 'polling' && entries.value.length > 0
        mode.value = next
        if (isBack) readAnew()
      },
    })
  } catch (error) {
    if (signal.aborted) return
    mode.value = 'off'
    if (!(error instanceof Refused && error.problem.status === 400)) return complain(error)
    refusal.value = error.message
    entries.value = []
  }
}

const PAUSE = 250
let isDue = false

/** A busy client is no reason to read everything anew at each of its requests. */
function changeSoon(): void {
  if (isDue) return
  isDue = true
  setTimeout(() => {
    isDue = false
    changes.value++
  }, PAUSE)
}
