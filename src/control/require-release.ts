import { findRelease, nearestRelease, type Release } from '../authentik/releases.js'
import { FixtureError } from '../world/load/mistakes.js'

/** @throws FixtureError where there is none of this name, with the one that may have been meant */
export function requireRelease(name: string, file: string, path: string): Release {
  const release = findRelease(name)
  if (release !== undefined) return release
  const near = nearestRelease(name)
  const allowed = `latest, a release such as 2025.2 or 2025.2.4${near === undefined ? '' : `; did you mean ${near.name}?`}`
  throw new FixtureError([{ file, path, found: JSON.stringify(name), allowed }])
}
