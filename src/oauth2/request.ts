import type { Database } from '../world/database.js'
import type { Micros } from '../world/instant.js'
import type { OAuth2Release } from './traits.js'

/** The world as one request sees it. */
export interface OAuthRequest {
  database: Database
  release: OAuth2Release
  now: Micros
  /** Scheme and host that the client asked, without a slash at the end: what issuers begin with. */
  origin: string
  /** The fields that were sent. */
  form: ReadonlyMap<string, string>
}
