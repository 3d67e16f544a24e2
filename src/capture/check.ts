import type { Release } from '../authentik/releases.js'
import { refreshTokenText, withoutExpiry } from '../routes/api/v3/oauth2/refresh_tokens/body.js'
import { createClock, machineTime } from '../world/clock.js'
import { createDatabase } from '../world/database.js'
import { startWorld } from '../world/start.js'

export interface Checked {
  /** The rows that a mock of the release would not answer as they stand in the file. */
  differing: number[]
  warnings: string[]
}

/**
 * Puts a world together from captured bodies, and sees whether they come back byte for byte, but for what the clock
 * says of them.
 *
 * @throws FixtureError where the fixtures would not be taken
 */
export async function checkRows(texts: string[], release: Release, file: string): Promise<Checked> {
  const bodies = texts.map((text) => JSON.parse(text))
  const sources = [{ file, json: bodies }]
  const begin = machineTime()
  const { snapshot, warnings } = await startWorld({ sources, generate: 0, seed: 1, token: 'none', begin })
  const world = createDatabase(snapshot, createClock())
  const differing = bodies.flatMap(({ pk }, i) => {
    const row = world.refresh_tokens.get(pk)
    const served = row && refreshTokenText(row, { database: world, release, groups: true, roles: true })
    return withoutExpiry(served ?? '') === withoutExpiry(texts[i] ?? '') ? [] : [pk]
  })
  return { differing, warnings }
}
