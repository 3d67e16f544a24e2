import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startMock } from '../../src/index.js'
import listed from '../conformance/differences.json' with { type: 'json' }
import { differences, readRecording, replay } from '../conformance/exchanges.js'
import { keepConnections, type Sender } from '../http.js'
import { IN_MEMORY, openStoreServer, STORE_PROGRAM } from './server.js'

/** What a real authentik was asked, asked of three mocks in turn: they answer as the one did. */

const FOLDER = join(import.meta.dirname, '..', 'conformance')
const RELEASES = readdirSync(FOLDER, { withFileTypes: true }).filter(
  (entry) => entry.isDirectory() && entry.name !== 'oauth2',
)
const known: { exchange: string }[] = listed

t.test('recordings', { skip: STORE_PROGRAM === undefined && 'no store is there' }, async (t) => {
  await using server = await openStoreServer(STORE_PROGRAM as string, ...IN_MEMORY)
  for (const { name } of RELEASES)
    await t.test(name, async (t) => {
      const recording = readRecording(name)
      const open = () =>
        startMock({
          ...{ release: name, fixtures: join(recording.folder, 'world.json'), logLevel: 'silent' },
          store: `${server.url}?prefix=${name}:`,
        })
      await using a = await open()
      await using b = await open()
      await using c = await open()
      const senders = [a, b, c].map(({ url }) => keepConnections(url))
      let i = 0
      for (const exchange of recording.exchanges) {
        if (known.some((difference) => difference.exchange === exchange.name)) continue
        const answer = await replay(senders[i++ % senders.length] as Sender, exchange, recording, '')
        const found = differences(exchange, answer, recording)
        if (found.length > 0) t.fail(exchange.name, { found })
      }
      t.ok(i > 10, `${i} exchanges`)
    })
})
