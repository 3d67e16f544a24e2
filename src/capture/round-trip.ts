import type { Release } from '../authentik/releases.js'
import { refreshTokenText, withoutExpiry } from '../routes/api/v3/oauth2/refresh_tokens/body.js'
import type { RefreshTokenBody } from '../routes/api/v3/oauth2/refresh_tokens/body-schemas.js'
import { createClock, machineTime } from '../world/clock.js'
import { createDatabase } from '../world/database.js'
import type { Json } from '../world/json.js'
import { NOT_KNOWN } from '../world/load/collect.js'
import { parseJson, readJsonText } from '../world/load/json-text.js'
import { joinPath } from '../world/load/mistakes.js'
import { startWorld } from '../world/start.js'
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
  const readings = texts.map((text) => readJsonText(text, file))
  const bodies = readings.map(({ value }) => value as RefreshTokenBody)
  const lost = readings.flatMap(({ warnings }, i) =>
    warnings.map((warning) => `${file}: ${joinPath('', i)}.${warning}`),
  )
  const sources = [{ file, json: bodies, warnings: lost }]
  const begin = machineTime()
  // Fields that nobody knows are among the differences.
  const isNews = (warning: string) => !warning.includes(NOT_KNOWN)
  const { snapshot, warnings } = await startWorld({ sources, generate: 0, seed: 1, token: 'none', begin })
  const database = createDatabase(snapshot, createClock())
  const remarks = createRemarks()
  const differing = bodies.flatMap((body, i) => {
    const row = database.refresh_tokens.get(body.pk)
    const served =
      row === undefined ? '{}' : refreshTokenText(row, { database, release, groups: true, roles: true, language: 'en' })
    const [wanted, got] = [withoutExpiry(texts[i] ?? ''), withoutExpiry(served)]
    if (wanted === got) return []
    for (const difference of differencesIn(parseJson(wanted, file) as Json, parseJson(got, file) as Json))
      remarks.add(difference)
    return [body.pk]
  })
  return { differing, differences: remarks.sentences(), warnings: warnings.filter(isNews) }
}
