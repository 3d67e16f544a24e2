import type { Database } from '../world/database.js'
import { createKeep, type Keep } from './keep.js'
import type { Release } from './releases.js'

/** A world as it is served: at a release, with the bodies that were made of it already. */
export interface Site {
  world: Database
  release: Release
  /** Where the bodies of rows as they began are kept, for all worlds of the same beginning and release. */
  shared: { rows: Keep; pages: Keep }
  /** The same for the rows of this world alone, good for one version of it. */
  own?: { rows: Keep; pages: Keep; version: number }
}

/** What the body of a refresh token shows of other rows. */
const JOINED = ['groups', 'users', 'providers', 'applications']

/** The keep of a row's body: the shared one as long as nothing that the row shows has changed. */
export function keepOfRow(site: Site, pk: number): Keep {
  const isPristine = site.world.isPristine(JOINED) && !site.world.refresh_tokens.changes.has(pk)
  return isPristine ? site.shared.rows : ownKeeps(site).rows
}

export function keepOfPages(site: Site): Keep {
  return site.world.isPristine([...JOINED, 'refresh_tokens']) ? site.shared.pages : ownKeeps(site).pages
}

function ownKeeps(site: Site) {
  const { version } = site.world
  if (site.own?.version !== version) site.own = { ...createKeeps(), version }
  return site.own
}

export function createKeeps(): { rows: Keep; pages: Keep } {
  return { rows: createKeep(), pages: createKeep() }
}
