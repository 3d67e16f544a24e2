import type { IncomingMessage } from 'node:http'
import type { Answer } from '../../src/authentik/answer.js'
import { cacheOpener, createCaches } from '../../src/authentik/caches.js'
import { RequestContext } from '../../src/authentik/context.js'
import { errorPage } from '../../src/authentik/error-pages.js'
import { findRelease, type Release } from '../../src/authentik/releases.js'
import type { ServedWorld } from '../../src/authentik/served-world.js'
import { dispatch } from '../../src/authentik/view.js'
import { VIEWS } from '../../src/routes/views.js'
import type { RowChange } from '../../src/world/change.js'
import { createClock } from '../../src/world/clock.js'
import { createDatabase, type Database } from '../../src/world/database.js'
import { type Micros, microsOf } from '../../src/world/instant.js'
import { startWorld } from '../../src/world/start.js'
import { noteVisit } from '../../src/world/visits.js'

/** A world whose endpoints are asked without a server before them. */
export interface OpenWorld {
  database: Database
  warnings: string[]
  call(method: string, path: string, request?: Sent): Promise<Called>
}

export interface Sent {
  headers?: Record<string, string>
  form?: Record<string, string> | string
  body?: string
}

export interface Called {
  status: number
  /** By their names in lower case. */
  headers: Record<string, string>
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: what an endpoint answers
  json: any
  reason: string | undefined
}

export interface WorldSettings {
  fixtures?: unknown
  release?: string
  generate?: number
  seed?: number
  now?: string
}

export const NOW = '2026-11-27T06:38:20.581000Z'

export async function openWorld(settings: WorldSettings = {}): Promise<OpenWorld> {
  const { fixtures, release: name = '2025.2.4', generate = 0, seed = 1, now = NOW } = settings
  const sources = fixtures === undefined ? [] : [{ file: 'fixtures', json: fixtures }]
  const begin = microsOf(now)
  const { snapshot, warnings } = await startWorld({ sources, generate, seed, token: 'superuser', begin })
  const clock = createClock()
  clock.apply({ moment: begin, setAt: 0, frozen: true })
  const database = createDatabase(snapshot, clock)
  const release = findRelease(name) as Release
  const world: ServedWorld = {
    ...{ name: '', database, release, caches: createCaches(cacheOpener(1_000_000), new Map()) },
    apply(...changes) {
      for (const change of changes)
        if (change.type === 'rows') database.apply(change.changes, change.cause)
        else if (change.type === 'visit') noteVisit(database.visits, change.address, change.at)
        else database.apply([change as RowChange])
    },
  }
  return { database, warnings, call: (method, path, sent) => call(world, method, path, sent) }
}

/** Goes on to another moment. */
export function setClock({ database }: OpenWorld, moment: Micros): void {
  database.clock.apply({ moment, setAt: 0, frozen: true })
}

const ROUTES = VIEWS.map((view) => ({
  view,
  pattern: new RegExp(
    `^${view.url.replaceAll('.', '\\.').replace(/:(\w+)\(([^)]*)\)/g, (_, name, part) => `(?<${name}>${part.replaceAll('\\.', './')})`)}$`,
  ),
}))

async function call(world: ServedWorld, method: string, target: string, sent: Sent = {}): Promise<Called> {
  const { form, body = form === undefined ? '' : formText(form) } = sent
  const type = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
  const headers = { host: '127.0.0.1:9000', ...type, ...sent.headers }
  const request = { method, headers, url: target } as unknown as IncomingMessage
  const [path = '', query = ''] = target.split('?')
  const bytes = Buffer.from(body)
  const brought = {
    beginning: () => bytes,
    whole: async () => bytes,
    isLong: () => false,
    bytes: () => bytes.length,
    keepBeginning() {},
  }
  const ctx = new RequestContext(request, world, target, decodeURIComponent(path), query, brought)
  const answer = await answerOf(ctx)
  const text = String(answer.body?.plain ?? Buffer.concat([...(answer.parts ?? [])]))
  return {
    status: answer.status,
    headers: headersOf(answer, world),
    text,
    json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined,
    reason: ctx.reason,
  }
}

function answerOf(ctx: RequestContext): Answer | Promise<Answer> {
  for (const { view, pattern } of ROUTES) {
    const found = pattern.exec(ctx.path)
    if (found === null) continue
    ctx.params = { ...found.groups }
    return dispatch(view, ctx)
  }
  return errorPage(ctx, 404)
}

function headersOf({ headers = {}, allow, contentType, vary }: Answer, { release }: ServedWorld) {
  const all = {
    ...headers,
    ...(allow !== undefined && { allow }),
    ...(contentType !== null && { 'content-type': contentType ?? release.jsonType }),
    vary: vary ?? (release.languages ? 'Accept-Language, Cookie' : 'Cookie'),
  }
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name.toLowerCase(), value]))
}

function formText(form: Record<string, string> | string): string {
  return typeof form === 'string' ? form : String(new URLSearchParams(form))
}
