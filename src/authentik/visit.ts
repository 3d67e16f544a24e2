import type { IncomingMessage } from 'node:http'
import { parse } from 'node:querystring'
import type { User } from '../world/model.js'
import type { World } from '../world/world.js'
import type { Pagination } from './pagination.js'
import type { Release } from './releases.js'
import type { Site } from './site.js'
import { type Language, languageOf } from './texts.js'

/** One request on its way through the application. */
export interface Visit {
  readonly request: IncomingMessage
  /** As it was sent; the request itself is routed as GET. */
  readonly method: string
  /** The request target as it was sent. */
  readonly target: string
  /** By `performance.now()`. */
  readonly startedAt: number
  readonly site: Site
  readonly world: World
  readonly release: Release
  /** The path that the application sees: percent-decoded, without the query. */
  readonly path: string
  /** The last value of a query parameter; undefined where it is not there. */
  parameter(name: string): string | undefined
  readonly language: Language
  /** Who calls; undefined: anonymous, or not asked yet. */
  caller: User | undefined
  /** The API token that the caller showed, by name. */
  token: string | undefined
  /** The route that the path led to; undefined: none. */
  route: string | undefined
  /** The page that a list answered with. */
  pagination: Pagination | undefined
  /** Why it was refused, where authentik's words do not tell: for the journal. */
  reason: string | undefined
}

type Query = ReturnType<typeof parse>

const NO_QUERY: Query = parse('')
/** Django's DATA_UPLOAD_MAX_NUMBER_FIELDS. */
export const MAX_PARAMETERS = 1000

/** The parameters of a query, without its question mark. */
export function readQuery(text: string): Query {
  return parse(text, '&', '=', { maxKeys: MAX_PARAMETERS })
}

export function createVisit(request: IncomingMessage, site: Site, path: string, queryText: string): Visit {
  let query: Query | undefined
  let language: Language | undefined
  const { world, release } = site
  return {
    request,
    method: request.method ?? '',
    target: request.url ?? '',
    startedAt: performance.now(),
    site,
    world,
    release,
    path,
    parameter(name) {
      query ??= queryText === '' ? NO_QUERY : readQuery(queryText)
      const value = query[name]
      return Array.isArray(value) ? value.at(-1) : value
    },
    get language() {
      language ??= release.languages ? languageOf(request.headers['accept-language']) : 'en'
      return language
    },
    caller: undefined,
    token: undefined,
    route: undefined,
    pagination: undefined,
    reason: undefined,
  }
}
