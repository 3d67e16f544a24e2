import { join } from 'node:path'
import t from 'tap'
import { readKnown } from '../../replay/known.js'
import { beginOf } from '../../replay/moments.js'
import { DIFFERENCES } from '../../replay/options.js'
import { readRecording } from '../../replay/recording.js'
import { replay } from '../../replay/replay.js'
import { readWorld } from '../../replay/world.js'
import { startMock } from '../../src/index.js'
import { formatInstant } from '../../src/world/instant.js'
import { IN_MEMORY, openStoreServer, STORE_PROGRAM } from './server.js'

/**
 * What people and clients asked a real authentik, asked of three mocks in turn: rows, sessions, codes and pages shown are
 * everywhere. token.json is not among them, for its races: mocks that share a store take turns, and one wins.
 */

const FOLDER = join(import.meta.dirname, '..', 'conformance', 'oauth2')
const RECORDINGS = ['2025.2.4/api', '2025.2.4/authorize', '2025.2.4/endpoints', '2025.2.4/rows', '2025.12.4/lifecycle']

t.test('recordings', { skip: STORE_PROGRAM === undefined && 'no store is there' }, async (t) => {
  await using server = await openStoreServer(STORE_PROGRAM as string, ...IN_MEMORY)
  for (const name of RECORDINGS)
    await t.test(name, async (t) => {
      const files = { recorded: join(FOLDER, `${name}.json`), world: join(FOLDER, name, '..', 'world.json') }
      const recording = readRecording(files.recorded)
      const world = readWorld(files.world, recording)
      const begin = beginOf(recording)
      const open = () =>
        startMock({
          ...{ release: recording.release, fixtures: world, logLevel: 'silent' },
          store: `${server.url}?prefix=${name}:`,
        })
      await using a = await open()
      await using b = await open()
      await using c = await open()
      if (begin !== undefined) {
        await a.clock.set(formatInstant(begin))
        await a.clock.freeze()
        await a.fixtures.replace(world)
      }
      const url = [a, b, c].map(({ url }) => url)
      const { passed, failed, lines } = await replay({ ...files, url, known: readKnown(DIFFERENCES) })
      for (const line of lines) t.fail(line)
      t.equal(failed, 0)
      t.ok(passed > 50, `${passed} steps`)
    })
})
