import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { allowanceOf, readKnown } from '../../replay/known.js'
import { DIFFERENCES } from '../../replay/options.js'
import { readRecording } from '../../replay/recording.js'
import { replay } from '../../replay/replay.js'

/** The OAuth2 endpoints, and the API next to them, answer as the real ones did: `npm run replay` on every recording. */

const FOLDER = join(import.meta.dirname, 'oauth2')
const known = readKnown(DIFFERENCES)
const recordings = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => /^[^/]+\/.*\.json$/.test(file) && !file.endsWith('world.json'))
  .map((file) => ({ name: file, recorded: join(FOLDER, file), world: join(FOLDER, file, '..', 'world.json') }))

for (const { name, ...files } of recordings) {
  t.test(`${name} is answered as recorded`, async (t) => {
    const { passed, failed, lines } = await replay({ ...files, known })
    for (const line of lines) t.fail(line)
    t.ok(passed > 0)
    t.equal(failed, 0)
  })
}

t.test('every listed difference speaks of a recorded step', async (t) => {
  const all = recordings.map(({ recorded }) => readRecording(recorded))
  for (const entry of known) {
    const allowance = allowanceOf([entry], entry.release)
    for (const { release, steps } of all) {
      if (release === entry.release) for (const step of steps) allowance.judged(step.name)
    }
    t.strictSame(allowance.unneeded(), [entry], entry.steps)
  }
})
