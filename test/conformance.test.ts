import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Compile } from 'typebox/schema'
import { findRelease, type Release } from '../src/authentik/releases.js'
import { bodySchemas, startMock } from '../src/index.js'
import known from './conformance/differences.json' with { type: 'json' }
import { differences, readRecording, replay } from './replay.js'

const RELEASES = readdirSync(join(import.meta.dirname, 'conformance'), { withFileTypes: true }).filter((entry) =>
  entry.isDirectory(),
)
const FORMS = { seeds: ['world.json'], 'captured rows': ['identities.json', 'rows.json'] }

for (const { name } of RELEASES) {
  for (const [form, files] of Object.entries(FORMS)) {
    t.test(`${name} over ${form} answers as the real one did`, async (t) => {
      const recording = readRecording(name)
      await using mock = await startMock({ release: name, fixtures: files.map((file) => join(recording.folder, file)) })
      const check = bodyCheck(findRelease(name) as Release)
      const needed = new Set<string>()
      for (const exchange of recording.exchanges) {
        const answer = await replay(mock.url, exchange, recording)
        const found = differences(exchange, answer, recording)
        if (known.some((difference) => difference.exchange === exchange.name)) {
          if (found.length > 0) needed.add(exchange.name)
          continue
        }
        if (found.length > 0) t.fail(exchange.name, { found })
        if (exchange.row !== undefined || exchange.page !== undefined)
          t.ok(check(JSON.parse(answer.body)), `schema: ${exchange.name}`)
      }
      t.strictSame(
        [...needed].sort(),
        known.map(({ exchange }) => exchange).sort(),
        'every listed difference is still one',
      )
    })
  }
}

function bodyCheck(release: Release) {
  const { RefreshToken, RefreshTokenList } = bodySchemas(release)
  const row = Compile(RefreshToken)
  const list = Compile(RefreshTokenList)
  return (body: object) => ('pagination' in body ? list.Check(body) : row.Check(body))
}
