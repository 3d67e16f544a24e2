import { refreshTokenText, withoutExpiry } from '../api/v3/oauth2/refresh_tokens/body.js'
import type { Release } from '../authentik/releases.js'
import { createClock, machineTime } from '../world/clock.js'
import { startWorld } from '../world/start.js'
import { createWorld } from '../world/world.js'
import { differencesIn } from './differences.js'
import { createRemarks } from './remarks.js'

export interface Checked {
  /** The rows that a mock of the release would not answer as they stand in the file. */
  differing: number[]
  /** What differs in them: a sentence for each path. */
  differences: string[]
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
  const documents = [{ file, json: bodies }]
  const begin = machineTime()
  const { baseline, warnings } = await startWorld({ documents, generate: 0, seed: 1, token: 'none', begin })
  const world = createWorld(baseline, createClock())
  const remarks = createRemarks()
  const differing = bodies.flatMap((body, i) => {
    const row = world.refreshTokens.get(body.pk)
    const served = row === undefined ? '{}' : refreshTokenText(row, { world, release, groups: true, roles: true })
    const [wanted, got] = [withoutExpiry(texts[i] ?? ''), withoutExpiry(served)]
    if (wanted === got) return []
    for (const difference of differencesIn(JSON.parse(wanted), JSON.parse(got))) remarks.add(difference)
    return [body.pk]
  })
  return { differing, differences: remarks.sentences(), warnings }
}
