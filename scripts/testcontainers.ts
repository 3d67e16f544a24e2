import assert from 'node:assert'
import { AuthentikMockContainer } from '../src/testcontainers/container.js'

/** Starts the image by Testcontainers, for real: `npm run testcontainers`, where there is Docker. */

await using container = await new AuthentikMockContainer('authentik-mock')
  .withRelease('2026.2')
  .withFixtures({ users: [{ username: 'jane' }], refresh_tokens: [{ pk: 7, user: 'jane' }] })
  .start()
const headers = { authorization: `Bearer ${container.getToken()}` }
const path = '/api/v3/oauth2/refresh_tokens/7/'
const ask = async (method: string) => (await fetch(container.getUrl() + path, { method, headers })).status
assert.deepEqual([await ask('GET'), await ask('DELETE'), await ask('GET')], [200, 204, 404])
const mock = await container.getMock()
assert.equal(await mock.countRequests({ method: 'DELETE', status: 204 }), 1)
console.log(`the image answers at ${container.getUrl()} as ${(await mock.info()).release}`)
