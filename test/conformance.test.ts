import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import * as Type from 'typebox'
import { Compile } from 'typebox/schema'
import { findRelease, type Release } from '../src/authentik/releases.js'
import { bodySchemas, ErrorDetail, FilterErrors, NullCharacters, startMock, ViewMetadata } from '../src/index.js'
import { Config } from '../src/routes/api/v3/root/config.js'
import listed from './conformance/differences.json' with { type: 'json' }
import { differences, readRecording, replay } from './conformance/exchanges.js'
import { keepConnections, type WireAnswer } from './http.js'

/** `oauth2` beside them is replayed by a program of its own. */
const RELEASES = readdirSync(join(import.meta.dirname, 'conformance'), { withFileTypes: true }).filter(
  (entry) => entry.isDirectory() && entry.name !== 'oauth2',
)
const known: { exchange: string }[] = listed
const SEEDS = { form: 'seeds', files: ['world.json'] }
const CAPTURED = { form: 'captured rows', files: ['identities.json', 'rows.json'] }
const BASE = { place: 'the base world', prefix: '' }
const NAMED = { place: 'a world of its own', prefix: '/@w' }
/** Each release has both forms and both worlds, and each form is in both worlds at every other release. */
const WAYS = [
  [
    { ...SEEDS, ...BASE },
    { ...CAPTURED, ...NAMED },
  ],
  [
    { ...SEEDS, ...NAMED },
    { ...CAPTURED, ...BASE },
  ],
]

for (const [i, { name }] of RELEASES.entries()) {
  for (const { form, files, place, prefix } of WAYS[i % WAYS.length] ?? []) {
    t.test(`${name} over ${form} in ${place} answers as the real one did`, async (t) => {
      const recording = readRecording(name)
      await using mock = await startMock({ release: name, fixtures: files.map((file) => join(recording.folder, file)) })
      using sender = keepConnections(mock.url)
      const check = bodyCheck(findRelease(name) as Release)
      const needed = new Set<string>()
      for (const exchange of recording.exchanges) {
        const answer = withoutPrefix(await replay(sender, exchange, recording, prefix), prefix)
        const found = differences(exchange, answer, recording)
        if (known.some((difference) => difference.exchange === exchange.name)) {
          if (found.length > 0) needed.add(exchange.name)
          continue
        }
        if (found.length > 0) t.fail(exchange.name, { found })
        if (!check(answer)) t.fail(`schema: ${exchange.name}`)
      }
      t.strictSame(
        [...needed].sort(),
        known.map(({ exchange }) => exchange).sort(),
        'every listed difference is still one',
      )
    })
  }
}

/** Ways on from a world stay in it. */
function withoutPrefix({ headers, ...answer }: WireAnswer, prefix: string): WireAnswer {
  const { location } = headers
  if (location === undefined || prefix === '') return { headers, ...answer }
  return { ...answer, headers: { ...headers, location: String(location).replaceAll(`${prefix}/`, '/') } }
}

const OpenApi = Type.Object({ openapi: Type.Literal('3.0.3'), paths: Type.Object({}), components: Type.Object({}) })

/** Answers are kept text, so nothing but this would notice a body that its schema does not allow. */
function bodyCheck(release: Release) {
  const { RefreshToken, RefreshTokenList, UsedBy } = bodySchemas(release)
  const bodies = [
    RefreshToken,
    RefreshTokenList,
    UsedBy,
    ViewMetadata,
    ErrorDetail,
    FilterErrors,
    NullCharacters,
    OpenApi,
    Config,
  ]
  const schemas = bodies.map((schema) => Compile(schema))
  return ({ body, headers }: WireAnswer): boolean => {
    if (body === '' || !String(headers['content-type']).startsWith('application/json')) return true
    const value = JSON.parse(body)
    return schemas.some((schema) => schema.Check(value))
  }
}
