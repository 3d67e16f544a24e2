import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { makeCertificate } from '../../src/server/make-certificate.js'
import { send } from '../http.js'
import { type Running, runToEnd, serve } from '../process.js'
import { freePort } from '../socket.js'
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
  t.match(await three.ended, { code: 4, stderr: /^authentik-mock: --fail-on warning: found 1 finding: [^\n]+\n$/ })
  t.match(JSON.parse(await readFile(three.file, 'utf8')), { requests: 2, findings: [{ count: 2 }] })

  await server.kill()
  two.process.kill('SIGTERM')
  const { code, stderr } = await two.ended
  t.equal(code, 4, 'what it saw itself')
  t.match(
    stderr,
    /^authentik-mock: the report lacks what other mocks saw: the store unix:\S+ [^\n]+\nauthentik-mock: --fail-on [^\n]+\n$/,
  )
  t.match(JSON.parse(await readFile(two.file, 'utf8')), { requests: 1, findings: [{ count: 1 }] })

  await send(one.url, LIST)
  await server.start()
  let requests = 0
  while (requests < 3) {
    const answer = await send(one.url, { path: '/_mock/report', headers: ROOT })
    if (answer.status === 200) ({ requests } = JSON.parse(answer.body))
  }
  t.equal(requests, 3, 'what was asked while the store was away is told later')
})

t.test('a store that wants to know who asks, by TLS or without', SKIP, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'am-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const { cert, key, ca = '' } = await makeCertificate(['localhost', '127.0.0.1'])
  const [certFile, keyFile, caFile] = ['cert', 'key', 'ca'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  await Promise.all([writeFile(certFile, cert), writeFile(keyFile, key), writeFile(caFile, ca)])
  const [port, secure] = [await freePort(), await freePort()]
  const options = ['--port', `${port}`, '--tls-port', `${secure}`, '--tls-auth-clients', 'no', '--databases', '16']
  const files = ['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', caFile]
  const users = ['default on nopass ~* +@all', 'mock on >s:/@% ~x:* +@read +@write +@scripting +@connection +time']
  const more = [...users, 'weak on >secret ~* +@read'].flatMap((user) => ['--user', ...user.split(' ')])
  await using server = await openStoreServer(STORE_PROGRAM as string, ...options, ...files, ...more)
  const at = `localhost:${port}`
  const known = await runs(t, `redis://mock:s%3A%2F%40%25@${at}/3?prefix=x:`)
  t.equal((await send(known, LIST)).status, 200)
  t.match(server.ask('-n', '3', 'KEYS', 'x:*'), /x:log:\n?/)
  t.equal(server.ask('-n', '0', 'KEYS', '*'), '')
  const trusting = await runs(t, `rediss://localhost:${secure}/1`, { NODE_EXTRA_CA_CERTS: caFile })
  t.equal((await send(trusting, LIST)).status, 200)

  const refused: [store: string, code: number, stderr: RegExp][] = [
    [`redis://mock:secret@${at}`, 3, / the store redis:\S+ does not know this user and password$/],
    [`redis://weak:secret@${at}`, 3, / does not allow this user what the mock needs$/],
    [`redis://:secret@${at}`, 3, / knows no user, and was given a password$/],
    [`redis://${at}/16`, 3, / has no such database$/],
    [`rediss://localhost:${secure}`, 3, / cannot be reached: (?:DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|UNABLE_TO)\w+$/],
    [`redis://:secret@localhost:${secure}`, 3, / cannot be reached: ECONNRESET$/],
    [`redis://:secret@no-host.invalid`, 3, / cannot be reached: (?:ENOTFOUND|EAI_AGAIN)$/],
    ...[`valkey://:secret@${at}`, `redis://:secret@${at}?prefix=a&prefix=b`, `redis://:secret@${at}/1?db=2`].map(
      (store): [string, number, RegExp] => [store, 2, / --store: found another text; allowed: redis:/],
    ),
  ]
  await Promise.all(
    refused.map(async ([store, code, said]) => {
      const ended = await runToEnd(['--port', '0', '--store', store])
      t.match(ended, { code, stdout: '' }, store)
      const [line = '', ...others] = ended.stderr.split('\n')
      t.match(line, said)
      t.strictSame(others, [''], 'one line')
      t.notMatch(ended.stderr, /secret/)
    }),
  )
})

async function runs(t: Test, store: string, environment: Record<string, string> = {}): Promise<string> {
  const mock = await serve(['--token', TOKEN, '--store', store], environment)
  t.teardown(() => mock[Symbol.asyncDispose]())
  return mock.url
}
