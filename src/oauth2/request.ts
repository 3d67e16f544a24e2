import type { Form } from '../authentik/form.js'
import type { Release } from '../authentik/releases.js'
import type { Database } from '../world/database.js'
import type { Micros } from '../world/instant.js'

/** The world as one request sees it. */
export interface OAuthRequest {
  database: Database
  release: Release
  now: Micros
  /** Scheme and host that the client asked, without a slash at the end: what issuers begin with. */
  origin: string
  form: Form
}
