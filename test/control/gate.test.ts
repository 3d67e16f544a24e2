import t from 'tap'
import { createGate, type Held } from '../../src/control/faults/gate.js'
import { createOwnTime } from './waits.js'

/** Requests to one mock wait for each other: what no test over HTTP can wait for. */

t.test('one that is not answered is waited for as long as it may take, and no longer', async (t) => {
  const waits = createOwnTime()
  const went: string[] = []
  let answerLate = () => {}
  const held = (name: string, how: 'answered' | 'stuck'): Held => ({
    delay: (then) => then(),
    go(_, answered) {
      went.push(name)
      if (how === 'answered') answered()
      else answerLate = answered
    },
  })
  const gate = createGate({ size: 1, isSerial: true, patience: 5_000, waits })
  gate.enter(held('stuck', 'stuck'))
  gate.enter(held('waits', 'answered'))
  waits.pass(4_999)
  t.strictSame(went, ['stuck'])
  waits.pass(1)
  t.strictSame(went, ['stuck', 'waits'])
  const answer = answerLate
  gate.enter(held('next', 'stuck'))
  gate.enter(held('last', 'answered'))
  answer()
  t.strictSame(went, ['stuck', 'waits', 'next'], 'who is answered late is not waited for any more')
  answerLate()
  t.strictSame(went, ['stuck', 'waits', 'next', 'last'])
  t.equal(waits.size, 0, 'nothing is left of it')
})
