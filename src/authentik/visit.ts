import type { IncomingMessage } from 'node:http'
import { parse } from 'node:querystring'
import type { User } from '../world/model.js'
import type { World } from '../world/world.js'
import type { Pagination } from './pagination.js'
import type { Release } from './releases.js'
import type { Site } from './site.js'
import { type Language, languageOf } from './texts.js'

type Query = ReturnType<typeof parse>

const NO_QUERY: Query = parse('')
/** Django's DATA_UPLOAD_MAX_NUMBER_FIELDS. */
const MAX_PARAMETERS = 1000

/** One request on its way through the application. */
export class Visit {
  readonly request: IncomingMessage
  readonly site: Site
  /** What the application sees: percent-decoded, without the query. */
  readonly path: string
  /** Without its question mark. */
  readonly queryText: string
  /** As it was sent; the request itself is routed as GET. */
  readonly method: string
  /** The request target as it was sent. */
  readonly target: string
  /** By `performance.now()`. */
  readonly startedAt = performance.now()
  readonly world: World
  readonly release: Release
  /** Who calls; undefined: anonymous, or not asked yet. */
  caller: User | undefined = undefined
  /** The API token that the caller showed, by name. */
  token: string | undefined = undefined
  /** The route that the path led to; undefined: none. */
  route: string | undefined = undefined
  /** The id in the path, where the route has one. */
  id: string | undefined = undefined
  /** The page that a list answered with. */
  pagination: Pagination | undefined = undefined
  /** Why it was refused, where authentik's words do not tell: for the journal. */
  reason: string | undefined = undefined
  #query: Query | undefined = undefined

  constructor(request: IncomingMessage, site: Site, path: string, queryText: string) {
    this.request = request
    this.site = site
    this.path = path
    this.queryText = queryText
    this.method = request.method ?? ''
    this.target = request.url ?? ''
    this.world = site.world
    this.release = site.release
  }

  get query(): Query {
    this.#query ??= this.queryText === '' ? NO_QUERY : parse(this.queryText, '&', '=', { maxKeys: MAX_PARAMETERS })
    return this.#query
  }

  /** The last value of a query parameter; undefined where it is not there. */
  parameter(name: string): string | undefined {
    const value = this.query[name]
    return Array.isArray(value) ? value.at(-1) : value
  }

  get language(): Language {
    return this.release.languages ? languageOf(this.request.headers['accept-language']) : 'en'
  }
}
