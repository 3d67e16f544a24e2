import type { Change } from '../world/change.js'
import type { Database } from '../world/database.js'
import type { Caches } from './caches.js'
import type { Release } from './releases.js'

/** A world as it is served: its rows at a release, and the bodies that were made of them already. */
export interface ServedWorld {
  /** Empty: the one without a prefix. */
  readonly name: string
  /** By username: as whom a browser without a session is signed in when it asks for authorization. */
  readonly signedIn?: string | undefined
  readonly database: Database
  readonly release: Release
  readonly caches: Caches
  /** The only way to change it. */
  apply(...changes: Change[]): void
}
