import t from 'tap'
import { createWork } from '../../src/world/work.js'

t.test('of many works one is done at a time, and others get their turn between', async (t) => {
  let round = 0
  let isOver = false
  const count = () => {
    round++
    if (!isOver) setImmediate(count)
  }
  count()
  const rounds: number[] = []
  const works = Array.from({ length: 5 }, (_, i) =>
    createWork(function* () {
      for (let step = 0; step < 3; step++) {
        rounds.push(round)
        // Longer than a turn.
        for (const end = performance.now() + 12; performance.now() < end; );
        yield
      }
      return i
    }).spread(),
  )
  t.strictSame(await Promise.all(works), [0, 1, 2, 3, 4])
  isOver = true
  t.equal(rounds.length, 15)
  t.equal(new Set(rounds).size, 15, 'each step in a round of its own')
})
