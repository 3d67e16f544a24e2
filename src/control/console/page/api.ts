import { computed, signal } from '@preact/signals'
import type { Info, Problem } from '../../bodies.js'
import { curlOf } from './curl.js'

/** The control API of the world whose page this is: the only thing the page talks to. */

/** Where it is, with a slash at its end: `/_mock/`, `/@name/_mock/`. */
export const API = new URL('.', location.href)

const TOKEN = 'authentik-mock control token'

export const info = signal<Info | undefined>(undefined)
/** How far the clock of the world is before that of this machine, in milliseconds, as it was read last. */
export const ahead = signal(0)
/** What the page says about the last thing that was done. */
export const said = signal<{ text: string; isBad: boolean; mistakes: NonNullable<Problem['mistakes']> }>({
  text: '',
  isBad: false,
  mistakes: [],
})
/** What was done last, for whoever wants a script to do it. */
export const lastAction = signal<{ curl: string; library: string } | undefined>(undefined)
/** Whether the mock asks for a key. */
export const isLocked = signal(false)
/** Whether the mock did not answer when it was asked last. */
let isAway = false
const AWAY = 'the mock does not answer; does it still run?'
/** Counts what was done, here and by clients: what shows the world reads it anew. */
export const changes = signal(0)

export class Refused extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

/** Where clients find the world without a name, without a slash at the end. */
export function rootUrl(): string {
  const { world = '', web_path: path = '/' } = info.value ?? {}
  const place = new URL('..', API).href.replace(/\/$/, '')
  const root = world === '' ? place : place.replace(`/@${world}`, '')
  const base = path.slice(0, -1)
  return root.endsWith(base) ? root : root + base
}

/** Where clients find a world; by default this one. */
export function worldUrl(name = info.value?.world ?? ''): string {
  return name === '' ? rootUrl() : `${rootUrl()}/@${encodeURIComponent(name)}`
}

/** Whether the mock wants another key than the one that it got. */
export function hasWrongKey(): boolean {
  return isLocked.value && sessionStorage.getItem(TOKEN) !== null
}

export function unlock(key: string): void {
  sessionStorage.setItem(TOKEN, key)
  isLocked.value = false
  changes.value++
}

export function headers(more: Record<string, string> = {}): Record<string, string> {
  const key = sessionStorage.getItem(TOKEN)
  return { Accept: 'application/json', ...(key !== null && { Authorization: `Bearer ${key}` }), ...more }
}

/**
 * @param path below `/_mock/`, or a whole URL
 * @throws Refused, with what the mock says
 */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(new URL(path, API), {
    method,
    headers: headers(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch(() => {
    isAway = true
    throw new Error(AWAY)
  })
  if (isAway) comeBack()
  const text = await answer.text()
  if (answer.status === 401) isLocked.value = true
  if (!answer.ok) throw new Refused(problemOf(answer.status, text))
  return (text === '' ? undefined : JSON.parse(text)) as T
}

/** What could not be read meanwhile is read now. */
function comeBack(): void {
  isAway = false
  if (said.value.text === AWAY) say('')
  changes.value++
}

function problemOf(status: number, text: string): Problem {
  try {
    return JSON.parse(text) as Problem
  } catch {
    return { title: 'Unexpected answer', status, detail: `the answer was ${status}: ${text.slice(0, 200)}` }
  }
}

/** What a person does: the call, and the two ways in which a script does the same. */
export interface Action {
  method: string
  /** Below `/_mock/`, or a whole URL. */
  path: string
  body?: unknown
  /** The call of the library. */
  library: string
}

/** Does it, says how it went, and shows how a script does it. Undefined: it was refused. */
export async function act(action: Action): Promise<{ answer: unknown } | undefined> {
  const { method, path, body, library } = action
  lastAction.value = { curl: controlCurl(action), library }
  try {
    const answer = await call<unknown>(method, path, body)
    say(`Done: ${method} ${new URL(path, API).pathname}`)
    return { answer }
  } catch (error) {
    complain(error)
    return undefined
  } finally {
    changes.value++
  }
}

export function say(text: string): void {
  said.value = { text, isBad: false, mistakes: [] }
}

export function complain(error: unknown): void {
  // The form that asks for the key says it already.
  if (isLocked.value) return
  const text = error instanceof Error ? error.message : String(error)
  const mistakes = (error instanceof Refused && error.problem.mistakes) || []
  said.value =
    mistakes.length > 1
      ? { text: `${mistakes.length} mistakes`, isBad: true, mistakes }
      : { text, isBad: true, mistakes: [] }
}

export function controlCurl({ method, path, body }: Omit<Action, 'library'>): string {
  return curlOf({
    method,
    url: new URL(path, API).href,
    headers: [
      ...(sessionStorage.getItem(TOKEN) === null ? [] : ['Authorization: Bearer $CONTROL_TOKEN']),
      ...(body === undefined ? [] : ['Content-Type: application/json']),
    ],
    body: body === undefined ? undefined : JSON.stringify(body),
  })
}

/** What of the world is known to have changed, also by scripts: the journal does not tell of them. */
const known = computed(() => JSON.stringify({ ...info.value, clock: info.value?.clock.frozen && info.value.clock }))

/** Looks whether anything changed that the journal does not tell of. */
export async function lookForChanges(): Promise<void> {
  const before = known.value
  await readInfo()
  if (info.value !== undefined && known.value !== before) changes.value++
}

let isReading = false
let isStale = false

/** One reading at a time: who asks meanwhile is content with the next. */
export async function readInfo(): Promise<void> {
  isStale = true
  if (isReading) return
  isReading = true
  while (isStale) {
    isStale = false
    try {
      info.value = await call<Info>('GET', '.')
      ahead.value = Date.parse(info.value.clock.now) - Date.now()
    } catch (error) {
      complain(error)
    }
  }
  isReading = false
}
