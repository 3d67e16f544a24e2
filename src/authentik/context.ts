import type { IncomingMessage } from 'node:http'
import { parse } from 'node:querystring'
import type { Database } from '../world/database.js'
import type { User } from '../world/kinds/users.js'
import { type Language, languageOf } from './messages.js'
import type { Pagination } from './pagination.js'
import type { Release } from './releases.js'
import type { ServedWorld } from './served-world.js'
import type { View } from './view.js'

type Query = ReturnType<typeof parse>

const NO_QUERY: Query = parse('')
/** Django's DATA_UPLOAD_MAX_NUMBER_FIELDS. */
const MAX_PARAMETERS = 1000
const NO_PARAMS: Record<string, string> = {}

/** One request on its way through the application: what it says, whom it is about, and what was found out of it so far. */
export class RequestContext {
  readonly method: string
  /** By `performance.now()`. */
  readonly startedAt = performance.now()
  readonly database: Database
  readonly release: Release
  /** What the path led to; undefined: no route. */
  view: View | undefined = undefined
  /** The parts of the path that the route names. */
  params = NO_PARAMS
  /** Who calls; undefined: anonymous, or not asked yet. */
  caller: User | undefined = undefined
  /** The API token that the caller showed, by name. */
  token: string | undefined = undefined
  /** The page that a list answered with. */
  pagination: Pagination | undefined = undefined
  /** Why it was refused, where authentik's words do not tell: for the journal. */
  reason: string | undefined = undefined
  #query: Query | undefined = undefined

  /**
   * @param target the request target as it was sent
   * @param path what the application sees: percent-decoded, without the query
   * @param queryText without its question mark
   */
  constructor(
    readonly request: IncomingMessage,
    readonly world: ServedWorld,
    readonly target: string,
    readonly path: string,
    readonly queryText: string,
  ) {
    this.method = request.method ?? ''
    this.database = world.database
    this.release = world.release
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

  /**
   * What the client sent along, read when it is asked for.
   *
   * @param limit in bytes
   * @throws BodyTooLarge
   */
  async body(limit: number): Promise<Buffer> {
    const parts: Buffer[] = []
    let length = 0
    for await (const part of this.request as AsyncIterable<Buffer>) {
      length += part.length
      if (length > limit) throw new BodyTooLarge(limit)
      parts.push(part)
    }
    return Buffer.concat(parts)
  }
}

/** A client sent more than a route reads. */
export class BodyTooLarge extends Error {
  override name = 'BodyTooLarge'
  constructor(readonly limit: number) {
    super(`the body is larger than ${limit} bytes`)
  }
}
