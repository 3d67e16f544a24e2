// Times the library in a process of its own, in milliseconds after it was imported: the first start and many more, then
// the first reset (which loads the control API) and many more, each of a world with a hundred rows deleted.
import { startMock } from '../../dist/index.js'

const TIMES = 30
const ROWS = 100

const starts = []
for (let i = 0; i <= TIMES; i++) {
  const before = performance.now()
  const { close } = await startMock()
  starts.push(performance.now() - before)
  await close()
}

const mock = await startMock({ generate: 1000 })
const resets = []
for (let i = 0; i <= TIMES; i++) {
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
process.stdout.write(JSON.stringify({ starts, resets }))
