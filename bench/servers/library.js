// Times the library in a process of its own, in milliseconds after it was imported: the first start, the first reset
// (which loads the control API) and many more, each of a world with a hundred rows deleted.
import { startMock } from '../../dist/index.js'

const RESETS = 30
const ROWS = 100

const begin = performance.now()
const mock = await startMock({ generate: 1000 })
const start = performance.now() - begin

const resets = []
for (let i = 0; i <= RESETS; i++) {
  for (let pk = 1; i > 0 && pk <= ROWS; pk++)
    await fetch(`${mock.url}/api/v3/oauth2/refresh_tokens/${pk}/`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${mock.token}` },
    })
  const before = performance.now()
  await mock.reset()
  resets.push(performance.now() - before)
}
await mock.close()
process.stdout.write(JSON.stringify({ start, resets }))
