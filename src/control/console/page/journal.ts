import type { JournalAnswer, JournalEntry } from '../../bodies.js'
import { API, call, headers } from './api.js'

/** The journal as it grows: by events, and where a proxy keeps those back, by asking again and again. */

const POLL_MILLISECONDS = 1000
/** So often it is asked before events are tried again. */
const POLLS = 30
/** The first comment comes at once, the others every 15 seconds: what is silent for longer is not there any more. */
const PATIENCE = 3000
const MAX_SILENCE = 40_000

export type Mode = 'live' | 'polling' | 'off'

export interface Following {
  query: URLSearchParams
  /** Only entries after this one. */
  since: number
  signal: AbortSignal
  onEntries(entries: JournalEntry[]): void
  onMode(mode: Mode): void
}

/** Ends when the signal says so. */
export async function follow({ query, since, signal, onEntries, onMode }: Following): Promise<void> {
  let last = since
  const take = (entries: JournalEntry[]) => {
    last = entries.at(-1)?.id ?? last
    if (entries.length > 0 && !signal.aborted) onEntries(entries)
  }
  while (!signal.aborted) {
    try {
      await readEvents(parametersOf(query, last), signal, take, () => onMode('live'))
    } catch {
      // It is asked for below, and then tried again.
    }
    for (let times = 0; times < POLLS && !signal.aborted; times++) {
      try {
        const { requests } = await call<JournalAnswer>('GET', `requests?${parametersOf(query, last)}&limit=1000`)
        take(requests)
        if (!signal.aborted) onMode('polling')
      } catch {
        if (!signal.aborted) onMode('off')
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS))
    }
  }
}

function parametersOf(query: URLSearchParams, since: number): URLSearchParams {
  const all = new URLSearchParams(query)
  all.set('since', String(since))
  return all
}

/** An EventSource would not show the key. */
async function readEvents(
  query: URLSearchParams,
  signal: AbortSignal,
  take: (entries: JournalEntry[]) => void,
  onBegun: () => void,
): Promise<void> {
  const silence = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = (milliseconds: number) => {
    clearTimeout(timer)
    timer = setTimeout(() => silence.abort(), milliseconds)
  }
  wait(PATIENCE)
  try {
    const answer = await fetch(new URL(`requests/events?${query}`, API), {
      headers: headers({ Accept: 'text/event-stream' }),
      signal: AbortSignal.any([signal, silence.signal]),
    })
    if (!answer.ok || answer.body === null) return
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      wait(MAX_SILENCE)
      onBegun()
      const events = (text + value).split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) {
        const data = event.split('\n').find((line) => line.startsWith('data: '))
        if (data !== undefined) take(JSON.parse(data.slice('data: '.length)) as JournalEntry[])
      }
    }
  } finally {
    clearTimeout(timer)
  }
}
