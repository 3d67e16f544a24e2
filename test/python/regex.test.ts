import t from 'tap'
import { matchesWhole } from '../../src/python/regex.js'

t.test('an expression is judged by what it takes of the processor, however long its process is held up', async (t) => {
  for (const [expression, matches] of [
    ['[a-z]+', true],
    ['[0-9]+', false],
  ] as const) {
    let isHeldUp = true
    const text = {
      toString() {
        if (isHeldUp) {
          isHeldUp = false
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
        }
        return 'text'
      },
    }
    t.equal(matchesWhole(expression, text as unknown as string), matches, expression)
    t.notOk(isHeldUp)
  }
})
