import type { IncomingMessage } from 'node:http'
import { parse } from 'node:querystring'
import type { PageChange, RowChange, VisitChange } from '../world/change.js'
import type { Database } from '../world/database.js'
import type { Cause, Touched } from '../world/history.js'
import { formatInstant } from '../world/instant.js'
import type { Session } from '../world/kinds/sessions.js'
import type { User } from '../world/kinds/users.js'
import { languageOf } from './accept-language.js'
import type { RequestBody } from './body-bytes.js'
import { type Browser, localeOf, readBrowser } from './browser/browser.js'
import type { Language } from './messages.js'
import type { Pagination } from './pagination.js'
import type { Release } from './releases.js'
import { drawRequestId } from './request-id.js'
import type { Route } from './route.js'
import type { ServedWorld } from './served-world.js'
import { withSpaces } from './spaces.js'

type Query = ReturnType<typeof parse>

const NO_QUERY: Query = parse('')
/** Django's DATA_UPLOAD_MAX_NUMBER_FIELDS. */
const MAX_PARAMETERS = 1000
/** As much of a path as the history of a row shows. */
const MAX_SHOWN = 200
const NO_PARAMS: Record<string, string> = {}
const NO_BODY = Promise.resolve(Buffer.alloc(0))

/** One request on its way through the application: what it says, whom it is about, and what was found out of it so far. */
export class RequestContext {
  readonly request: IncomingMessage
  readonly world: ServedWorld
  readonly method: string
  /** The request target as it was sent. */
  readonly target: string
  /** What the application sees: percent-decoded, without the query and what authentik is served below. */
  readonly path: string
  /** Without its question mark. */
  readonly queryText: string
  /** What the client sent along; undefined: nothing. */
  readonly sent: RequestBody | undefined
  /** By `performance.now()`. */
  readonly startedAt = performance.now()
  database: Database
  release: Release
  /** Whether the mock knows the path: a route leads there, or the front server answers it by itself. */
  isServed = false
  /** It is not below the path that authentik is served below. */
  isOutside = false
  /** The path that authentik is served below, without a slash at its end: `/auth`, or empty. */
  base = ''
  /** What the path led to; undefined: no route. */
  view: Route | undefined = undefined
  /** The parts of the path that the route names. */
  params = NO_PARAMS
  /** Who calls; undefined: anonymous, or not asked yet. */
  caller: User | undefined = undefined
  /** The API token that the caller showed, by name. */
  token: string | undefined = undefined
  /** The OAuth2 client that sent it, by client id. */
  client: string | undefined = undefined
  /** The access token that the caller showed to the API, by primary key. */
  accessToken: number | undefined = undefined
  /** The page that a list answered with. */
  pagination: Pagination | undefined = undefined
  /** Why it was refused, where authentik's words do not tell: for the journal. */
  reason: string | undefined = undefined
  /** The error code by which an OAuth2 endpoint refused it. */
  refusedAs: string | undefined = undefined
  /** The form that it brought to an OAuth2 endpoint, once it was read. */
  form: ReadonlyMap<string, string> | undefined = undefined
  /** What it made and ended: for the journal. */
  touched: Touched | undefined = undefined
  /** What lists remember of others they do not of this one: the store that keeps it does not take it. */
  isForgetful = false
  #query: Query | undefined = undefined
  #browser: Browser | undefined | null = null
  #id: string | undefined = undefined

  constructor(
    request: IncomingMessage,
    world: ServedWorld,
    target: string,
    path: string,
    queryText: string,
    sent?: RequestBody,
  ) {
    this.request = request
    this.world = world
    this.method = request.method ?? ''
    this.target = target
    this.path = path
    this.queryText = queryText
    this.sent = sent
    this.database = world.database
    this.release = world.release
  }

  /** Looks at the world as it is now, as if the request had just come. */
  lookAgain(): void {
    const { world } = this
    this.database = world.database
    this.release = world.release
    this.caller = this.token = this.client = this.pagination = this.form = this.touched = undefined
    if (!this.isOutside) this.reason = undefined
    this.#browser = null
  }

  /** Its name on the wire, `X-authentik-Id`. */
  get id(): string {
    this.#id ??= drawRequestId()
    return this.#id
  }

  /** What paths of this world begin with, without a slash at the end: `/@` and its name, and what all are served below. */
  get prefix(): string {
    return prefixOf(this.world.name, this.base)
  }

  /** By its session cookie; undefined: it has none that is good for anything. */
  get browser(): Browser | undefined {
    if (this.#browser === null) this.#browser = readBrowser(this.database, this.request.headers.cookie)
    return this.#browser
  }

  /** From now on this browser has a session: the cookie of the answer says so. */
  signIn(session: Session, user: User): void {
    this.#browser = { session, user, notes: {} }
  }

  get query(): Query {
    this.#query ??=
      this.queryText === '' ? NO_QUERY : parse(withSpaces(this.queryText), '&', '=', { maxKeys: MAX_PARAMETERS })
    return this.#query
  }

  /** Changes rows because of this request. */
  apply(changes: RowChange[], more: Pick<Cause, 'grant' | 'client' | 'from'> = {}): void {
    const { method, path, id, token, world, database } = this
    const cause: Cause = {
      at: formatInstant(database.clock.now()),
      by: `${method} ${path.slice(0, MAX_SHOWN)}`,
      request: id,
      ...(token !== undefined && { as: token }),
      ...more,
    }
    world.apply({ type: 'rows', changes, cause })
    const { made, ended } = database.touched
    const { touched = { made: [], ended: [] } } = this
    this.touched = { made: [...touched.made, ...made], ended: [...touched.ended, ...ended] }
  }

  /** Remembers something of this request that is no row. */
  note(change: VisitChange | PageChange): void {
    if (!this.isForgetful || change.type === 'visit') this.world.apply(change)
  }

  /** The last value of a query parameter; undefined where it is not there. */
  parameter(name: string): string | undefined {
    const value = this.query[name]
    return Array.isArray(value) ? value.at(-1) : value
  }

  /** That of the user whose session it is, else the one that is asked for, where the release reads that. */
  get language(): Language {
    const own = localeOf(this.browser?.user)
    if (own !== undefined) return languageOf(own)
    return this.release.languages ? languageOf(this.request.headers['accept-language']) : 'en'
  }

  /**
   * All of what the client sent along, up to the limit of the operation.
   *
   * @throws BodyTooLarge
   */
  body(): Promise<Buffer> {
    return this.sent?.whole() ?? NO_BODY
  }
}

/** What paths of a world begin with, which is served below `base`. */
export function prefixOf(world: string, base: string): string {
  return world === '' ? base : `/@${world}${base}`
}
