import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { send } from '../http.js'
import { type Running, serve } from '../process.js'
import { ROOT, TOKEN } from './replicas.js'
import { openStoreServer, STORE_PROGRAM } from './server.js'

/** Programs that share a store: how they begin, and how they end. */

const SKIP = { skip: STORE_PROGRAM === undefined && 'neither valkey-server nor redis-server is there' }
const LIST = { path: '/api/v3/oauth2/refresh_tokens/?limit=5', headers: ROOT }

t.test('the report at the end is that of all', SKIP, async (t) => {
  await using server = await openStoreServer(STORE_PROGRAM as string)
  const folder = await mkdtemp(join(tmpdir(), 'am-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const mocks: (Running & { url: string; file: string })[] = []
  for (const name of ['one', 'two', 'three']) {
    const file = join(folder, `${name}.json`)
    const options = ['--token', TOKEN, '--report', file, '--fail-on', 'warning']
    mocks.push({ ...(await serve(['--store', server.url, ...options])), file })
  }
  t.teardown(() => Promise.all(mocks.map((mock) => mock[Symbol.asyncDispose]())))
  const [one, two, three] = mocks as [(typeof mocks)[0], (typeof mocks)[0], (typeof mocks)[0]]
  await send(one.url, LIST)
  await send(two.url, LIST)
  three.process.kill('SIGTERM')
  t.match(await three.ended, { code: 4, stderr: '' })
  t.match(JSON.parse(await readFile(three.file, 'utf8')), { requests: 2, findings: [{ count: 2 }] })

  await server.kill()
  two.process.kill('SIGTERM')
  const { code, stderr } = await two.ended
  t.equal(code, 4, 'what it saw itself')
  t.match(stderr, /^authentik-mock: the report lacks what other mocks saw: the store unix:\S+ [^\n]+\n$/)
  t.match(JSON.parse(await readFile(two.file, 'utf8')), { requests: 1, findings: [{ count: 1 }] })

  await send(one.url, LIST)
  await server.start()
  let requests = 0
  for (; requests < 3; ) {
    const answer = await send(one.url, { path: '/_mock/report', headers: ROOT })
    if (answer.status === 200) ({ requests } = JSON.parse(answer.body))
  }
  t.equal(requests, 3, 'what was asked while the store was away is told later')
})
