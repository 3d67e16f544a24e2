import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { startWorld } from '../../src/world/start.js'
import { serveSnapshot } from './served.js'

/** A process opens and closes many mocks, and shares among them what is the same for all. */

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

t.test('nothing of a closed mock is held, whatever it was asked last', async (t) => {
  const paths = [
    '/_mock/',
    '/_mock/users',
    '/_mock/refresh_tokens/1',
    '/_mock/openapi.json',
    '/_mock/nothing',
    '/_mock/requests',
    '/_mock/look?path=/api/v3/core/users/',
    '/api/v3/core/users/',
    '/api/v3/core/users/?is_superuser=true',
    '/api/v3/core/users/?search=a',
    '/api/v3/core/groups/?search=a',
    '/api/v3/core/applications/',
    '/api/v3/oauth2/refresh_tokens/?ordering=-expires',
    '/api/v3/core/users/1/used_by/',
    '/application/o/authorize/',
  ]
  for (const path of paths) {
    const [snapshot, status] = await closedAfter(path)
    for (let round = 0; round < 10 && snapshot.deref() !== undefined; round++) {
      await turn()
      collectGarbage()
    }
    t.equal(snapshot.deref(), undefined, `${path} (${status})`)
  }
})

async function closedAfter(path: string): Promise<[snapshot: WeakRef<object>, status: number]> {
  const { snapshot } = await startWorld({ sources: [], generate: 20, seed: 1, token: 'root', begin: 0 })
  await using served = await serveSnapshot(snapshot)
  const { status } = await served.ask({ path, headers: { Authorization: 'Bearer root' } })
  return [new WeakRef(snapshot), status]
}
