import type { Release } from '../authentik/releases.js'
import type { Projection } from '../routes/api/v3/components/projection.js'
import { fullProviderText } from '../routes/api/v3/components/provider.js'
import { userText } from '../routes/api/v3/components/user.js'
import { refreshTokenText, withoutExpiry } from '../routes/api/v3/oauth2/refresh_tokens/body.js'
import type { RefreshTokenBody } from '../routes/api/v3/oauth2/refresh_tokens/body-schemas.js'
import type { Neighbour } from '../upstream/neighbours.js'
import { createClock, machineTime } from '../world/clock.js'
import { createDatabase } from '../world/database.js'
import type { Json } from '../world/json.js'
import type { Application } from '../world/kinds/applications.js'
import type { RefreshToken } from '../world/kinds/refresh-tokens.js'
import { parseJson, readJsonText } from '../world/load/json-text.js'
import { joinPath } from '../world/load/mistakes.js'
import { NOT_KNOWN } from '../world/load/oddities.js'
import { startWorld } from '../world/start.js'
import type { Key } from '../world/value.js'
import { differencesIn } from './differences.js'
import { createRemarks } from './remarks.js'

export interface Checked {
  /** The rows that a mock of the release would not answer as they stand in the file. */
  differing: number[]
  /** The same of what stands next to them, by section. */
  neighbours: { section: string; differing: (number | string)[]; count: number }[]
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
export async function checkRows(
  texts: string[],
  release: Release,
  file: string,
  beside: { [section: string]: string[] } = {},
): Promise<Checked> {
  const lost: string[] = []
  const read = (all: string[], path: string) =>
    all.map((text, i) => {
      const { value, warnings } = readJsonText(text, file)
      lost.push(...warnings.map((warning) => `${file}: ${joinPath(path, i)}.${warning}`))
      return value
    })
  const sections = Object.entries(beside)
  const hasNeighbours = sections.length > 0
  const bodies = read(texts, hasNeighbours ? 'refresh_tokens' : '') as RefreshTokenBody[]
  const neighbours = sections.map(([section, all]) => [section, read(all, section)] as const)
  const json = hasNeighbours ? { captured: true, ...Object.fromEntries(neighbours), refresh_tokens: bodies } : bodies
  const sources = [{ file, json, warnings: lost }]
  const begin = machineTime()
  // Fields that nobody knows are among the differences.
  const isNews = (warning: string) => !warning.includes(NOT_KNOWN)
  const { snapshot, warnings } = await startWorld({ sources, generate: 0, seed: 1, token: 'none', begin })
  const database = createDatabase(snapshot, createClock())
  const remarks = createRemarks()
  const projection = { database, release, groups: true, roles: true, language: 'en' } as const

  const differingOf = <K extends Key>(section: string, keys: K[], all: string[], textOf: (row: never) => string): K[] =>
    keys.filter((key, i) => {
      const row = database.table(section).get(key)
      const served = row === undefined ? '{}' : textOf(row as never)
      const [wanted, got] = [withoutExpiry(all[i] ?? ''), withoutExpiry(served)]
      if (wanted === got) return false
      for (const difference of differencesIn(parseJson(wanted, file) as Json, parseJson(got, file) as Json))
        remarks.add(section === 'refresh_tokens' ? difference : `${section}[].${difference}`)
      return true
    })

  return {
    differing: differingOf(
      'refresh_tokens',
      bodies.map(({ pk }) => pk),
      texts,
      (row: RefreshToken) => refreshTokenText(row, projection),
    ),
    neighbours: neighbours.map(([section, rows]) => {
      const keys = (rows as { pk: Key }[]).map(({ pk }) => pk)
      const textOf = (row: never) => NEIGHBOUR_TEXTS[section as Neighbour](row, projection)
      return { section, count: keys.length, differing: differingOf(section, keys, beside[section] ?? [], textOf) }
    }),
    differences: remarks.sentences(),
    warnings: warnings.filter(isNews),
  }
}

/** What a mock answers of each, as far as a fixture says it. */
const NEIGHBOUR_TEXTS: Record<Neighbour, (row: never, projection: Projection) => string> = {
  users: userText,
  providers: fullProviderText,
  applications: ({ pk, slug, name, provider }: Application) => JSON.stringify({ pk, slug, name, provider }),
}
