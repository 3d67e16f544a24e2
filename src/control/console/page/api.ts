import { signal } from '@preact/signals'
import type { Info, JournalEntry, Problem } from '../../bodies.js'

/** The control API of the world whose page this is: the only thing the page talks to. */

/** Where it is, with a slash at its end: `/_mock/`, `/@name/_mock/`. */
export const API = new URL('.', location.href)
/** Where clients find this world, without a slash at its end. */
export const WORLD = new URL('..', API).href.replace(/\/$/, '')
/** The same of the world without a prefix. */
export const ROOT = WORLD.replace(/\/@[\w.-]+$/, '')

const TOKEN = 'authentik-mock control token'

export const info = signal<Info | undefined>(undefined)
/** What the page says about the last thing that was done. */
export const said = signal<{ text: string; isBad: boolean }>({ text: '', isBad: false })
/** What was done last, for whoever wants a script to do it. */
export const lastAction = signal<{ curl: string; library: string } | undefined>(undefined)
/** Whether the mock asks for a key. */
export const isLocked = signal(false)
/** Counts what was done: what shows the world reads it anew. */
export const changes = signal(0)

export class Refused extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
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

/** @throws Refused, with what the mock says */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(new URL(path, API), {
    method,
    headers: headers(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (answer.status === 401) isLocked.value = true
  if (!answer.ok) throw new Refused(problemOf(answer.status, text))
  return (text === '' ? undefined : JSON.parse(text)) as T
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
  /** Below `/_mock/`. */
  path: string
  body?: unknown
  /** The call of the library. */
  library: string
}

/** Does it, says how it went, and shows how a script does it. False: it was refused. */
export async function act(action: Action): Promise<boolean> {
  const { method, path, body, library } = action
  lastAction.value = { curl: controlCurl(action), library: `${library}` }
  try {
    await call(method, path, body)
    said.value = { text: `Done: ${method} /_mock/${path}`, isBad: false }
    return true
  } catch (error) {
    complain(error)
    return false
  } finally {
    changes.value++
  }
}

export function complain(error: unknown): void {
  said.value = { text: error instanceof Error ? error.message : String(error), isBad: true }
}

function controlCurl({ method, path, body }: Action): string {
  return curl({
    method,
    url: new URL(path, API).href,
    headers: [
      ...(sessionStorage.getItem(TOKEN) === null ? [] : ['Authorization: Bearer $CONTROL_TOKEN']),
      ...(body === undefined ? [] : ['Content-Type: application/json']),
    ],
    body: body === undefined ? undefined : JSON.stringify(body),
  })
}

interface Curl {
  method: string
  url: string
  headers: string[]
  body?: string | undefined
}

export function curl({ method, url, headers, body }: Curl): string {
  const parts = ['curl', ...(method === 'GET' ? [] : ['-X', shell(method)]), shell(url)]
  // What is to be filled in by the shell stands in other quotes.
  for (const header of headers) parts.push('-H', /\$[A-Z]/.test(header) ? `"${header}"` : shell(header))
  if (body !== undefined) parts.push('--data-raw', shell(body))
  return parts.join(' ')
}

function shell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** The curl that repeats a request of the journal. Credentials are masked there: the key is to be filled in. */
export function repeating({ method, path, query, as, body }: JournalEntry): string {
  const url = WORLD + encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23') + query
  const isForm = body !== null && /^[\w%.~*+-]+=/.test(body)
  const type = `Content-Type: application/${isForm ? 'x-www-form-urlencoded' : 'json'}`
  return curl({
    method,
    url,
    headers: [...(as === null ? [] : ['Authorization: Bearer $KEY']), ...(body ? [type] : [])],
    body: body || undefined,
  })
}

export async function readInfo(): Promise<void> {
  try {
    info.value = await call<Info>('GET', '.')
  } catch (error) {
    complain(error)
  }
}
